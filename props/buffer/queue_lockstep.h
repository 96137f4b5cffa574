// One task's calls to a partition of queues, compared with the model step by step.
//
// After each step all that can happen without time passing has happened. What the processor is given and what becomes
// of it are steps as well; a table is swapped in before its first batch. The counts are compared after each step.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include <wavetank/impl/buffer/double_buffer_partition.h>
#include <wavetank/impl/buffer/queue_table.h>
#include <wavetank/model/buffer.h>
#include <wavetank/model/lockstep.h>
#include <wavetank/props/buffer/buffer_ledger.h>
#include <wavetank/props/buffer/buffer_words.h>
#include <wavetank/props/program/program.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

class queue_lockstep final : private buffer_listener {
 public:
  queue_lockstep(sim::world& w, const program& p);
  void run();

 private:
  using spec = model::buffer;
  using table = queue_table<buffer_record>;
  using partition = double_buffer_partition<sim::runtime, table>;
  using context = processing_context<sim::runtime>;

  std::uint64_t setting(queue_setting which) const { return what_.settings[static_cast<std::size_t>(which)]; }
  failure_setting on_failure() const { return static_cast<failure_setting>(setting(queue_setting::on_failure)); }
  partition_options options() const;
  spec specification() const;

  void perform(const step& s);
  void put(std::uint64_t count, std::uint64_t within_ms);
  void flush(std::uint64_t within_ms);
  void stop(std::uint64_t within_ms);
  void come_to_rest();

  void process(const std::vector<buffer_record>& batch, const context& c);
  void processing_failed(std::size_t, processing_failure reason, std::uint64_t, std::string_view) noexcept override;
  void put_has_taken_effect();
  void note_return();
  void give_unseen(std::uint64_t records);
  void observe(const spec::command& what, const spec::response& said);

  sim::world& world_;
  const program& what_;
  model::lockstep<spec> judge_;
  std::map<std::uint64_t, processor_plan> plans_;
  std::vector<spec::entry> putting_;  ///< by the put that is under way, unless it has been seen to be accepted
  std::uint64_t numbers_ = 0;
  std::uint64_t calls_ = 0;
  std::uint64_t flushes_ = 0;
  std::uint64_t generation_ = 0;
  std::uint32_t attempt_ = 0;
  bool settled_ = true;    ///< the call that is under way
  bool returned_ = false;  ///< a call has, and the partition has not been seen to take it so
  bool given_up_ = false;  ///< by a stop at its deadline
  bool blind_ = false;     ///< what the last call came to cannot be told
  bool stopped_ = false;
  std::unique_ptr<partition> partition_;
};

}  // namespace wavetank::props
