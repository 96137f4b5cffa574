#include <wavetank/impl/runtime/thread/this_thread_task.h>

#include <cassert>
#include <string_view>
#include <system_error>

#include <pthread.h>

namespace wavetank::thread_world {

constinit thread_local task_context* this_thread_task = nullptr;

namespace {

void end_of_thread(void* task) noexcept {
  const std::unique_ptr<task_context> ending{static_cast<task_context*>(task)};
  ending->die();
  this_thread_task = nullptr;  // a use in a later destructor is a new task, whose death the next round brings
}

pthread_key_t death_key() {
  static const pthread_key_t key = [] {
    pthread_key_t made{};
    const int error = pthread_key_create(&made, [](void* task) { end_of_thread(task); });
    if (error != 0) throw std::system_error(error, std::generic_category(), "wavetank: pthread_key_create");
    return made;
  }();
  return key;
}

}  // namespace

void adopt(std::unique_ptr<task_context> task) {
  assert(this_thread_task == nullptr);
  const int error = pthread_setspecific(death_key(), task.get());
  if (error != 0) throw std::system_error(error, std::generic_category(), "wavetank: pthread_setspecific");
  this_thread_task = task.release();
}

task_context& enter() {
  adopt(std::make_unique<task_context>(std::string_view{}));
  return *this_thread_task;
}

}  // namespace wavetank::thread_world
