#include <wavetank/props/semaphore_properties.h>

#include <wavetank/props/counting_semaphore_properties.h>
#include <wavetank/sim/runtime.h>

namespace wavetank::props {

std::vector<std::unique_ptr<const sim::property>> counting_semaphore_catalogue() {
  using semaphore = counting_semaphore<sim::runtime>;
  std::vector<std::unique_ptr<const sim::property>> all;
  const auto add = [&](program_property p) { all.push_back(std::make_unique<program_property>(std::move(p))); };
  add(counting_semaphore_lockstep<semaphore>());
  add(counting_semaphore_concurrent<semaphore>());
  add(counting_semaphore_scope<semaphore>(
      "semaphore.counting.scope.2", "every schedule of 2 tasks with a death, a time-out and a lowered limit", 2,
      {"with limit=2", "main try_acquire #9 kept=1", "a acquire #1 weight=2 within=2", "a release permit=#1",
       "b release permit=#9", "b set_limit limit=1"}));
  add(counting_semaphore_scope<semaphore>("semaphore.counting.scope.3",
                                          "every schedule of 3 tasks with a death, a time-out and a close", 3,
                                          {"main try_acquire #9 kept=1", "a acquire #1 within=2", "a release permit=#1",
                                           "b limit", "b close", "c release permit=#9", "c limit"},
                                          exploration::exhaustive));
  add(counting_semaphore_scope<semaphore>(
      "semaphore.counting.scope.deadline", "a permit that comes a nanosecond before the deadline is granted", 2,
      {"a acquire #1", "a sleep ms=1", "b acquire #2 within=2"}, exploration::exhaustive));
  return all;
}

}  // namespace wavetank::props
