#include <wavetank/model/cache_index_scope.h>

namespace wavetank::model {
namespace {

using index_of_cache = cache_index;
using state = index_of_cache::state;
using commands = std::vector<index_of_cache::command>;
using bounds_of = cache_index_bounds;

/// Stands for every claim that is over, or never was.
constexpr claim_number an_old_one = 99;

/// The smallest number that nobody carries: one for all, so that equal situations are equal states.
claim_number free_claim(const state& s) {
  claim_number one = 1;
  while (s.claims.contains(one)) ++one;
  return one;
}

generation_number free_generation(const state& s, key_number key) {
  generation_number one = 1;
  while (s.blobs.contains({key, one})) ++one;
  return one;
}

void add_uses_of_a_key(commands& all, const state& s, key_number key, const bounds_of& bounds) {
  const auto generation = free_generation(s, key);
  all.push_back(index_of_cache::lookup_exact{key});
  all.push_back(index_of_cache::retry{key});
  for (index_of_cache::seconds now = 1; now <= bounds.moments; ++now) {
    if (s.claims.size() < bounds.claims) all.push_back(index_of_cache::checkout{free_claim(s), key, now});
    for (index_of_cache::byte_count size = 1; size <= bounds.sizes; ++size) {
      for (const tier where : {tier::ram, tier::disk}) {
        all.push_back(index_of_cache::install{key, generation, where, size, now});
      }
    }
  }
}

void add_evictions(commands& all, const bounds_of& bounds) {
  for (const auto tiers :
       {index_of_cache::all_tiers, index_of_cache::only(tier::ram), index_of_cache::only(tier::disk)}) {
    all.push_back(index_of_cache::evict_oldest{tiers});
    all.push_back(index_of_cache::evict_bytes{0, tiers});
    all.push_back(index_of_cache::evict_bytes{bounds.sizes, tiers});
    all.push_back(index_of_cache::evict_bytes{bounds.sizes * 2 + 1, tiers});
  }
  all.push_back(index_of_cache::gc{});
}

}  // namespace

std::vector<cache_index::command> commands_in(const cache_index::state& s, const cache_index_bounds& bounds) {
  commands all;
  for (key_number key = 1; key <= bounds.keys; ++key) add_uses_of_a_key(all, s, key, bounds);
  for (const auto& entry : s.claims) all.push_back(index_of_cache::checkin{entry.first});
  all.push_back(index_of_cache::checkin{an_old_one});
  add_evictions(all, bounds);
  for (const tier where : {tier::ram, tier::ram_file, tier::disk}) all.push_back(index_of_cache::bytes_in_use{where});
  return all;
}

}  // namespace wavetank::model
