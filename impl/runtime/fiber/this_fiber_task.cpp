#include <wavetank/impl/runtime/fiber/this_fiber_task.h>

#include <string_view>
#include <utility>

#include <boost/fiber/context.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/fss.hpp>

namespace wavetank::fiber_world {
namespace {

void end_of_foreign_fiber(task_context* task);

// Left alive at exit: fibers of threads that outlive `main` still look here.
boost::fibers::fiber_specific_ptr<task_context>& slot() {
  static auto& pointer = *new boost::fibers::fiber_specific_ptr<task_context>{end_of_foreign_fiber};
  return pointer;
}

/// Called deep inside the end of a fiber, with a spinlock of it held, where nothing may suspend. What a death does may
/// have to wait for a mutex, so it runs on a fiber of its own, under the identity of the dead.
void end_of_foreign_fiber(task_context* task) {
  boost::fibers::fiber{[owned = std::unique_ptr<task_context>{task}]() mutable {
    adopt(*owned);
    end(std::move(owned));
  }}.detach();
}

/// The main fiber of a thread has no end that Boost would tell of. Made after Boost's own thread-local state, hence
/// destroyed before it, so that fiber mutexes still work.
struct main_fiber_task {
  ~main_fiber_task() {
    if (task == nullptr) return;
    end(std::move(task));
  }
  std::unique_ptr<task_context> task;
};

}  // namespace

task_context* this_fiber_task() noexcept { return slot().get(); }

void adopt(task_context& task) { slot().reset(&task); }

void end(std::unique_ptr<task_context> task) noexcept {
  task->die();
  slot().release();
}

task_context& current() {
  if (task_context* const task = this_fiber_task()) return *task;
  auto made = std::make_unique<task_context>(std::string_view{});
  task_context& entered = *made;
  const bool on_main_fiber = boost::fibers::context::active()->is_context(boost::fibers::type::main_context);
  adopt(entered);
  if (on_main_fiber) {
    thread_local main_fiber_task main_task;
    main_task.task = std::move(made);
  } else {
    made.release();  // NOLINT(bugprone-unused-return-value): the slot owns it now
  }
  return entered;
}

}  // namespace wavetank::fiber_world
