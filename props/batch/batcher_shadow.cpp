#include <wavetank/props/batch/batcher_shadow.h>

#include <algorithm>
#include <utility>

#include <wavetank/props/batch/lockstep_verdict.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::props {

namespace {

using spec = model::window_batcher;
using event = spec::event;

using lockstep::require;
using lockstep::wrong;

std::string words(const batcher_shadow::batch& some) {
  std::string all = "[";
  for (const auto one : some) all += (all.size() == 1 ? "" : " ") + std::to_string(one);
  return all + "]";
}
std::string words(const std::optional<write_error>& failure) { return failure ? to_string(*failure) : "a result"; }
std::string name(batcher_shadow::request_number who) { return "request " + std::to_string(who); }

bool contains(const std::vector<std::uint64_t>& all, std::uint64_t one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// Why a slot of this kind is sealed.
commit_reason seal_reason(const spec::command& what, std::uint64_t kind) {
  if (what.what == event::direct) return commit_reason::order;
  if (what.what == event::submit) return what.b == kind ? commit_reason::rollover : commit_reason::order;
  return commit_reason::flush;
}

}  // namespace

write_error told_of(const commit_error& failed) {
  const bool unknown = failed.what == commit_error::kind::unknown;
  const auto problem = unknown ? write_problem::unknown_outcome : write_problem::not_committed;
  return {problem, write_cause::backend, {}, 0, 0, failed.text};
}

batcher_shadow::batcher_shadow(const model::window_batcher_bounds& bounds) : bounds_(bounds), judge_(spec{bounds}) {}

// Observations --------------------------------------------------------------------------------------------------------

spec::response batcher_shadow::observe(const spec::command& what, sim::time_point at) {
  const auto allowed = judge_.allowed(what);
  if (allowed.empty()) {
    wrong(model::describe(*judge_.observe(what, {})));
    return {};
  }
  const spec::state before = now();
  static_cast<void>(judge_.observe(what, allowed.front()));
  note_slots(before, what);
  note_answers(before, what, at);
  if (now().barrier && spec::settled_up_to(now(), *now().barrier)) flush_.is_done = std::min(flush_.is_done, at);
  if (is_stopping() && is_quiet()) stop_.is_done = std::min(stop_.is_done, at);
  return allowed.front();
}

void batcher_shadow::note_slots(const spec::state& before, const spec::command& what) {
  for (kind_number kind = 0; kind < now().open.size(); ++kind) {
    const bool is_other = now().opened[kind] != before.opened[kind];
    if (is_other && before.opened[kind] != 0) {
      slot_note gone = open_[kind];
      if (what.what != event::take) gone.reason = seal_reason(what, kind);
      for (const auto one : before.open[kind]) sealed_[one] = gone;
      open_.erase(kind);
    }
    if (is_other && now().opened[kind] != 0) open_[kind].opened = clock_now();
    const bool was_due = !is_other && contains(before.due, kind);
    if (is_due(kind) && !was_due) open_[kind].reason = due_reason(what, kind);
  }
}

/// Why the open slot of this kind may go from now on.
commit_reason batcher_shadow::due_reason(const spec::command& what, kind_number kind) const {
  if (what.what == event::timer) return commit_reason::timer;
  if (what.what != event::submit) return commit_reason::completion;
  const spec::load all = spec::load_of(now(), now().open[kind]);
  if (all.items == bounds_.max_items) return commit_reason::count;
  return all.bytes == bounds_.max_bytes ? commit_reason::bytes : commit_reason::work;
}

void batcher_shadow::note_answers(const spec::state& before, const spec::command& what, sim::time_point at) {
  for (std::size_t i = 0; i < before.requests.size(); ++i) {
    if (before.requests[i].is != fate::pending || now().requests[i].is == fate::pending) continue;
    settled_[i + 1] = {at, failure_of(i + 1, what)};
    deadlines_.erase(i + 1);
  }
}

std::optional<write_error> batcher_shadow::failure_of(request_number who, const spec::command& what) const {
  const bool queued = now().requests[who - 1].is == fate::not_committed;
  const auto problem = queued ? write_problem::not_committed : write_problem::unknown_outcome;
  if (what.what == event::deadline) return write_error{problem, write_cause::deadline};
  if (what.what == event::stop_gives_up) return write_error{problem, write_cause::stopped};
  if (what.what == event::destroy) return write_error{problem, write_cause::destroyed};
  return said_by_backend_.at(who);
}

bool batcher_shadow::is_due(kind_number kind) const { return contains(now().due, kind); }
bool batcher_shadow::is_quiet() const {
  return now().in_flight.empty() && spec::answered_up_to(now(), now().requests.size());
}
bool batcher_shadow::may_commit_directly(std::uint64_t submitter) const {
  return allows({event::direct_commit, submitter});
}

// Time ----------------------------------------------------------------------------------------------------------------

/// What comes of itself up to this instant, in its order. No two of these come at one instant.
void batcher_shadow::time_comes() {
  for (;;) {
    sim::time_point first = clock_now();
    std::optional<kind_number> window;
    std::optional<request_number> late;
    for (const auto& [kind, slot] : open_) {
      if (is_due(kind) || slot.ends > first) continue;
      first = slot.ends;
      window = kind;
    }
    for (const auto& [one, deadline] : deadlines_) {
      if (deadline > first) continue;
      first = deadline;
      late = one;
    }
    if (!stop_.returned && stop_.deadline <= first && !now().sealed.empty()) {
      observe({event::stop_gives_up}, stop_.deadline);
    } else if (late) {
      deadlines_.erase(*late);
      observe({event::deadline, *late}, first);
    } else if (window) {
      window_ends(*window, first);
    } else {
      return;
    }
  }
}

void batcher_shadow::window_ends(kind_number kind, sim::time_point at) {
  observe({event::timer, kind}, at);
  open_[kind].ends = never;
  require(at == clock_now() || !allows({event::take}), "a window has ended, and its batch has not gone");
}

void batcher_shadow::come_to_rest() {
  time_comes();
  require(!allows({event::take}), "a batch may go and does not; " + model::describe(now()));
  for (const auto& [who, answer] : settled_) {
    require(answer.heard || who == leader_, name(who) + " has not been told: " + words(answer.failure));
  }
  require(flush_.returned || flush_.is_done == never, "a flush has not answered");
  require(stop_.returned || stop_.is_done == never, "a stop has not answered");
}

// Calls ---------------------------------------------------------------------------------------------------------------

spec::response batcher_shadow::submits(std::uint64_t submitter, kind_number kind, const spec::load& weighs,
                                       std::chrono::nanoseconds window, sim::time_point deadline) {
  time_comes();
  const auto said = observe({event::submit, submitter, kind, weighs}, clock_now());
  if (said != spec::response::accepted) return said;
  if (deadline != never) deadlines_[accepted()] = deadline;
  open_note& slot = open_[kind];
  if (window.count() > 0) {
    slot.ends = std::min(slot.ends, clock_now() + window);
  } else {
    if (!is_due(kind)) observe({event::timer, kind}, clock_now());
    slot.reason = commit_reason::zero_window;
  }
  return said;
}

spec::response batcher_shadow::writes_directly(std::uint64_t submitter, const spec::load& weighs) {
  time_comes();
  return observe({event::direct, submitter, 0, weighs}, clock_now());
}

void batcher_shadow::commits_directly(std::uint64_t submitter) {
  time_comes();
  observe({event::direct_commit, submitter}, clock_now());
}

void batcher_shadow::shortens(kind_number kind, std::chrono::nanoseconds window) {
  time_comes();
  const auto found = open_.find(kind);
  if (found == open_.end()) return;
  open_note& slot = found->second;
  slot.ends = std::min(slot.ends, std::max(slot.opened + window, clock_now()));
  time_comes();
}

void batcher_shadow::flushes(sim::time_point deadline) {
  time_comes();
  flush_ = {deadline, never, false};
  observe({event::flush}, clock_now());
}

void batcher_shadow::flush_returns(bool done) {
  time_comes();
  flush_.returned = true;
  require((done ? flush_.is_done : flush_.deadline) == clock_now(),
          done ? "a flush answers at another moment" : "a flush gives up before its deadline");
  observe({done ? event::flush_answers : event::flush_gives_up}, clock_now());
  flush_.is_done = never;
}

void batcher_shadow::stops(sim::time_point deadline) {
  time_comes();
  stop_ = {deadline, never, false};
  observe({event::stop}, clock_now());
}

void batcher_shadow::stop_returns(bool done) {
  time_comes();
  stop_.returned = true;
  require(done == is_quiet(), done ? "a stop says that nothing is left" : "a stop says that something is left");
  require((done ? stop_.is_done : stop_.deadline) == clock_now(), "a stop answers at another moment");
}

void batcher_shadow::is_destroyed() {
  time_comes();
  observe({event::destroy}, clock_now());
}

// Commits -------------------------------------------------------------------------------------------------------------

void batcher_shadow::commit_begins(const batch& requests, std::optional<request_number> leader) {
  time_comes();
  if (calls_.empty()) {
    observe({event::take}, clock_now());
    if (now().in_flight.empty()) return;
    calls_.push_back(now().in_flight.back().requests);
    was_split_ = false;
    leader_ = leader;
    if (leader) deadlines_.erase(*leader);
    count(sealed_[calls_.front().front()], calls_.front());
  }
  require(calls_.front() == requests, "the batch is " + words(requests) + ", but the model's " + words(calls_.front()));
}

void batcher_shadow::count(const slot_note& slot, const batch& requests) {
  const std::uint64_t items = spec::load_of(now(), requests).items;
  ++metrics_.by_reason[static_cast<std::size_t>(slot.reason)];
  ++metrics_.batches;
  metrics_.items += items;
  metrics_.largest_batch = std::max(metrics_.largest_batch, items);
  metrics_.longest_wait = std::max<std::chrono::nanoseconds>(metrics_.longest_wait, clock_now() - slot.opened);
}

void batcher_shadow::commit_ends(const batch& requests, const std::optional<commit_error>& failed,
                                 std::optional<request_number> offender) {
  time_comes();
  if (calls_.empty()) return;
  calls_.pop_front();
  const auto told = [&](request_number who) {
    said_by_backend_[who] = failed ? std::optional{told_of(*failed)} : std::nullopt;
  };
  if (requests.size() > 1 && failed && failed->what == commit_error::kind::rejected) {
    was_split_ = true;
    batch others = requests;
    if (offender) {
      std::erase(others, *offender);
      told(*offender);
      calls_.push_front(std::move(others));
    } else {
      for (auto one = others.rbegin(); one != others.rend(); ++one) calls_.push_front({*one});
    }
  } else {
    for (const auto one : requests) told(one);
  }
  if (!calls_.empty()) return;
  const auto led = leader_ ? settled_.find(*std::exchange(leader_, std::nullopt)) : settled_.end();
  if (led != settled_.end()) led->second.at = clock_now();
  // Of a batch that was split each request has an outcome of its own, which the model leaves out.
  if (was_split_ || !failed) return static_cast<void>(observe({event::done}, clock_now()));
  const bool unknown = failed->what == commit_error::kind::unknown;
  observe(unknown ? spec::command{event::is_lost, 0, 1} : spec::command{event::fails}, clock_now());
}

void batcher_shadow::hears(request_number who, const std::optional<write_error>& failure) {
  time_comes();
  const auto found = settled_.find(who);
  if (found == settled_.end()) return wrong(name(who) + " is answered too early: " + words(failure));
  settled& answer = found->second;
  require(!std::exchange(answer.heard, true), name(who) + " is answered twice");
  require(answer.at == clock_now(), name(who) + " is answered late");
  require(answer.failure == failure,
          name(who) + " is told: " + words(failure) + "; it should be: " + words(answer.failure));
}

}  // namespace wavetank::props
