// How the counting semaphore's commands, responses and states read in stories.
#include <string_view>

#include <wavetank/model/counting_semaphore.h>
#include <wavetank/model/names.h>

namespace wavetank::model {
namespace {

using namespace names;

using semaphore = counting_semaphore;

std::string_view name(semaphore::result what) {
  switch (what) {
    case semaphore::result::granted:
      return "granted";
    case semaphore::result::queued:
      return "queued";
    case semaphore::result::busy:
      return "busy";
    case semaphore::result::timed_out:
      return "timed out";
    case semaphore::result::cancelled:
      return "cancelled";
    case semaphore::result::closed:
      return "closed";
    case semaphore::result::too_large:
      return "too large";
    case semaphore::result::zero_weight:
      return "zero weight";
    case semaphore::result::zero_limit:
      return "zero limit";
    case semaphore::result::withdrawn:
      return "withdrawn";
    case semaphore::result::too_late:
      return "too late";
    case semaphore::result::released:
      return "released";
    case semaphore::result::transferred:
      return "transferred";
    case semaphore::result::nothing:
      return "nothing";
    case semaphore::result::done:
      return "done";
    case semaphore::result::value:
      return "value";
  }
  return "?";
}

std::string text(const semaphore::try_acquire& c) {
  return task_name(c.task) + " tries to take " + number(c.amount) + " (" + call_name(c.call) + ")";
}
std::string text(const semaphore::request& c) {
  return task_name(c.task) + " asks for " + number(c.amount) + " " + how_long(c.waits) + " (" + call_name(c.call) + ")";
}
std::string text(const semaphore::answer& c) { return call_name(c.call) + " returns"; }
std::string text(const semaphore::acquire& c) {
  return task_name(c.task) + " acquires " + number(c.amount) + " " + how_long(c.waits) + " (" + call_name(c.call) + ")";
}
std::string text(const semaphore::time_out& c) { return "the deadline of " + call_name(c.call) + " comes"; }
std::string text(const semaphore::cancel& c) { return call_name(c.call) + " is asked to stop"; }
std::string text(const semaphore::abandon& c) { return call_name(c.call) + " is unwound"; }
std::string text(const semaphore::release& c) { return permit_name(c.call) + " is released"; }
std::string text(const semaphore::transfer& c) { return permit_name(c.call) + " is transferred to " + task_name(c.to); }
std::string text(const semaphore::owner_dies& c) { return task_name(c.task) + " dies"; }
std::string text(const semaphore::set_limit& c) { return "the limit is set to " + number(c.limit); }
std::string text(const semaphore::close&) { return "the semaphore is closed"; }
std::string text(const semaphore::destroy&) { return "the semaphore is destroyed"; }
std::string text(const semaphore::current&) { return "current()"; }
std::string text(const semaphore::limit&) { return "limit()"; }
std::string text(const semaphore::waiting&) { return "waiting()"; }
std::string text(const semaphore::valid& c) { return permit_name(c.call) + ": valid()"; }
std::string text(const semaphore::holders&) { return "holders()"; }

/// "#1 x2 of task 1": one permit or one waiter.
std::string share(call_number call, semaphore::weight amount, task_number task) {
  return "#" + number(call) + " x" + number(amount) + " of " + task_name(task);
}

}  // namespace

std::string describe(const counting_semaphore::command& what) {
  return std::visit([](const auto& one) { return text(one); }, what);
}

std::string describe(const counting_semaphore::response& said) {
  if (said.what != counting_semaphore::result::value) return std::string(name(said.what));
  std::string list;
  for (const auto& [task, amount] : said.held_by) append(list, task_name(task) + " x" + number(amount));
  return number(said.number) + (list.empty() ? "" : ": " + list);
}

std::string describe(const counting_semaphore::state& s) {
  std::string permits;
  for (const auto& [call, held] : s.permits) append(permits, share(call, held.amount, held.owner));
  std::string queue;
  for (const auto& one : s.queue) append(queue, share(one.call, one.amount, one.task));
  std::string unheard;
  for (const auto& [call, one] : s.unheard) append(unheard, "#" + number(call) + " " + std::string(name(one.outcome)));
  std::string dead;
  for (const auto& entry : s.dead) append(dead, task_name(entry.first));

  std::string line = number(counting_semaphore::in_use(s)) + " of " + number(s.limit) + " in use";
  if (!permits.empty()) line += " (" + permits + ")";
  if (!queue.empty()) line += "; queue: " + queue;
  if (!unheard.empty()) line += "; to be told: " + unheard;
  if (!dead.empty()) line += "; dead: " + dead;
  if (s.destroyed) {
    line += "; destroyed";
  } else if (s.closed) {
    line += "; closed";
  }
  return line;
}

std::ostream& operator<<(std::ostream& out, const counting_semaphore::response& said) { return out << describe(said); }
std::ostream& operator<<(std::ostream& out, const counting_semaphore::state& s) { return out << describe(s); }

}  // namespace wavetank::model
