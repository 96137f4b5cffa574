#include <wavetank/props/buffer/buffer_words.h>

#include <wavetank/props/running.h>

namespace wavetank::props {

sim::time_point after_ms(std::uint64_t ms) {
  return ms == 0 ? sim::time_point::max() : clock_now() + std::chrono::milliseconds(ms);
}

vocabulary queue_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps) {
  constexpr auto number = operand_kind::number;
  const operand within{"within", number, 0, 1'000, 0, 30};
  vocabulary words;
  words.settings = {
      {"shards", number, 1, 2, 1},    {"batch", number, 0, 3, 2},  // 0: whole tables
      {"bound", number, 0, 4, 0},                                  // 0: none
      {"overflow", number, 0, 3, 0},  {"on_failure", number, 0, 3, 0},
      {"threshold", number, 0, 3, 0}, {"end", number, 0, 3, 0},
  };
  words.verbs = {
      {"put", false, 14, {{"count", number, 1, 2, 1}, within}},
      {"hold", false, 3, {{"count", number, 0, 1, 1}, {"shard", number, 0, 1, 0}}},
      {"flush", false, 3, {within}},
      {"sleep", false, 4, {{"ms", number, 1, 100, 1, 30}}},
      {"plan", false, 4, {{"call", number, 1, 6, 1}, {"how", number, 0, 3, 0}}},
      {"update", false, 1, {{"threshold", number, 0, 3, 0}, {"interval", number, 1, 30, 10}}},
      {"stop", false, 1, {within}},
  };
  words.least_branches = least_branches;
  words.most_branches = most_branches;
  words.most_generated_steps = most_steps;
  return words;
}

partition_options queue_options(const program& p) {
  const auto setting = [&](queue_setting which) { return p.settings[static_cast<std::size_t>(which)]; };
  partition_options all;
  all.processing_interval = buffer_interval;
  all.processing_timeout = buffer_timeout;
  all.processing_batch_size = setting(queue_setting::batch);
  if (setting(queue_setting::threshold) != 0) all.drain_threshold = setting(queue_setting::threshold);
  if (setting(queue_setting::bound) != 0) all.max_records = setting(queue_setting::bound);
  all.on_overflow = static_cast<overflow_policy>(setting(queue_setting::overflow));
  const auto failure = static_cast<failure_setting>(setting(queue_setting::on_failure));
  if (failure == failure_setting::at_least_once) all.delivery = delivery_guarantee::at_least_once;
  if (failure == failure_setting::retry) all.on_failure = failure_policy::retry;
  if (failure == failure_setting::dead_letter) all.on_failure = failure_policy::dead_letter;
  all.first_backoff = std::chrono::milliseconds(1);
  all.max_backoff = std::chrono::milliseconds(4);
  all.shards = setting(queue_setting::shards);
  return all;
}

partition_options updated_options(const program& p, std::uint64_t threshold, std::uint64_t interval_ms) {
  partition_options changed = queue_options(p);
  changed.drain_threshold.reset();
  if (threshold != 0) changed.drain_threshold = threshold;
  changed.processing_interval = std::chrono::milliseconds(interval_ms);
  return changed;
}

buffer_ledger::terms ledger_terms(const program& p) {
  const auto setting = [&](queue_setting which) { return p.settings[static_cast<std::size_t>(which)]; };
  const auto failure = static_cast<failure_setting>(setting(queue_setting::on_failure));
  const auto policy = static_cast<overflow_policy>(setting(queue_setting::overflow));
  buffer_ledger::terms t;
  t.at_least_once = failure == failure_setting::at_least_once;
  t.retries = failure == failure_setting::retry;
  t.batch_size = setting(queue_setting::batch);
  t.most_held = setting(queue_setting::bound);
  t.time_out = buffer_timeout;
  t.drops = t.most_held != 0 && (policy == overflow_policy::drop_newest || policy == overflow_policy::drop_oldest);
  return t;
}

}  // namespace wavetank::props
