#include <wavetank/model/merge_semaphore.h>

#include <algorithm>

#include <wavetank/model/queued_calls.h>

namespace wavetank::model {
namespace {

using semaphore = merge_semaphore;
using state = semaphore::state;
using response = semaphore::response;
using result = semaphore::result;
using said = std::optional<response>;

constexpr std::nullopt_t disabled = std::nullopt;

said answer_with(result what, std::uint64_t number = 0) { return response{what, number}; }

bool holds(const state& s, call_number call) { return s.holder && s.holder->generation == call; }

bool call_is_known(const state& s, call_number call) {
  return holds(s, call) || s.unheard.contains(call) || waiter_of(s, call) != s.queue.end();
}

/// The hold ends; the head of the queue has the next one at once.
void hand_over(state& s) {
  s.holder.reset();
  if (s.queue.empty()) return;
  const semaphore::waiter next = s.queue.front();
  s.queue.erase(s.queue.begin());
  s.holder = semaphore::hold{next.call, next.task, next.shard};
  s.unheard.put(next.call, {next.task, result::granted, next.waits});
}

void refuse_everybody(state& s) {
  for (const auto& one : s.queue) s.unheard.put(one.call, {one.task, result::closed, one.waits});
  s.queue.clear();
}

said withdraw(state& s, call_number call, result outcome, std::size_t way) {
  if (s.destroyed) return disabled;
  if (way == 1) {
    if (!granted_but_unheard(s, call)) return disabled;
    s.unheard.find(call)->outcome = outcome;
    hand_over(s);
    return answer_with(result::withdrawn);
  }
  const auto one = waiter_of(s, call);
  if (one == s.queue.end()) return answer_with(result::too_late);
  s.unheard.put(call, {one->task, outcome, one->waits});
  s.queue.erase(one);
  return answer_with(result::withdrawn);
}

said carry(state& s, const semaphore::acquire& c, std::size_t) {
  if (!serves(s, c.task) || call_is_known(s, c.call)) return disabled;
  if (s.closed) return answer_with(result::closed);
  if (s.holder) return answer_with(result::busy, s.holder->shard);
  s.holder = semaphore::hold{c.call, c.task, c.shard};
  return answer_with(result::granted);
}

said carry(state& s, const semaphore::request& c, std::size_t) {
  if (!serves(s, c.task) || call_is_known(s, c.call)) return disabled;
  if (s.closed) return answer_with(result::closed);
  if (!s.holder) {
    s.holder = semaphore::hold{c.call, c.task, c.shard};
    return answer_with(result::granted);
  }
  if (c.waits == patience::one_attempt) return answer_with(result::timed_out);
  s.queue.push_back({c.call, c.task, c.shard, c.waits});
  return answer_with(result::queued);
}

said carry(state& s, const semaphore::answer& c, std::size_t) {
  const auto* verdict = s.unheard.find(c.call);
  if (verdict == nullptr) return disabled;
  const result outcome = verdict->outcome;
  s.unheard.erase(c.call);
  return answer_with(outcome);
}

said carry(state& s, const semaphore::acquire_until& c, std::size_t way) {
  if (!serves(s, c.task) || call_is_known(s, c.call)) return disabled;
  if (way == 1) return c.waits == patience::forever ? disabled : answer_with(result::timed_out);
  if (way == 2) return answer_with(result::cancelled);
  if (s.closed) return answer_with(result::closed);
  if (s.holder) return disabled;
  s.holder = semaphore::hold{c.call, c.task, c.shard};
  return answer_with(result::granted);
}

said carry(state& s, const semaphore::time_out& c, std::size_t way) {
  if (!has_deadline(s, c.call)) return disabled;
  return withdraw(s, c.call, result::timed_out, way);
}

said carry(state& s, const semaphore::cancel& c, std::size_t way) {
  return withdraw(s, c.call, result::cancelled, way);
}

said carry(state& s, const semaphore::abandon& c, std::size_t) {
  s.unheard.erase(c.call);
  if (holds(s, c.call)) {
    hand_over(s);
    return answer_with(result::ok);
  }
  return answer_with(leave_queue(s, c.call) ? result::withdrawn : result::nothing);
}

said carry(state& s, const semaphore::release& c, std::size_t) {
  if (s.unheard.contains(c.call)) return disabled;
  if (!holds(s, c.call)) return answer_with(result::not_holder);
  hand_over(s);
  return answer_with(result::ok);
}

said carry(state& s, const semaphore::release_by_name& c, std::size_t) {
  if (!serves(s, c.task)) return disabled;
  const bool is_holder = s.holder && s.holder->owner == c.task && s.holder->shard == c.shard;
  if (!is_holder || s.unheard.contains(s.holder->generation)) return answer_with(result::not_holder);
  hand_over(s);
  return answer_with(result::ok);
}

said carry(state& s, const semaphore::transfer& c, std::size_t) {
  if (s.destroyed || s.unheard.contains(c.call)) return disabled;
  if (!holds(s, c.call)) return answer_with(result::nothing);
  if (s.dead.contains(c.to)) {
    hand_over(s);
    return answer_with(result::released);
  }
  s.holder->owner = c.to;
  return answer_with(result::transferred);
}

said carry(state& s, const semaphore::owner_dies& c, std::size_t) {
  if (s.dead.contains(c.task)) return answer_with(result::nothing);
  s.dead.put(c.task, {});
  std::erase_if(s.queue, [&](const auto& one) { return one.task == c.task; });
  s.unheard.erase_if([&](call_number, const auto& verdict) { return verdict.task == c.task; });
  if (s.holder && s.holder->owner == c.task) hand_over(s);
  return answer_with(result::done);
}

said carry(state& s, const semaphore::close&, std::size_t) {
  if (s.destroyed) return disabled;
  s.closed = true;
  refuse_everybody(s);
  return answer_with(result::done);
}

said carry(state& s, const semaphore::destroy&, std::size_t) {
  if (s.destroyed) return disabled;
  s.closed = true;
  refuse_everybody(s);
  s.holder.reset();
  s.destroyed = true;
  return answer_with(result::done);
}

said carry(state& s, const semaphore::status&, std::size_t) {
  if (s.destroyed) return disabled;
  return s.holder ? answer_with(result::held, s.holder->shard) : answer_with(result::free);
}

said carry(state& s, const semaphore::waiting&, std::size_t) {
  return s.destroyed ? disabled : answer_with(result::value, s.queue.size());
}

said carry(state& s, const semaphore::valid& c, std::size_t) {
  if (s.unheard.contains(c.call)) return disabled;
  return answer_with(result::value, holds(s, c.call) ? 1 : 0);
}

}  // namespace

std::size_t merge_semaphore::ways(const command& what) {
  if (std::holds_alternative<acquire_until>(what)) return 3;
  return std::holds_alternative<time_out>(what) || std::holds_alternative<cancel>(what) ? 2 : 1;
}

std::optional<merge_semaphore::response> merge_semaphore::carry_out(state& s, const command& what, std::size_t way) {
  return std::visit([&](const auto& one) { return carry(s, one, way); }, what);
}

}  // namespace wavetank::model
