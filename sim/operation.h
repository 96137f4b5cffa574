// What a task is about to do: published before every decision, so that strategies see each enabled task's next step.
#pragma once

#include <cstdint>
#include <string_view>

namespace wavetank::sim {

/// Objects are numbered in the order of their construction in an execution; 0 is none.
using object_id = std::uint32_t;

/// Tasks are numbered in the order of their spawning; 0 is the body of the scenario.
using task_index = std::uint16_t;

enum class operation_kind : std::uint8_t {
  load,
  store,
  read_modify_write,
  lock,
  try_lock,
  unlock,
  wait,       // releases the mutex and joins the waiters of a condition variable, in one step
  reacquire,  // the lock at the end of a wait
  notify_one,
  notify_all,
  join,
  exit,  // the death of a task that somebody may notice
  sleep,
  now,    // reads the clock
  relax,  // a poll that found nothing: others go first
  random,
  io,        // a call of the file system
  point,     // a named place
  timer,     // of the world: a deadline passes
  kill,      // of the world: a task, or at a task's wish a process, dies
  spurious,  // of the world: a waiter wakes for nothing
};

std::string_view to_string(operation_kind kind) noexcept;

/// A published operation: one or two objects, and whether it may change them. Two operations of different tasks are
/// independent when they share no object, or only read those that they share; exploration that reduces relies on it.
struct operation {
  constexpr operation() noexcept = default;
  constexpr operation(object_id first, object_id other, operation_kind k, bool changes, bool timed = false,
                      bool independent = true) noexcept
      : second(other), kind(k), writes(changes), reads_clock(timed), commutes(independent), object(first) {}

  // The object, the one member that is seldom a constant, comes last: compilers write the others as one word and copy
  // the first eight bytes as one. A copied word that was written in two parts waits for the store buffer, at each step.
  object_id second = 0;
  operation_kind kind = operation_kind::point;
  bool writes = false;
  bool reads_clock = false;  // a timed wait: its place among the timers depends on when it is armed
  bool commutes = true;      // false: depends on every step of everybody, as the death of a process does
  object_id object = 0;
};

/// The clock's object: `now` reads it, timers write it.
inline constexpr object_id clock_object = 1;
/// What all faults of a bounded budget share.
inline constexpr object_id budget_object = 2;
inline constexpr object_id first_free_object = 3;

constexpr bool dependent(const operation& a, const operation& b) noexcept {
  if (!a.commutes || !b.commutes) return true;
  if (!a.writes && !b.writes) return false;
  if ((a.reads_clock && b.object == clock_object) || (b.reads_clock && a.object == clock_object)) return true;
  const auto touches = [&](object_id x) { return x != 0 && (x == b.object || x == b.second); };
  return touches(a.object) || touches(a.second);
}

/// A step that the world can take: run a task, or do something to it.
class transition {
 public:
  enum class what : std::uint8_t { run = 0, fire_timer = 1, kill = 2, wake_spuriously = 3 };

  constexpr transition() noexcept = default;
  constexpr transition(what w, task_index task) noexcept
      : code_(static_cast<std::uint16_t>(static_cast<unsigned>(w) << 14 | task)) {}
  static constexpr transition run(task_index task) noexcept { return {what::run, task}; }
  static constexpr transition from_code(std::uint16_t code) noexcept {
    transition t;
    t.code_ = code;
    return t;
  }

  constexpr what kind() const noexcept { return static_cast<what>(code_ >> 14); }
  constexpr task_index task() const noexcept { return code_ & 0x3FFF; }
  constexpr std::uint16_t code() const noexcept { return code_; }
  friend constexpr bool operator==(transition, transition) noexcept = default;

 private:
  std::uint16_t code_ = 0;
};

inline constexpr std::size_t max_tasks = 1u << 14;

}  // namespace wavetank::sim
