// A simulated computer: one disk, processes that can be killed, power that can fail.
//
// Processes share nothing but the disk. A process that is killed leaves the page cache behind; a power cut kills all of
// them and leaves what the disk's rules allow. Both strike before a call of the file system, by a decision within the
// budget: a dead process's memory is gone, so that where between two calls it died makes no difference to anybody.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <wavetank/sim/disk/disk.h>
#include <wavetank/sim/disk/process_file_system.h>
#include <wavetank/sim/process.h>
#include <wavetank/sim/runtime.h>

namespace wavetank::sim {

/// The file system as the tasks of a simulated process see it: each call is a visible operation at which the task, its
/// process or the machine may die.
using file_system = disk::process_file_system;

/// How often a machine's processes may die where a decision says so.
struct crash_budget {
  std::uint32_t process_kills = 0;
  std::uint32_t power_cuts = 0;
};

/// Lives inside one execution and is used by the harness, but for what its processes do.
class machine final : private disk::decider {
 public:
  explicit machine(const disk::disk_options& options = {}, const crash_budget& crashes = {});
  ~machine() override;
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  /// Starts a process that runs `body(runtime&, file_system&)`.
  template <class F>
  process start(std::string_view name, F&& body) {
    guest& c = new_process();
    c.handle = process(name, [&c, f = std::forward<F>(body)]() mutable { f(c.world, c.files); });
    return c.handle;
  }

  /// The process takes no further step; what it wrote stays in the page cache.
  void kill(const process& p);
  /// All processes die; the disk keeps what is decided, within its rules.
  void cut_power();
  /// How often the power failed.
  std::uint32_t power_cuts() const noexcept { return power_cuts_; }
  /// How often a decision killed a process.
  std::uint32_t process_kills() const noexcept { return process_kills_; }

  crash_budget& crashes() noexcept { return crashes_; }
  /// How many faults of the disk may strike in all, within the budgets of their kinds.
  void limit_faults(std::uint32_t most) noexcept { faults_left_ = most; }
  /// The disk is calm from now on, and nobody dies.
  void calm();
  disk::disk& disk() noexcept { return disk_; }

 private:
  /// What stands between a process and the disk.
  struct guest final : disk::call_watcher {
    explicit guest(machine& on);
    bool before_call(io_call call, std::string_view path) override;
    void elapse(std::chrono::nanoseconds duration) override;

    machine* owner;
    process handle;
    runtime world;
    file_system files;
  };

  guest& new_process();
  void maybe_crash(guest& caller);
  void die(const process& p);
  void lose_power();
  std::uint32_t choose(std::uint32_t alternatives, std::string_view label) override;
  std::uint32_t strike(std::uint32_t alternatives, std::string_view label) override;

  disk::disk disk_;
  crash_budget crashes_;
  object_id object_;
  std::uint32_t power_cuts_ = 0;
  std::uint32_t process_kills_ = 0;
  std::uint32_t faults_left_ = ~0u;
  std::vector<std::unique_ptr<guest>> processes_;
};

}  // namespace wavetank::sim
