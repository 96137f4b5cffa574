#include <wavetank/tools/merge_records.h>

#include <algorithm>
#include <map>

namespace wavetank::tools {

namespace {

void add(property_record& into, const property_record& from) {
  into.schedules += from.schedules;
  into.redundant += from.redundant;
  into.exhausted |= from.exhausted;
  into.steps += from.steps;
  into.decisions += from.decisions;
  into.seconds += from.seconds;
  for (const auto& [what, times] : from.reached) into.reached[what] += times;
  for (const auto& w : from.warnings) {
    if (std::find(into.warnings.begin(), into.warnings.end(), w) == into.warnings.end()) into.warnings.push_back(w);
  }
  const bool earlier = from.found_after && (!into.found_after || *from.found_after < *into.found_after);
  if (!from.passed() && (into.passed() || earlier)) {
    into.verdict = from.verdict;
    into.message = from.message;
    into.found_after = from.found_after;
    into.trace = from.trace;
    into.story = from.story;
  }
}

}  // namespace

tl::expected<campaign_record, merge_error> merge_records(std::span<const campaign_record> shards) {
  campaign_record merged;
  std::map<std::string, property_record> by_name;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const campaign_record& one = shards[i];
    if (i == 0) merged.version = one.version, merged.seed = one.seed;
    if (one.version != merged.version || one.seed != merged.seed) {
      return tl::unexpected(merge_error{i, "this is seed " + std::to_string(one.seed) + " of wavetank " + one.version +
                                               ", the first file is seed " + std::to_string(merged.seed) + " of " +
                                               merged.version + "; merge the shards of one campaign"});
    }
    merged.interrupted |= one.interrupted;
    for (const auto& p : one.properties) {
      property_record from = p;
      // Judged anew below: a shard alone may have been too short.
      if (from.verdict == "not_reached") from.verdict = "passed", from.message.clear();
      const auto [at, is_new] = by_name.emplace(p.name, from);
      if (!is_new) add(at->second, from);
    }
  }
  for (auto& [name, p] : by_name) {
    const auto missed = missed_coverage(p);
    if (p.passed() && missed && !merged.interrupted) p.verdict = "not_reached", p.message = *missed;
    merged.properties.push_back(std::move(p));
  }
  return merged;
}

}  // namespace wavetank::tools
