// A simulated task: what the scheduler knows of it.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/impl/runtime.h>
#include <wavetank/sim/engine/fiber_pool.h>
#include <wavetank/sim/engine/task_body.h>
#include <wavetank/sim/engine/vector_clock.h>
#include <wavetank/sim/operation.h>
#include <wavetank/sim/time.h>

namespace wavetank::sim {

class death_watch;
struct mutex_state;
struct condition_state;

/// Thrown into a task that is killed. Destructors run and stay visible. Not a `std::exception`: nobody handles it.
struct task_killed {};

/// `abandoned`: of a killed process, and could not be unwound. Its stack is kept for ever; it counts as ended.
enum class task_state : std::uint8_t { unstarted, active, waiting, sleeping, joining, dying, finished, abandoned };

/// A group of tasks with memory and open files of their own. 0 is the harness, which is never killed.
using process_index = std::uint16_t;

struct task {
  fiber_pool::fiber* fiber = nullptr;
  task_index index = 0;
  process_index process = 0;
  task_state state = task_state::finished;
  bool doomed = false;     // told to die, has not yet been thrown into
  bool killed = false;     // was thrown into; never twice
  bool timed_out = false;  // the last wait ended by its deadline
  bool timer_armed = false;
  bool at_kill_point = false;
  bool has_handle = false;  // whoever holds it hears of an exception
  std::exception_ptr failure;
  std::uint32_t sheltered = 0;     // depth of death_shelter scopes
  bool dies_with_process = false;  // no scenario kills it by itself
  object_id object = 0;
  task_body body;
  std::string name;
  task_id identity;
  std::vector<object_id> held;  // its mutexes, in the order of locking

  mutex_state* contends_for = nullptr;
  task* next_contender = nullptr;
  condition_state* waits_for = nullptr;
  mutex_state* wait_mutex = nullptr;
  task* next_waiter = nullptr;
  task* joins = nullptr;
  time_point deadline{};

  vector_clock clock;
  std::vector<std::pair<std::uint64_t, std::unique_ptr<attachment>>> attachments;
  std::vector<std::shared_ptr<death_watch>> watches;
};

}  // namespace wavetank::sim
