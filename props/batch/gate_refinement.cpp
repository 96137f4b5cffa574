#include <wavetank/props/batch/gate_refinement.h>

#include <chrono>
#include <cstdint>
#include <list>
#include <utility>

#include <wavetank/impl/batch/sync_gate.h>
#include <wavetank/props/batch/gate_record.h>
#include <wavetank/props/program/run_side_by_side.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/assertion.h>

namespace wavetank::props {

namespace {

using gate = sync_gate<watched_runtime>;

enum class refinement_verb : std::uint32_t { enter, pause };

/// What is held outlives the tasks, so that their deaths end it and not the unwinding of their stacks.
class gate_run {
 public:
  explicit gate_run(sim::world& w) : world_(w) {}

  /// Operands: within how many ms (0: no deadline), for how many ms.
  void perform(const step& s) {
    const auto deadline =
        s.operands[0] == 0 ? gate::no_deadline : clock_now() + std::chrono::milliseconds(s.operands[0]);
    if (static_cast<refinement_verb>(s.verb) == refinement_verb::enter) {
      auto inside = gate_.enter(0, deadline);
      if (!inside) return;
      auto& mine = tokens_.emplace_back(std::move(*inside));
      work(s.operands[1]);
      mine.leave();
    } else {
      auto& mine = leases_.emplace_back(std::move(*gate_.pause({0})));
      if (gate_.await_drained(mine, deadline)) work(s.operands[1]);
      mine.resume();
    }
  }

  void require_nothing_left() {
    world_.require(gate_.admissions(0) == 0 && gate_.pauses(0) == 0, "something has leaked");
  }

 private:
  void work(std::uint64_t ms) { world_.runtime().sleep_until(clock_now() + std::chrono::milliseconds(ms)); }

  sim::world& world_;
  watched_runtime runtime_;
  gate gate_{runtime_, 1};
  std::list<gate::token> tokens_;
  std::list<gate::lease> leases_;
};

}  // namespace

vocabulary gate_refinement_words() {
  constexpr auto number = operand_kind::number;
  const operand deadline{"within", number, 0, 20, 0, 4};
  const operand hold{"hold", number, 0, 10, 0, 2};
  vocabulary words;
  words.verbs = {{"enter", false, 3, {deadline, hold}}, {"pause", false, 2, {deadline, hold}}};
  words.least_branches = 2;
  words.most_branches = 4;
  words.most_generated_steps = 3;
  return words;
}

void run_gate_refinement(sim::world& w, const program& p) {
  gate_record record{p.branches.size() + 1};
  const observed_by observed{record};
  gate_run run{w};
  run_side_by_side(w, p, [&](std::uint64_t, const step& s) { run.perform(s); });
  run.require_nothing_left();
}

}  // namespace wavetank::props
