#include <wavetank/props/merge_semaphore_properties.h>
#include <wavetank/props/semaphore_properties.h>
#include <wavetank/sim/runtime.h>

namespace wavetank::props {

std::vector<std::unique_ptr<const sim::property>> merge_semaphore_catalogue() {
  using semaphore = merge_semaphore<sim::runtime>;
  std::vector<std::unique_ptr<const sim::property>> all;
  const auto add = [&](program_property p) { all.push_back(std::make_unique<program_property>(std::move(p))); };
  add(merge_semaphore_lockstep<semaphore>());
  add(merge_semaphore_concurrent<semaphore>());
  add(merge_semaphore_scope<semaphore>(
      "semaphore.merge.scope.2", "every schedule of 2 tasks with a death, a time-out and a close", 2,
      {"a acquire_until #1 within=2", "a close", "b acquire_until #2 shard=1 kept=1", "b release permit=#2"}));
  add(merge_semaphore_scope<semaphore>("semaphore.merge.scope.3",
                                       "every schedule of 3 tasks with a death, a time-out and a close", 3,
                                       {"a acquire_until #1 within=2", "a close", "b acquire_until #2 shard=1 kept=1",
                                        "b release permit=#2", "c acquire #3", "c release permit=#3"},
                                       exploration::exhaustive));
  add(merge_semaphore_scope<semaphore>(
      "semaphore.merge.scope.deadline", "a hold that ends a nanosecond before a waiter's deadline is handed over", 2,
      {"a acquire #1", "a sleep ms=1", "a release permit=#1", "b acquire_until #2 within=2", "b release permit=#2"}));
  return all;
}

}  // namespace wavetank::props
