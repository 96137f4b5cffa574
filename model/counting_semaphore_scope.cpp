#include <wavetank/model/counting_semaphore_scope.h>

#include <optional>

namespace wavetank::model {
namespace {

using semaphore = counting_semaphore;
using scope_state = counting_semaphore_scope_state;
using command = semaphore::command;
using bounds_of = counting_semaphore_bounds;
using commands = std::vector<command>;

void add_new_calls(commands& all, const scope_state& s, const bounds_of& bounds) {
  const auto call =
      free_call_number(s, bounds.calls, [&](call_number one) { return s.semaphore.permits.contains(one); });
  if (!call) return;
  for (task_number task = 1; task <= bounds.tasks; ++task) {
    if (s.semaphore.dead.contains(task) || is_blocked(s.semaphore, task)) continue;
    for (semaphore::weight amount = 1; amount <= bounds.max_weight; ++amount) {
      all.push_back(semaphore::try_acquire{*call, task, amount});
      for (const auto waits : {patience::one_attempt, patience::until_deadline, patience::forever}) {
        all.push_back(semaphore::request{*call, task, amount, waits});
      }
    }
  }
}

void add_events(commands& all, const scope_state& s, const bounds_of& bounds) {
  add_deaths<semaphore>(all, s, bounds);
  for (semaphore::weight limit = 1; limit <= bounds.max_limit; ++limit) {
    if (limit != s.semaphore.limit) all.push_back(semaphore::set_limit{limit});
  }
  if (!bounds.ends) return;
  if (!s.semaphore.closed) all.push_back(semaphore::close{});
  if (!s.semaphore.destroyed) all.push_back(semaphore::destroy{});
}

void add_observers(commands& all, const scope_state& s) {
  if (s.semaphore.destroyed) return;
  all.push_back(semaphore::current{});
  all.push_back(semaphore::waiting{});
  all.push_back(semaphore::holders{});
}

/// The number of the call that `what` asks or answers for, 0 for other commands.
call_number call_that_may_get_a_handle(const command& what) {
  if (const auto* c = std::get_if<semaphore::try_acquire>(&what)) return c->call;
  if (const auto* c = std::get_if<semaphore::request>(&what)) return c->call;
  if (const auto* c = std::get_if<semaphore::acquire>(&what)) return c->call;
  if (const auto* c = std::get_if<semaphore::answer>(&what)) return c->call;
  return 0;
}

}  // namespace

std::vector<counting_semaphore::command> commands_in(const counting_semaphore_scope_state& s,
                                                     const counting_semaphore_bounds& bounds) {
  commands all;
  add_new_calls(all, s, bounds);
  add_ends_of_calls<semaphore>(all, s, bounds);
  add_uses_of_handles<semaphore>(all, s, bounds);
  add_events(all, s, bounds);
  add_observers(all, s);
  return all;
}

void note_handle(counting_semaphore_scope_state& s, const counting_semaphore::command& what,
                 const counting_semaphore::response& said) {
  if (said.what == semaphore::result::granted) {
    if (const call_number call = call_that_may_get_a_handle(what)) s.handles.put(call, {});
  }
  const auto* given_back = std::get_if<semaphore::release>(&what);
  if (given_back != nullptr && said.what == semaphore::result::nothing) s.handles.erase(given_back->call);
}

}  // namespace wavetank::model
