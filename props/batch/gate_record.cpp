#include <wavetank/props/batch/gate_record.h>

#include <wavetank/props/running.h>

namespace wavetank::props {

namespace {

constexpr atomic_observer::number admissions = 1;
constexpr atomic_observer::number pauses = 2;

}  // namespace

gate_record::gate_record(std::uint64_t tasks) : judge_(spec{{tasks, tasks, 2 * tasks}}) {}

gate_record::number gate_record::named(std::string_view name) noexcept {
  return name == "admissions" ? admissions : name == "pauses" ? pauses : 0;
}

std::size_t gate_record::who() {
  return numbers_.try_emplace(sim::scheduler::here().self().index, numbers_.size()).first->second;
}
bool gate_record::is_dying() { return sim::scheduler::here().self().state >= sim::task_state::dying; }

void gate_record::added(number which, value before, value now) noexcept {
  const std::size_t me = who();
  const auto& s = judge_.possible_states().front();
  if (which == admissions) {
    if (now > before) return observe(step_kind::publish);
    if (s.writers[me] == spec::writer::outside) return;  // it was sent back
    if (!is_dying()) return observe(step_kind::leave);
    reached("a writer died inside");
    return observe(step_kind::writer_dies);
  }
  if (now > before) return observe(step_kind::pause);
  if (!is_dying()) return observe(step_kind::resume);
  reached("a pauser died");
  observe(step_kind::pauser_dies);
}

void gate_record::loaded(number which, value seen, std::memory_order) noexcept {
  const std::size_t me = who();
  const auto& s = judge_.possible_states().front();
  if (which == pauses) {
    if (s.writers[me] != spec::writer::published) return;
    observe(step_kind::look, seen == 0 ? response::admitted : response::sent_back);
    reached(seen == 0 ? "admitted" : "sent back");
  } else if (s.pausers[me] == spec::pauser::waiting && seen == 0) {
    observe(step_kind::look_for_writers, response::drained);
    reached("drained");
  }
}

void gate_record::observe(step_kind what, response said) {
  if (refused_) return;
  const spec::command step{what, who()};
  if (sim::scheduler::here().told()) sim::scheduler::here().say(describe(step) + " -> " + describe(said));
  if (const auto refused = judge_.observe(step, said)) {
    refused_ = true;
    sim::scheduler::here().fail(sim::verdict_kind::assertion, "the gate is not its model's: " + describe(*refused));
  }
}

}  // namespace wavetank::props
