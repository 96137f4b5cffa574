#include <wavetank/tools/demo/raised_limit.h>

#include <wavetank/sim/scenario_property.h>
#include <wavetank/tools/demo/hasty_semaphore.h>

namespace wavetank::tools::demo {

namespace {

void run(sim::world& world) {
  hasty_semaphore<sim::runtime> semaphore(world.runtime(), 1);
  semaphore.acquire();
  world.spawn("brief", [&] {
    semaphore.acquire();
    semaphore.release();
  });
  for (const char* name : {"first", "second"}) {
    world.spawn(name, [&] { semaphore.acquire(); });
  }
  world.spawn("operator", [&] { semaphore.set_limit(4); });
  world.join_all();
}

}  // namespace

const sim::property& raised_limit_property() {
  static const sim::scenario_property property("demo.raised_limit", run);
  return property;
}

}  // namespace wavetank::tools::demo
