#include <wavetank/props/semaphore_properties.h>

#include <wavetank/props/counting_semaphore_properties.h>
#include <wavetank/sim/runtime.h>

namespace wavetank::props {

namespace {

using semaphore = counting_semaphore<sim::runtime>;

}  // namespace

std::vector<std::unique_ptr<const sim::property>> counting_semaphore_catalogue() {
  std::vector<std::unique_ptr<const sim::property>> all;
  const auto add = [&](program_property p) { all.push_back(std::make_unique<program_property>(std::move(p))); };
  add(counting_semaphore_lockstep<semaphore>());
  add(counting_semaphore_concurrent<semaphore>());
  add(counting_semaphore_scope<semaphore>(
      "semaphore.counting.scope.2", "every schedule of 2 tasks with a kill, a time-out and a raised limit", 2,
      {"a acquire #1 within=2", "a release permit=#1", "b acquire #2 kept=1", "b set_limit limit=2"}));
  return all;
}

}  // namespace wavetank::props
