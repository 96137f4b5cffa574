#include <wavetank/props/batch/gate_program.h>

#include <algorithm>
#include <string>
#include <utility>

#include <wavetank/props/program/run_side_by_side.h>
#include <wavetank/sim/assertion.h>

namespace wavetank::props {

namespace {

/// Counts itself inside while it lives: it ends before the admission does, also when its task is killed.
class visit {
 public:
  visit(std::array<int, 2>& inside, std::vector<std::size_t> to) : inside_(inside), to_(std::move(to)) {
    for (const auto one : to_) ++inside_[one];
  }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;
  ~visit() {
    for (const auto one : to_) --inside_[one];
  }

 private:
  std::array<int, 2>& inside_;
  const std::vector<std::size_t> to_;
};

}  // namespace

vocabulary gate_words(std::uint32_t least_branches, std::uint32_t most_branches) {
  constexpr auto number = operand_kind::number;
  const operand which{"shards", number, 1, 3, 1};  // bits
  const operand deadline{"within", number, 0, 100, 0, 4};
  const operand hold{"hold", number, 0, 10, 0, 2};
  vocabulary words;
  words.verbs = {
      {"enter", false, 8, {which, deadline, hold}},
      {"hand", false, 4, {which, deadline, {"to", number, 1, most_branches, 1}}},
      {"leave", false, 3, {}},
      {"pause", false, 6, {which, deadline, hold}},
      {"lend", false, 3, {which, hold}},
      {"watch", false, 3, {deadline}},
      {"resume", false, 3, {}},
  };
  words.least_branches = least_branches;
  words.most_branches = most_branches;
  words.most_generated_steps = 4;
  return words;
}

gate_program::gate_program(sim::world& w, const program& p)
    : world_(w), what_(p), gate_(w.runtime(), shards), tasks_(p.branches.size() + 1, w.runtime().current_task()) {
  const auto shares = [](const step& s) {
    return s.verb == static_cast<std::uint32_t>(gate_verb::hand) ||
           s.verb == static_cast<std::uint32_t>(gate_verb::lend);
  };
  handles_are_shared_ = std::any_of(p.prefix.begin(), p.prefix.end(), shares);
  for (const auto& branch : p.branches) {
    handles_are_shared_ = handles_are_shared_ || std::any_of(branch.begin(), branch.end(), shares);
  }
}

void gate_program::run() {
  run_side_by_side(world_, what_, [this](std::uint64_t task, const step& s) { perform(task, s); });
  kept_.clear();
  lent_.clear();
  for (std::size_t one = 0; one < shards; ++one) {
    world_.require(gate_.admissions(one) == 0, "an admission has leaked");
    world_.require(gate_.pauses(one) == 0, "a pause has leaked");
  }
}

gate_program::gate_type::shard_list gate_program::shards_of(std::uint64_t mask) {
  gate_type::shard_list all;
  for (std::size_t one = 0; one < shards; ++one) {
    if ((mask >> one & 1U) != 0) all.push_back(one);
  }
  return all;
}

void gate_program::perform(std::uint64_t task, const step& s) {
  tasks_[task] = world_.runtime().current_task();
  switch (static_cast<gate_verb>(s.verb)) {
    case gate_verb::enter:
      return enter(s.operands);
    case gate_verb::hand:
      return hand(s.operands);
    case gate_verb::leave:
      return leave();
    case gate_verb::pause:
      return pause(s.operands);
    case gate_verb::lend:
      return lend(s.operands);
    case gate_verb::watch:
      return watch(s.operands);
    case gate_verb::resume:
      return resume();
  }
}

/// Where handles outlive the steps that made them, a task may wait for what it holds itself: then nobody waits for
/// ever.
sim::time_point gate_program::within(std::uint64_t ms) const {
  constexpr std::uint64_t long_enough_ms = 100;
  if (ms == 0 && !handles_are_shared_) return sim::time_point::max();
  return clock_now() + std::chrono::milliseconds(ms == 0 ? long_enough_ms : ms);
}

/// For who has just heard that these shards are drained, or holds the pause under which they were.
void gate_program::require_nobody_inside(const gate_type::shard_list& over) {
  for (const auto one : over) sim::require(inside_[one] == 0, "somebody is inside under a drained pause");
  const auto is_over = [&](std::size_t one) { return std::find(over.begin(), over.end(), one) != over.end(); };
  sim::scheduler::here().unobserved([&] {
    for (const auto& kept : kept_) {
      const bool covered = std::any_of(kept->over.begin(), kept->over.end(), is_over);
      sim::require(!covered || !kept->handle.valid(), "an admission is held under a drained pause");
    }
  });
}

/// Whether the task has ended, or has begun to and its death was announced.
bool gate_program::is_dead(task_id who) {
  const sim::task* const known = sim::scheduler::here().find(who);
  return known == nullptr || known->state >= sim::task_state::dying;
}

// Writers -------------------------------------------------------------------------------------------------------------

std::optional<gate_program::gate_type::token> gate_program::admitted(const gate_type::shard_list& to,
                                                                     sim::time_point deadline) {
  const auto begun = clock_now();
  auto inside = to.size() == 1 ? gate_.enter(to.front(), deadline) : gate_.enter_many(to, deadline);
  if (inside) {
    if (clock_now() != begun) reached("a writer waited for the end of a pause");
    if (to.size() == 2) reached("two shards were entered");
    return std::move(*inside);
  }
  sim::require(inside.error() == gate_error::timed_out && deadline <= clock_now(), "turned away before its deadline");
  reached("a writer was turned away");
  return std::nullopt;
}

/// Operands: shards, deadline in ms, how long in ms.
void gate_program::enter(const operands& o) {
  const auto to = shards_of(o[0]);
  auto token = admitted(to, within(o[1]));
  if (!token) return;
  const visit here{inside_, to};
  sleep(o[2]);
  sim::require(token->valid(), "an admission ended although nobody ended it");
}

/// Operands: shards, deadline in ms, to whom.
void gate_program::hand(const operands& o) {
  const auto to = shards_of(o[0]);
  auto token = admitted(to, within(o[1]));
  if (!token) return;
  const task_id heir = tasks_[std::min<std::size_t>(o[2], tasks_.size() - 1)];
  const bool live = token->transfer(world_.runtime(), heir);
  sim::require(live || is_dead(heir), "an admission has ended although the task lives that it was handed to");
  reached(live ? "an admission was handed over" : "an admission was handed to the dead");
  kept_.push_back(std::make_shared<handed_token>(handed_token{std::move(*token), to, heir}));
}

void gate_program::leave() {
  if (kept_.empty()) return;
  const auto one = kept_.front();
  kept_.pop_front();
  if (one->handle.leave()) return;
  sim::require(is_dead(one->heir), "an admission has ended although its owner lives");
  reached("an admission had ended with its owner");
}

// Maintenance ---------------------------------------------------------------------------------------------------------

/// Operands: shards, deadline in ms, how long in ms.
void gate_program::pause(const operands& o) {
  const auto over = shards_of(o[0]);
  const auto lease = gate_.pause(over);
  const auto deadline = within(o[1]);
  if (const auto drained = gate_.await_drained(*lease, deadline); !drained) {
    sim::require(drained.error() == gate_error::timed_out, "a pause was lost although its task lives");
    sim::require(deadline <= clock_now(), "not drained before its deadline");
    return reached("not drained at its deadline");
  }
  reached("drained");
  require_nobody_inside(over);
  sleep(o[2]);
  require_nobody_inside(over);
  sim::require(lease->valid(), "a pause ended although nobody ended it");
}

/// Operands: shards, how long in ms. The pause goes on until somebody ends it, or its task ends.
void gate_program::lend(const operands& o) {
  const auto over = shards_of(o[0]);
  lent_.push_back(std::make_shared<lent_lease>(lent_lease{std::move(*gate_.pause(over)), over}));
  sleep(o[1]);
}

/// Operands: deadline in ms.
void gate_program::watch(const operands& o) {
  if (lent_.empty()) return;
  const auto pause = lent_.front();
  const auto deadline = within(o[0]);
  const auto drained = gate_.await_drained(pause->handle, deadline);
  if (drained) {
    require_nobody_inside(pause->over);
    return reached("drained under the pause of another");
  }
  if (drained.error() == gate_error::timed_out) {
    return sim::require(deadline <= clock_now(), "not drained before its deadline");
  }
  reached("a pause was lost");
  sim::require(!pause->handle.valid(), "a pause that is held is called lost");
}

void gate_program::resume() {
  if (lent_.empty()) return;
  const auto one = lent_.front();
  lent_.pop_front();
  if (one->handle.resume()) reached("a pause was ended by another task");
}

}  // namespace wavetank::props
