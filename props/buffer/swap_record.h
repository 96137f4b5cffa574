// A run of a partition, as the events of the model of its swap: each must be one that the model allows then.
//
// What is seen: the loads and stores of the word that says which table is current, what is done to the shards' gates,
// insertions, the processor's calls, and what a listener is told. Each attempt of the drainer to close a gate is a look
// at that shard, with the answer that it got, so that what is handed over and what is left follow from what was seen. A
// writer's resolution is taken when it registers, of the generation that it then names; an attempt that registers
// nobody is no step. What is not seen is taken as soon as something follows from it: a tick before a swap; that a swap
// left everything, before the next one; the success of a call, which its partition notes later than it returns. Leaves
// out: the partition's own task, whose death changes nothing that the model knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/model/double_buffer_swap.h>
#include <wavetank/model/lockstep.h>
#include <wavetank/props/buffer/buffer_ledger.h>
#include <wavetank/props/program/watched_runtime.h>
#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::props {

/// A finding ends the execution; nothing is judged after it.
class swap_record final : public atomic_observer, public buffer_listener {
 public:
  using numbers = buffer_ledger::numbers;

  struct terms {
    std::size_t shards = 1;
    std::uint64_t batch_size = 1;  ///< 0: whole tables
    bool at_least_once = false;
    std::size_t most_records = 0;
    std::uint64_t most_held = 0;  ///< 0: no bound
  };
  explicit swap_record(const terms& t);
  ~swap_record() override { current = nullptr; }
  swap_record(const swap_record&) = delete;
  swap_record& operator=(const swap_record&) = delete;

  /// Of the execution that this thread is running.
  static thread_local constinit inline swap_record* current = nullptr;

  // The running task as a writer ------------------------------------------------------------------------------------

  void inserted(std::uint64_t record);
  /// It has taken a lease of its own, which no bound holds back.
  void passes_the_bound();
  /// It dies, and has a lease.
  void dies();

  // The running task flushes ----------------------------------------------------------------------------------------

  void flush_begins();
  void flush_ends(bool answered);

  // The processor, and what a stop gives back -----------------------------------------------------------------------

  void call_begins(const numbers& batch);
  void call_returns();
  void gave_back(const numbers& rest);

  // What is told by the world and by the partition ------------------------------------------------------------------

  number named(std::string_view name) noexcept override;
  void loaded(number which, value seen, std::memory_order order) noexcept override;
  void stored(number which, value now) noexcept override;
  void compared(number which, value expected, value seen, value desired) noexcept override;
  void added(number, value, value) noexcept override {}

  void processing_started(std::size_t, std::uint64_t, std::chrono::nanoseconds,
                          std::chrono::nanoseconds) noexcept override;
  void processing_finished(std::size_t, std::uint64_t, std::chrono::nanoseconds) noexcept override;
  void processing_failed(std::size_t, processing_failure reason, std::uint64_t, std::string_view) noexcept override;
  void stuck(std::size_t, bool now) noexcept override;
  void stopped(std::size_t, std::string_view, bool drained) noexcept override;

 private:
  using spec = model::double_buffer_swap;
  using event = spec::event;
  using response = spec::response;
  using generation = std::uint64_t;

  struct writer {
    std::size_t place;  ///< among the tasks that write
    std::size_t shard = 0;
    generation in = 0;  ///< where it registered last
    bool has_written = false;
    bool passes_the_bound = false;
    bool dying = false;
  };
  struct gate {
    std::size_t shard = 0;
    bool was_used = false;
    std::optional<sim::task_index> holder{};
  };

  writer& here();
  std::uint64_t name_of(const writer& who) const { return who.place * terms_.shards + who.shard; }

  void hold(gate& at, value expected, value seen);
  void let_go(gate& at);
  void publish(value word);
  void look(const gate& at, value expected, value seen);
  bool is_swapping() const { return possible().swap == spec::swap_stage::looking; }
  void settle_shards();
  void end_swap();

  void judge(std::optional<model::refusal<spec>> refused);
  void observe(event what, response said, std::uint64_t a = 0, std::uint64_t b = 0);
  void observe_unknown(event what, std::uint64_t a = 0);
  void perhaps(event what);
  const spec::state& possible() const { return judge_.possible_states().front(); }

  const observed_by observed_{*this};
  const terms terms_;
  model::lockstep<spec> judge_;
  bool judged_ = false;  ///< something was refused
  std::map<sim::task_index, writer> writers_;
  std::vector<gate> gates_;  ///< in the order of the tables, and of the shards of each
  std::map<std::uint64_t, spec::record_number> accepted_;
  value current_ = 0;
  bool is_handed_over_ = false;  ///< what the last swap has taken, which no processor has begun with
  bool stuck_ = false;
  bool given_up_ = false;  ///< a call, by a stop at its deadline
};

}  // namespace wavetank::props
