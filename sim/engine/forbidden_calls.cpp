#include <wavetank/sim/engine/forbidden_calls.h>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/time.h>
#include <unistd.h>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <string>

#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::sim {

/// Whom the stand-ins ask.
class forbidden_call_guard {
 public:
  static void check(const char* call, const char* instead) noexcept {
    scheduler* s = scheduler::running_;
    if (s == nullptr || s->silent_ != 0 || s->failed()) return;
    scheduler::running_ = nullptr;  // making the message must not be judged
    std::string message;
    try {
      message = s->self().name + " calls " + call + ", which differs from run to run; use " + instead;
    } catch (...) {
      message.clear();
    }
    scheduler::running_ = s;
    s->unobserved([&] { s->fail(verdict_kind::forbidden_call, std::move(message)); });
  }

  /// Whether the running code is a simulated task's own.
  static scheduler* in_task() noexcept { return scheduler::running_; }
};

namespace {

// The real function behind a stand-in. The address is looked up at each call's first use, before which a constructor of
// another translation unit may already need it.
template <class F>
F* real(const char* name) noexcept {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

[[noreturn]] void end_task(verdict_kind kind, std::string message) {
  scheduler& s = scheduler::here();
  s.fail(kind, s.self().name + ": " + std::move(message));
  s.give_up_running_task();
}

std::terminate_handler previous_terminate = nullptr;

[[noreturn]] void terminate_in_world() {
  if (forbidden_call_guard::in_task() != nullptr) {
    const bool killed = scheduler::here().self().killed;
    end_task(
        verdict_kind::terminated,
        killed ? "std::terminate was called while the task was being killed; a wait or point inside a destructor or a "
                 "noexcept function needs a death_shelter around it"
               : "std::terminate was called, by an exception out of a noexcept function for example");
  }
  if (previous_terminate != nullptr) previous_terminate();
  std::abort();
}

}  // namespace

void install_forbidden_calls() {
  static const bool once = [] {
    previous_terminate = std::set_terminate(terminate_in_world);
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace wavetank::sim

using wavetank::sim::forbidden_call_guard;
using wavetank::sim::real;

extern "C" {

// Sanitizers that are linked statically have stand-ins of their own, which ours would hide: a thread that they do not
// know of breaks them. Absent in other builds.
[[gnu::weak]] int __interceptor_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

int clock_gettime(clockid_t id, timespec* t) noexcept {
  forbidden_call_guard::check("clock_gettime", "runtime.now()");
  static const auto function = real<int(clockid_t, timespec*)>("clock_gettime");
  return function(id, t);
}

int gettimeofday(timeval* __restrict t, void* __restrict zone) noexcept {
  forbidden_call_guard::check("gettimeofday", "runtime.now()");
  static const auto function = real<int(timeval*, void*)>("gettimeofday");
  return function(t, zone);
}

time_t time(time_t* t) noexcept {
  forbidden_call_guard::check("time", "runtime.now()");
  static const auto function = real<time_t(time_t*)>("time");
  return function(t);
}

clock_t clock() noexcept {
  forbidden_call_guard::check("clock", "runtime.now()");
  static const auto function = real<clock_t()>("clock");
  return function();
}

int nanosleep(const timespec* t, timespec* left) {
  forbidden_call_guard::check("nanosleep", "runtime.sleep_until()");
  static const auto function = real<int(const timespec*, timespec*)>("nanosleep");
  return function(t, left);
}

int clock_nanosleep(clockid_t id, int flags, const timespec* t, timespec* left) {
  forbidden_call_guard::check("clock_nanosleep", "runtime.sleep_until()");
  static const auto function = real<int(clockid_t, int, const timespec*, timespec*)>("clock_nanosleep");
  return function(id, flags, t, left);
}

int usleep(useconds_t us) {
  forbidden_call_guard::check("usleep", "runtime.sleep_until()");
  static const auto function = real<int(useconds_t)>("usleep");
  return function(us);
}

unsigned sleep(unsigned s) {
  forbidden_call_guard::check("sleep", "runtime.sleep_until()");
  static const auto function = real<unsigned(unsigned)>("sleep");
  return function(s);
}

ssize_t getrandom(void* bytes, size_t count, unsigned flags) {
  forbidden_call_guard::check("getrandom", "runtime.random()");
  static const auto function = real<ssize_t(void*, size_t, unsigned)>("getrandom");
  return function(bytes, count, flags);
}

int getentropy(void* bytes, size_t count) {
  forbidden_call_guard::check("getentropy", "runtime.random()");
  static const auto function = real<int(void*, size_t)>("getentropy");
  return function(bytes, count);
}

int rand() noexcept {
  forbidden_call_guard::check("rand", "runtime.random()");
  static const auto function = real<int()>("rand");
  return function();
}

long random() noexcept {
  forbidden_call_guard::check("random", "runtime.random()");
  static const auto function = real<long()>("random");
  return function();
}

int pthread_create(pthread_t* __restrict thread, const pthread_attr_t* __restrict attributes, void* (*start)(void*),
                   void* __restrict argument) noexcept {
  forbidden_call_guard::check("pthread_create", "runtime.spawn()");
  if (__interceptor_pthread_create != nullptr) return __interceptor_pthread_create(thread, attributes, start, argument);
  static const auto function = real<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return function(thread, attributes, start, argument);
}

pid_t fork() noexcept {
  forbidden_call_guard::check("fork", "runtime.spawn()");
  static const auto function = real<pid_t()>("fork");
  return function();
}

void __assert_fail(const char* assertion, const char* file, unsigned line, const char* function) noexcept {
  if (forbidden_call_guard::in_task() != nullptr) {
    wavetank::sim::end_task(wavetank::sim::verdict_kind::assertion, std::string("assertion `") + assertion +
                                                                        "` failed in " + function + " (" + file + ":" +
                                                                        std::to_string(line) + ")");
  }
  static const auto abort_with_message =
      wavetank::sim::real<void(const char*, const char*, unsigned, const char*)>("__assert_fail");
  abort_with_message(assertion, file, line, function);
  std::abort();
}

}  // extern "C"
