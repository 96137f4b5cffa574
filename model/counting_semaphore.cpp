#include <wavetank/model/counting_semaphore.h>

#include <algorithm>

#include <wavetank/model/queued_calls.h>

namespace wavetank::model {
namespace {

using semaphore = counting_semaphore;
using state = semaphore::state;
using response = semaphore::response;
using result = semaphore::result;
using said = std::optional<response>;

constexpr std::nullopt_t disabled = std::nullopt;

said answer_with(result what) { return response{what}; }
said value(std::uint64_t number) { return response{result::value, number}; }

bool call_is_known(const state& s, call_number call) {
  return s.permits.contains(call) || s.unheard.contains(call) || waiter_of(s, call) != s.queue.end();
}

bool fits_now(const state& s, semaphore::weight amount) {
  return s.queue.empty() && amount <= s.limit && semaphore::in_use(s) <= s.limit - amount;
}

/// Why a request cannot even wait; the order is the documented one.
std::optional<result> refusal(const state& s, semaphore::weight amount) {
  if (amount == 0) return result::zero_weight;
  if (s.closed) return result::closed;
  if (amount > s.limit) return result::too_large;
  return std::nullopt;
}

void grant_to_newcomer(state& s, call_number call, task_number task, semaphore::weight amount) {
  s.permits.put(call, {task, amount});
}

void refuse(state& s, const semaphore::waiter& one, result outcome) {
  s.unheard.put(one.call, {one.task, outcome, one.waits});
}

/// Refuses the waiters that `unwanted` names and lets those behind them move up.
template <class Predicate>
void refuse_if(state& s, Predicate&& unwanted, result outcome) {
  for (const auto& one : s.queue) {
    if (unwanted(one)) refuse(s, one, outcome);
  }
  std::erase_if(s.queue, unwanted);
  semaphore::grant_from_the_head(s);
}

bool free_permit(state& s, call_number call) {
  if (!s.permits.erase(call)) return false;
  semaphore::grant_from_the_head(s);
  return true;
}

/// A time-out or a stop request: withdraws the call, or comes too late. In its second way a granted call gives back.
said withdraw(state& s, call_number call, result outcome, std::size_t way) {
  if (s.destroyed) return disabled;
  if (way == 1) {
    if (!granted_but_unheard(s, call)) return disabled;
    s.unheard.find(call)->outcome = outcome;
    free_permit(s, call);
    return answer_with(result::withdrawn);
  }
  const auto waits = s.queue.size();
  refuse_if(
      s, [&](const auto& one) { return one.call == call; }, outcome);
  return answer_with(s.queue.size() < waits ? result::withdrawn : result::too_late);
}

said carry(state& s, const semaphore::try_acquire& c, std::size_t) {
  if (!serves(s, c.task) || call_is_known(s, c.call)) return disabled;
  if (const auto why = refusal(s, c.amount)) return answer_with(*why);
  if (!fits_now(s, c.amount)) return answer_with(result::busy);
  grant_to_newcomer(s, c.call, c.task, c.amount);
  return answer_with(result::granted);
}

said carry(state& s, const semaphore::request& c, std::size_t) {
  if (!serves(s, c.task) || call_is_known(s, c.call)) return disabled;
  if (const auto why = refusal(s, c.amount)) return answer_with(*why);
  if (fits_now(s, c.amount)) {
    grant_to_newcomer(s, c.call, c.task, c.amount);
    return answer_with(result::granted);
  }
  if (c.waits == patience::one_attempt) return answer_with(result::timed_out);
  s.queue.push_back({c.call, c.task, c.amount, c.waits});
  return answer_with(result::queued);
}

said carry(state& s, const semaphore::answer& c, std::size_t) {
  const auto* verdict = s.unheard.find(c.call);
  if (verdict == nullptr) return disabled;
  const result outcome = verdict->outcome;
  s.unheard.erase(c.call);
  return answer_with(outcome);
}

said carry(state& s, const semaphore::acquire& c, std::size_t way) {
  if (!serves(s, c.task) || call_is_known(s, c.call)) return disabled;
  const auto why = refusal(s, c.amount);
  if (way == 0) {
    if (why) return answer_with(*why);
    if (!fits_now(s, c.amount)) return disabled;
    grant_to_newcomer(s, c.call, c.task, c.amount);
    return answer_with(result::granted);
  }
  if (c.amount == 0) return disabled;
  if (way == 1) return c.waits == patience::forever ? disabled : answer_with(result::timed_out);
  return answer_with(result::cancelled);
}

said carry(state& s, const semaphore::time_out& c, std::size_t way) {
  if (!has_deadline(s, c.call)) return disabled;
  return withdraw(s, c.call, result::timed_out, way);
}

said carry(state& s, const semaphore::cancel& c, std::size_t way) {
  return withdraw(s, c.call, result::cancelled, way);
}

said carry(state& s, const semaphore::abandon& c, std::size_t) {
  const bool had_permit = granted_but_unheard(s, c.call);
  s.unheard.erase(c.call);
  if (had_permit) return answer_with(free_permit(s, c.call) ? result::released : result::nothing);
  const bool waited = leave_queue(s, c.call);
  semaphore::grant_from_the_head(s);
  return answer_with(waited ? result::withdrawn : result::nothing);
}

said carry(state& s, const semaphore::release& c, std::size_t) {
  if (s.unheard.contains(c.call)) return disabled;
  return answer_with(free_permit(s, c.call) ? result::released : result::nothing);
}

said carry(state& s, const semaphore::transfer& c, std::size_t) {
  if (s.destroyed || s.unheard.contains(c.call)) return disabled;
  auto* held = s.permits.find(c.call);
  if (held == nullptr) return answer_with(result::nothing);
  if (s.dead.contains(c.to)) {
    free_permit(s, c.call);
    return answer_with(result::released);
  }
  held->owner = c.to;
  return answer_with(result::transferred);
}

said carry(state& s, const semaphore::owner_dies& c, std::size_t) {
  if (s.dead.contains(c.task)) return answer_with(result::nothing);
  s.dead.put(c.task, {});
  std::erase_if(s.queue, [&](const auto& one) { return one.task == c.task; });
  s.unheard.erase_if([&](call_number, const auto& verdict) { return verdict.task == c.task; });
  s.permits.erase_if([&](call_number, const auto& held) { return held.owner == c.task; });
  semaphore::grant_from_the_head(s);
  return answer_with(result::done);
}

said carry(state& s, const semaphore::set_limit& c, std::size_t) {
  if (s.destroyed) return disabled;
  if (c.limit == 0) return answer_with(result::zero_limit);
  s.limit = c.limit;
  refuse_if(
      s, [&](const auto& one) { return one.amount > c.limit; }, result::too_large);
  return answer_with(result::done);
}

said carry(state& s, const semaphore::close&, std::size_t) {
  if (s.destroyed) return disabled;
  s.closed = true;
  refuse_if(
      s, [](const auto&) { return true; }, result::closed);
  return answer_with(result::done);
}

said carry(state& s, const semaphore::destroy&, std::size_t) {
  if (s.destroyed) return disabled;
  s.closed = true;
  refuse_if(
      s, [](const auto&) { return true; }, result::closed);
  s.permits.clear();
  s.destroyed = true;
  return answer_with(result::done);
}

said carry(state& s, const semaphore::current&, std::size_t) {
  return s.destroyed ? disabled : value(semaphore::in_use(s));
}

said carry(state& s, const semaphore::limit&, std::size_t) { return s.destroyed ? disabled : value(s.limit); }

said carry(state& s, const semaphore::waiting&, std::size_t) { return s.destroyed ? disabled : value(s.queue.size()); }

said carry(state& s, const semaphore::valid& c, std::size_t) {
  if (s.unheard.contains(c.call)) return disabled;
  return value(s.permits.contains(c.call) ? 1 : 0);
}

said carry(state& s, const semaphore::holders&, std::size_t) {
  if (s.destroyed) return disabled;
  response seen{result::value, s.permits.size()};
  for (const auto& [call, held] : s.permits) seen.held_by.emplace_back(held.owner, held.amount);
  std::sort(seen.held_by.begin(), seen.held_by.end());
  return seen;
}

}  // namespace

counting_semaphore::state counting_semaphore::initial() const {
  state s;
  s.limit = initial_limit;
  return s;
}

counting_semaphore::weight counting_semaphore::in_use(const state& s) {
  weight sum = 0;
  for (const auto& entry : s.permits) sum += entry.second.amount;
  return sum;
}

void counting_semaphore::grant_from_the_head(state& s) {
  weight used = in_use(s);
  auto next = s.queue.begin();
  const auto fits = [&](weight amount) { return used <= s.limit && amount <= s.limit - used; };
  for (; next != s.queue.end() && fits(next->amount); ++next) {
    used += next->amount;
    s.permits.put(next->call, {next->task, next->amount});
    s.unheard.put(next->call, {next->task, result::granted, next->waits});
  }
  s.queue.erase(s.queue.begin(), next);
}

std::size_t counting_semaphore::ways(const command& what) {
  if (std::holds_alternative<acquire>(what)) return 3;
  return std::holds_alternative<time_out>(what) || std::holds_alternative<cancel>(what) ? 2 : 1;
}

std::optional<counting_semaphore::response> counting_semaphore::carry_out(state& s, const command& what,
                                                                          std::size_t way) {
  return std::visit([&](const auto& one) { return carry(s, one, way); }, what);
}

}  // namespace wavetank::model
