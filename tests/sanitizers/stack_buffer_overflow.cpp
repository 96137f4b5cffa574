// A task writes past an array on its own stack, after it was switched away from and back.
#include <cstddef>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

int main() {
  using namespace wavetank::sim;
  const scenario_property p("overflown", [](world& w) {
    atomic<std::size_t> next{0};
    for (const char* name : {"a", "b"}) {
      w.spawn(name, [&] {
        volatile char room[8] = {};
        volatile char* const somewhere = room;  // an array's own bounds are checked by another sanitizer
        next.fetch_add(4);
        somewhere[next.fetch_add(1)] = 1;
      });
    }
    w.join_all();
  });
  campaign_options o;
  o.strategy = "exhaustive";
  run_campaign(p, o);
}
