#include <wavetank/sim/disk/crash_samples.h>
#include <wavetank/sim/disk/tree_hash.h>
#include <wavetank/sim/disk/word_set.h>
#include <wavetank/sim/random.h>

#include <algorithm>
#include <vector>

namespace wavetank::sim::disk {

namespace {
/// The name operations among the free ones, by their places there.
std::vector<std::size_t> free_names(const disk& of) {
  std::vector<std::size_t> places;
  std::size_t place = 0;
  for (const operation& op : of.operations()) {
    if (op.durable) continue;
    if (op.what == operation::kind::names) places.push_back(place);
    ++place;
  }
  return places;
}
}  // namespace

crash_summary sample_crash_states(const disk& before, const crash_limits& limits,
                                  const std::function<void(disk)>& visit) {
  crash_summary summary;
  const std::size_t count = before.free_operations();
  const bool ordered = before.options().mode == crash_mode::journal;
  const std::vector<std::size_t> names = free_names(before);
  word_set subsets;
  word_set trees;
  const auto look_at = [&](survivors chosen) {
    if (ordered) {  // the nearest allowed subset: what follows the first dropped name is dropped
      bool dropped = false;
      for (const std::size_t place : names) {
        dropped = dropped || chosen[place] == 0;
        if (dropped) chosen[place] = 0;
      }
    }
    if (!subsets.insert(hash_bytes(std::as_bytes(std::span{chosen})))) return;
    ++summary.subsets;
    disk after = before.after_power_loss(chosen);
    if (!trees.insert(tree_hash(after))) return;
    ++summary.states;
    visit(std::move(after));
  };
  look_at(survivors(count, 0));
  look_at(survivors(count, 1));
  for (std::size_t i = 0; i < count; ++i) {
    survivors one(count, 0);
    one[i] = 1;
    look_at(one);
    survivors but_one(count, 1);
    but_one[i] = 0;
    look_at(but_one);
    survivors prefix(count, 0);
    std::fill_n(prefix.begin(), i, std::uint8_t{1});
    look_at(prefix);
  }
  generator random{limits.seed};
  for (std::uint32_t i = 0; i < limits.samples; ++i) {
    const std::uint64_t survive_of_eight = 1 + 3 * (i % 3);  // few, half, most: 1, 4, 7 of 8
    survivors sample(count);
    for (std::uint8_t& one : sample) one = (random() >> 61) < survive_of_eight ? 1 : 0;
    if (ordered && !names.empty()) {
      const std::size_t kept = static_cast<std::size_t>(random() % (names.size() + 1));
      for (std::size_t k = 0; k < names.size(); ++k) sample[names[k]] = k < kept ? 1 : 0;
    }
    look_at(std::move(sample));
  }
  return summary;
}

}  // namespace wavetank::sim::disk
