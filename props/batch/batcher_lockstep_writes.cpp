// The writes of a lockstep run: each by its route, told to the shadow, its answer compared; and the backend's calls.
#include <wavetank/props/batch/batcher_lockstep.h>

#include <algorithm>
#include <utility>
#include <variant>

#include <wavetank/props/batch/batcher_landmarks.h>
#include <wavetank/props/batch/lockstep_verdict.h>
#include <wavetank/props/running.h>

namespace wavetank::props {

namespace {

using response = model::window_batcher::response;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

using lockstep::require;

template <class Answer>
std::optional<write_error> failure_of(const Answer& said) {
  return said ? std::nullopt : std::optional{said.error()};
}

}  // namespace

/// The first of them is what is said, the others are harmless and weigh a byte.
batcher_lockstep::commands batcher_lockstep::new_commands(std::uint64_t count, std::uint64_t poison,
                                                          std::uint64_t bytes) {
  commands all;
  for (std::uint64_t i = 0; i < count; ++i) {
    all.push_back({++writes_, static_cast<std::uint32_t>(writes_ % 2), writes_ % 3 == 0});
  }
  all.front().poison = poison != 0;
  all.front().bytes = bytes;
  return all;
}

batcher_lockstep::spec::load batcher_lockstep::load_of(const request& one) const {
  spec::load all{one.what.size()};
  for (const recorded_write& each : one.what) {
    all.bytes += backend_.bytes_of(each);
    all.work += backend_.work_of(each);
  }
  return all;
}

batcher_lockstep::request_ptr batcher_lockstep::new_request(std::uint64_t task, commands what, std::uint64_t within,
                                                            bool waits) {
  const std::size_t in_ledger = ledger_.submits(task, what);
  auto one = std::make_shared<request>(request{task, std::move(what), deadline_in(within), waits, in_ledger});
  for (const recorded_write& each : one->what) by_command_[each.number] = one;
  return one;
}

/// Operands: prefix, window, waits, poison, deadline, bytes.
void batcher_lockstep::write(std::uint64_t task, const operands& o) {
  const std::string_view prefix = prefixes[o[0]];
  const auto given = o[1] == 0 ? std::nullopt : std::optional<nanoseconds>{milliseconds(o[1] - 1)};
  const auto configured = windows_.count(o[0]) == 0 ? default_window : windows_.at(o[0]);
  const nanoseconds window = given.value_or(configured);
  const request_ptr mine = new_request(task, new_commands(1, o[3], o[5]), o[4], o[2] != 0);
  const call does = [&](const request_ptr& one) -> std::optional<answer> {
    if (!one->waits) {
      auto done = batcher_->write_async(shard, prefix, one->what.front(), reply_to(one), nullptr, given, one->deadline);
      auto* const here = std::get_if<answer>(&done);
      return here == nullptr ? std::nullopt : std::optional{std::move(*here)};
    }
    const auto said = batcher_->write(shard, prefix, one->what.front(), given, one->deadline);
    if (!said) return answer{tl::make_unexpected(said.error())};
    return answer{std::vector<std::uint64_t>{*said}};
  };
  if (window <= default_window) return directly(mine, does);
  in_slot(batch_kinds + o[0], window, mine, does);
}

/// Operands: kind, count, waits, poison, deadline, bytes.
void batcher_lockstep::write_batch(std::uint64_t task, const operands& o) {
  const auto which = static_cast<kind>(o[0]);
  const request_ptr mine = new_request(task, new_commands(o[1], o[3], o[5]), o[4], o[2] != 0);
  const call does = [&](const request_ptr& one) -> std::optional<answer> {
    if (one->waits) return batcher_->write_batch(shard, which, one->what, one->deadline);
    auto done = batcher_->write_batch_async(shard, which, one->what, reply_to(one), nullptr, one->deadline);
    auto* const here = std::get_if<answer>(&done);
    return here == nullptr ? std::nullopt : std::optional{std::move(*here)};
  };
  const batch_options all = options();
  const batch_window windows[] = {all.generic_window, all.put_window, all.delete_window};
  const nanoseconds window = windows[o[0]].longest;
  if (which != kind::generic && window.count() == 0) return directly(mine, does);
  in_slot(o[0], window, mine, does);
}

batcher_lockstep::batcher::reply_function batcher_lockstep::reply_to(const request_ptr& one) {
  return [this, one](answer said) {
    shadow_.hears(one->accepted, failure_of(said));
    if (!said) mark(said.error());
    ledger_.replied(one->in_ledger, std::move(said));
  };
}

void batcher_lockstep::heard(const request& one, const answer& said) {
  if (!said) mark(said.error());
  ledger_.answered(one.in_ledger, said);
}

void batcher_lockstep::in_slot(batcher_shadow::kind_number slot, nanoseconds window, const request_ptr& one,
                               const call& does) {
  const auto meant = shadow_.submits(one->submitter, slot, load_of(*one), window, one->deadline);
  if (meant == response::accepted) one->accepted = shadow_.accepted();
  callers_[world_.runtime().current_task()] = one->accepted;
  const auto said = does(one);
  callers_.erase(world_.runtime().current_task());
  if (is_refused(meant, *one, said)) return;
  require(said.has_value() == one->waits, one->waits ? "a call that waits has no answer" : "it went directly");
  if (!said) return ledger_.returned_queued(one->in_ledger);
  shadow_.hears(one->accepted, failure_of(*said));
  heard(*one, *said);
}

void batcher_lockstep::directly(const request_ptr& one, const call& does) {
  const auto meant = shadow_.writes_directly(one->submitter, load_of(*one));
  one->direct = meant == response::accepted;
  if (one->direct && !shadow_.may_commit_directly(one->submitter)) {
    reached("a direct write waited for what its task had queued");
  }
  const auto said = does(one);
  if (is_refused(meant, *one, said)) return;
  if (one->direct && clock_now() == one->deadline) {
    gives_up(*one, write_cause::deadline);
    reached("a direct write came to its deadline");
  }
  require(said.has_value(), "a write without a window is queued");
  require(one->settled == clock_now(), "a direct write is answered at another moment");
  if (!said) return;
  require(failure_of(*said) == one->failure, "a direct write is told something else than the backend said");
  heard(*one, *said);
}

/// A direct write that has not begun.
void batcher_lockstep::gives_up(request& direct, write_cause why) {
  direct.direct = false;
  direct.settled = clock_now();
  direct.failure = write_error{write_problem::not_committed, why};
}

/// The first limit that it breaks is named.
write_error batcher_lockstep::too_large(const request& one) const {
  const spec::load asked = load_of(one);
  const auto most = bounds();
  const auto error = [](std::uint64_t limit, std::uint64_t wanted) {
    return write_error{write_problem::too_large, write_cause::none, {}, limit, wanted};
  };
  if (asked.items > most.max_items) return error(most.max_items, asked.items);
  if (most.max_bytes != 0 && asked.bytes > most.max_bytes) return error(most.max_bytes, asked.bytes);
  return error(most.max_work, asked.work);
}

/// Where the model refuses it.
bool batcher_lockstep::is_refused(response why, const request& one, const std::optional<answer>& said) {
  if (why == response::accepted) return false;
  write_error meant{write_problem::shutting_down};
  if (why == response::overloaded) meant = {write_problem::overloaded, write_cause::none, options().retry_after};
  if (why == response::too_large) meant = too_large(one);
  require(said && failure_of(*said) == meant, "it should be refused: " + to_string(meant));
  if (said) heard(one, *said);
  return true;
}

// The backend ---------------------------------------------------------------------------------------------------------

batcher_shadow::batch batcher_lockstep::requests_of(std::span<const recorded_write> batch) const {
  batcher_shadow::batch all;
  for (std::size_t at = 0; at < batch.size();) {
    const request& one = *by_command_.at(batch[at].number);
    const auto same = [](const recorded_write& a, const recorded_write& b) { return a.number == b.number; };
    const bool whole =
        batch.size() - at >= one.what.size() &&
        std::equal(one.what.begin(), one.what.end(), batch.begin() + static_cast<std::ptrdiff_t>(at), same);
    require(whole, "a request is in a batch in part");
    all.push_back(one.accepted);
    at += one.what.size();
  }
  return all;
}

sim::time_point batcher_lockstep::commit_begins(std::span<const recorded_write> batch) {
  request& first = *by_command_.at(batch.front().number);
  if (first.direct) {
    first.direct = false;
    require(batch.size() == first.what.size(), "a direct write has company");
    shadow_.commits_directly(first.submitter);
  } else {
    const auto leader = callers_.find(world_.runtime().current_task());
    shadow_.commit_begins(requests_of(batch), leader == callers_.end() ? std::nullopt : std::optional{leader->second});
  }
  return moments_.commit_ends_in(milliseconds(setting(lockstep_setting::takes)));
}

void batcher_lockstep::commit_ends(std::span<const recorded_write> batch, const std::optional<commit_error>& failed) {
  request& first = *by_command_.at(batch.front().number);
  if (first.accepted == 0) {
    first.settled = clock_now();
    if (failed) first.failure = told_of(*failed);
    return;
  }
  std::optional<batcher_shadow::request_number> offender;
  if (failed && failed->offender) offender = by_command_.at(batch[*failed->offender].number)->accepted;
  shadow_.commit_ends(requests_of(batch), failed, offender);
}

}  // namespace wavetank::props
