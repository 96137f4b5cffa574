// One task frees what another one reads.
#include <memory>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

int main() {
  using namespace wavetank::sim;
  const scenario_property p("freed", [](world& w) {
    auto kept = std::make_unique<int>(1);
    atomic<int> turn{0};
    const int* seen = kept.get();
    w.spawn("frees", [&] {
      turn.fetch_add(1);
      kept.reset();
    });
    w.spawn("reads", [&] {
      turn.fetch_add(1);
      turn.fetch_add(*static_cast<const volatile int*>(seen));
    });
    w.join_all();
  });
  campaign_options o;
  o.strategy = "exhaustive";
  run_campaign(p, o);
}
