#include <wavetank/props/catalogue.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <wavetank/props/batch_properties.h>
#include <wavetank/props/buffer/buffer_properties.h>
#include <wavetank/props/cache_properties.h>
#include <wavetank/props/semaphore_properties.h>
#include <wavetank/props/table/table_properties.h>

namespace wavetank::props {

namespace {

struct collection {
  std::vector<std::unique_ptr<const sim::property>> owned;
  std::vector<const sim::property*> by_name;
};

collection collect() {
  collection all;
  for (auto&& some :
       {batch_batcher_catalogue, batch_durable_catalogue, batch_gate_catalogue, batch_log_catalogue,
        batch_pause_catalogue, buffer_partition_catalogue, counting_semaphore_catalogue, merge_semaphore_catalogue,
        reservation_table_catalogue, cache_index_catalogue, durable_cache_catalogue}) {
    for (auto& p : some()) all.owned.push_back(std::move(p));
  }
  for (const auto& p : all.owned) all.by_name.push_back(p.get());
  std::sort(all.by_name.begin(), all.by_name.end(),
            [](const sim::property* a, const sim::property* b) { return a->name() < b->name(); });
  return all;
}

}  // namespace

std::span<const sim::property* const> catalogue() {
  static const collection all = collect();
  return all.by_name;
}

const sim::property* find_property(std::string_view name) {
  for (const sim::property* p : catalogue()) {
    if (p->name() == name) return p;
  }
  return nullptr;
}

}  // namespace wavetank::props
