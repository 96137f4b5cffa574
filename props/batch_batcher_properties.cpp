#include <wavetank/props/batch_batcher_properties.h>

#include <wavetank/props/batch_properties.h>

namespace wavetank::props {

std::vector<std::unique_ptr<const sim::property>> batch_batcher_catalogue() {
  using batcher = window_batcher<sim::runtime, recorded_backend>;
  std::vector<std::unique_ptr<const sim::property>> all;
  const auto add = [&](program_property p) { all.push_back(std::make_unique<program_property>(std::move(p))); };
  add(batcher_concurrent<batcher>());
  return all;
}

}  // namespace wavetank::props
