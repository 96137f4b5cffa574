// How the merge semaphore's commands, responses and states read in stories.
#include <string_view>

#include <wavetank/model/merge_semaphore.h>
#include <wavetank/model/names.h>

namespace wavetank::model {
namespace {

using namespace names;

using semaphore = merge_semaphore;

std::string shard_name(semaphore::shard_number shard) { return "shard " + number(shard); }

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
    case semaphore::result::withdrawn:
      return "withdrawn";
    case semaphore::result::too_late:
      return "too late";
    case semaphore::result::ok:
      return "ok";
    case semaphore::result::not_holder:
      return "not holder";
    case semaphore::result::transferred:
      return "transferred";
    case semaphore::result::released:
      return "released";
    case semaphore::result::nothing:
      return "nothing";
    case semaphore::result::done:
      return "done";
    case semaphore::result::free:
      return "free";
    case semaphore::result::held:
      return "held";
    case semaphore::result::value:
      return "value";
  }
  return "?";
}

std::string text(const semaphore::acquire& c) {
  return task_name(c.task) + " acquires for " + shard_name(c.shard) + " (" + call_name(c.call) + ")";
}
std::string text(const semaphore::request& c) {
  return task_name(c.task) + " asks for " + shard_name(c.shard) + " " + how_long(c.waits) + " (" + call_name(c.call) +
         ")";
}
std::string text(const semaphore::answer& c) { return call_name(c.call) + " returns"; }
std::string text(const semaphore::acquire_until& c) {
  return task_name(c.task) + " acquires for " + shard_name(c.shard) + " " + how_long(c.waits) + " (" +
         call_name(c.call) + ")";
}
std::string text(const semaphore::time_out& c) { return "the deadline of " + call_name(c.call) + " comes"; }
std::string text(const semaphore::cancel& c) { return call_name(c.call) + " is asked to stop"; }
std::string text(const semaphore::abandon& c) { return call_name(c.call) + " is unwound"; }
std::string text(const semaphore::release& c) { return permit_name(c.call) + " is released"; }
std::string text(const semaphore::release_by_name& c) {
  return task_name(c.task) + " releases " + shard_name(c.shard) + " by name";
}
std::string text(const semaphore::transfer& c) { return permit_name(c.call) + " is transferred to " + task_name(c.to); }
std::string text(const semaphore::owner_dies& c) { return task_name(c.task) + " dies"; }
std::string text(const semaphore::close&) { return "the semaphore is closed"; }
std::string text(const semaphore::destroy&) { return "the semaphore is destroyed"; }
std::string text(const semaphore::status&) { return "status()"; }
std::string text(const semaphore::waiting&) { return "waiting()"; }
std::string text(const semaphore::valid& c) { return permit_name(c.call) + ": valid()"; }

std::string share(call_number call, task_number task, semaphore::shard_number shard) {
  return "#" + number(call) + " of " + task_name(task) + " for " + shard_name(shard);
}

}  // namespace

std::string describe(const merge_semaphore::command& what) {
  return std::visit([](const auto& one) { return text(one); }, what);
}

std::string describe(const merge_semaphore::response& said) {
  const bool names_a_shard = said.what == merge_semaphore::result::busy || said.what == merge_semaphore::result::held;
  if (names_a_shard) return std::string(name(said.what)) + " by " + shard_name(said.number);
  if (said.what == merge_semaphore::result::value) return number(said.number);
  return std::string(name(said.what));
}

std::string describe(const merge_semaphore::state& s) {
  std::string queue;
  for (const auto& one : s.queue) append(queue, share(one.call, one.task, one.shard));
  std::string unheard;
  for (const auto& [call, one] : s.unheard) append(unheard, "#" + number(call) + " " + std::string(name(one.outcome)));
  std::string dead;
  for (const auto& entry : s.dead) append(dead, task_name(entry.first));

  std::string line = s.holder ? "held by " + share(s.holder->generation, s.holder->owner, s.holder->shard) : "free";
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

std::ostream& operator<<(std::ostream& out, const merge_semaphore::response& said) { return out << describe(said); }
std::ostream& operator<<(std::ostream& out, const merge_semaphore::state& s) { return out << describe(s); }

}  // namespace wavetank::model
