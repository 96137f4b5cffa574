#include <wavetank/props/buffer/planned_processor.h>

#include <stdexcept>

#include <wavetank/props/running.h>
#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::props {

void planned_processor::process(buffer_ledger& ledger, const buffer_ledger::numbers& batch, const context& c) {
  const bool given_up = sim::scheduler::here().unobserved([&] { return c.stop.stop_requested(); });
  const auto call = ledger.call_begins(batch, c.generation, c.attempt, given_up);
  const std::uint64_t mine = ++calls_;
  struct ending {
    buffer_ledger& ledger;
    buffer_ledger::call_number call;
    buffer_ledger::ending how = buffer_ledger::ending::ended_task;
    ~ending() { ledger.call_ends(call, how); }
  } ends{ledger, call};
  try {
    sim::runtime::point("the processor is at work");
    const auto plan = plans_.find(mine);
    if (plan != plans_.end()) carry_out(plan->second, c.partition);
    sim::runtime::point("the processor has worked");
    ends.how = buffer_ledger::ending::returned;
  } catch (const std::runtime_error&) {
    ends.how = buffer_ledger::ending::threw;
    throw;
  }
}

void planned_processor::carry_out(processor_plan how, std::size_t partition) {
  switch (how) {
    case processor_plan::throws:
      throw std::runtime_error("as planned");
    case processor_plan::hangs:
      return world_.runtime().sleep_until(clock_now() + buffer_hang);
    case processor_plan::ends:
      throw end_of_task{};
    case processor_plan::pushes:
      reached("the processor pushes");
      return push_(partition, 1'000 + calls_);
  }
}

}  // namespace wavetank::props
