#include <wavetank/model/checker/catalogue.h>

#include <algorithm>
#include <charconv>

#include <wavetank/model/buffer_scope.h>
#include <wavetank/model/cache_index_scope.h>
#include <wavetank/model/checker/model_checker.h>
#include <wavetank/model/counting_semaphore_scope.h>
#include <wavetank/model/disk_log_scope.h>
#include <wavetank/model/double_buffer_swap.h>
#include <wavetank/model/merge_semaphore_scope.h>
#include <wavetank/model/reservation_scope.h>
#include <wavetank/model/sync_gate.h>
#include <wavetank/model/window_batcher.h>

namespace wavetank::model {
namespace {

scope_bound number_of(std::string name, std::string meaning, std::uint64_t least, std::uint64_t most,
                      std::uint64_t usual) {
  return {std::move(name), std::move(meaning), least, most, usual};
}

scope_bound whether(std::string name, std::string meaning, bool usual) {
  return {std::move(name), std::move(meaning), 0, 1, usual ? 1U : 0U};
}

std::vector<scope_bound> bounds_like(const counting_semaphore_bounds& usual) {
  return {
      number_of("tasks", "tasks that call", 2, 6, usual.tasks),
      number_of("calls", "calls that run, or whose handle is kept, at a time", 2, 8, usual.calls),
      number_of("max_weight", "requests of 1 to this", 1, 6, usual.max_weight),
      number_of("max_limit", "limits of 1 to this; the first is this", 1, 6, usual.max_limit),
      number_of("deaths", "tasks that may die", 0, 6, usual.deaths),
      whether("stops", "stop requests and unwound calls", usual.stops),
      whether("transfers", "permits change owners", usual.transfers),
      whether("ends", "close and destruction", usual.ends),
  };
}

check_report check_counting_semaphore(const scope_bounds& wanted, const check_budget& budget) {
  counting_semaphore_bounds bounds;
  bounds.tasks = wanted.at("tasks");
  bounds.calls = wanted.at("calls");
  bounds.max_weight = wanted.at("max_weight");
  bounds.max_limit = wanted.at("max_limit");
  bounds.deaths = wanted.at("deaths");
  bounds.stops = wanted.at("stops") != 0;
  bounds.transfers = wanted.at("transfers") != 0;
  bounds.ends = wanted.at("ends") != 0;
  return check(scope_of(bounds), counting_semaphore_properties(bounds), budget);
}

std::vector<scope_bound> bounds_like(const merge_semaphore_bounds& usual) {
  return {
      number_of("tasks", "tasks that call", 2, 6, usual.tasks),
      number_of("calls", "calls that run, or whose handle is kept, at a time", 2, 8, usual.calls),
      number_of("shards", "shards that a call may name", 1, 6, usual.shards),
      number_of("deaths", "tasks that may die", 0, 6, usual.deaths),
      whether("stops", "stop requests and unwound calls", usual.stops),
      whether("transfers", "permits change owners", usual.transfers),
      whether("ends", "close and destruction", usual.ends),
  };
}

check_report check_merge_semaphore(const scope_bounds& wanted, const check_budget& budget) {
  merge_semaphore_bounds bounds;
  bounds.tasks = wanted.at("tasks");
  bounds.calls = wanted.at("calls");
  bounds.shards = wanted.at("shards");
  bounds.deaths = wanted.at("deaths");
  bounds.stops = wanted.at("stops") != 0;
  bounds.transfers = wanted.at("transfers") != 0;
  bounds.ends = wanted.at("ends") != 0;
  return check(scope_of(bounds), merge_semaphore_properties(bounds), budget);
}

std::vector<scope_bound> bounds_like(const reservation_bounds& usual) {
  return {
      number_of("tasks", "tasks that call", 1, 4, usual.tasks),
      number_of("keys", "keys", 1, 3, usual.keys),
      number_of("tokens", "reservations of a key whose writer is at work, at a time", 1, 4, usual.tokens),
      number_of("claims", "claims at a time", 0, 4, usual.claims),
      number_of("calls", "waiting calls at a time", 0, 4, usual.calls),
      number_of("deaths", "tasks that may die between two crashes", 0, 4, usual.deaths),
      whether("inserts", "rows are inserted and replaced", usual.inserts),
      whether("evictions", "rows are evicted", usual.evictions),
      whether("rots", "files become invalid", usual.rots),
      whether("crashes", "crash and restart", usual.crashes),
      whether("quota", "an install may exceed a quota", usual.quota),
  };
}

check_report check_reservation(const scope_bounds& wanted, const check_budget& budget) {
  reservation_bounds bounds;
  bounds.tasks = wanted.at("tasks");
  bounds.keys = wanted.at("keys");
  bounds.tokens = wanted.at("tokens");
  bounds.claims = wanted.at("claims");
  bounds.calls = wanted.at("calls");
  bounds.deaths = wanted.at("deaths");
  bounds.inserts = wanted.at("inserts") != 0;
  bounds.evictions = wanted.at("evictions") != 0;
  bounds.rots = wanted.at("rots") != 0;
  bounds.crashes = wanted.at("crashes") != 0;
  bounds.quota = wanted.at("quota") != 0;
  return check(scope_of(bounds), reservation_properties(bounds), budget);
}

std::vector<scope_bound> bounds_like(const cache_index_bounds& usual) {
  return {
      number_of("keys", "keys", 1, 4, usual.keys),
      number_of("sizes", "rows of 1 to this many bytes", 1, 4, usual.sizes),
      number_of("moments", "readings of the clock", 1, 4, usual.moments),
      number_of("claims", "claims at a time", 0, 4, usual.claims),
      number_of("ram_quota", "bytes in ram; 0: no quota", 0, 16, usual.ram_quota),
      number_of("disk_quota", "bytes on disk; 0: no quota", 0, 16, usual.disk_quota),
  };
}

check_report check_cache_index(const scope_bounds& wanted, const check_budget& budget) {
  cache_index_bounds bounds;
  bounds.keys = wanted.at("keys");
  bounds.sizes = wanted.at("sizes");
  bounds.moments = wanted.at("moments");
  bounds.claims = wanted.at("claims");
  bounds.ram_quota = wanted.at("ram_quota");
  bounds.disk_quota = wanted.at("disk_quota");
  return check(scope_of(bounds), cache_index_properties(bounds), budget);
}

std::vector<scope_bound> bounds_like(const disk_log_bounds& usual) {
  return {
      number_of("batches", "batches that are tried", 1, 6, usual.batches),
      number_of("segments", "segments on the medium", 2, 8, usual.segments),
      number_of("rots", "frames that rot", 0, 3, usual.rots),
      number_of("in_flight", "batches that are written and not synced", 1, 3, usual.in_flight),
  };
}

check_report check_disk_log(const scope_bounds& wanted, const check_budget& budget) {
  const disk_log_bounds bounds{wanted.at("batches"), wanted.at("segments"), wanted.at("rots"), wanted.at("in_flight")};
  return check(scope_of(bounds), disk_log_properties(bounds), budget);
}

std::vector<scope_bound> bounds_like(const sync_gate_bounds& usual) {
  return {
      number_of("writers", "tasks that write", 2, 5, usual.writers),
      number_of("pausers", "tasks that pause", 2, 4, usual.pausers),
      number_of("deaths", "tasks that may die", 0, 4, usual.deaths),
  };
}

check_report check_sync_gate(const scope_bounds& wanted, const check_budget& budget) {
  return check(sync_gate{{wanted.at("writers"), wanted.at("pausers"), wanted.at("deaths")}}, sync_gate_properties(),
               budget);
}

std::vector<scope_bound> bounds_like(const window_batcher_bounds& usual) {
  return {
      number_of("submitters", "tasks that write", 1, 4, usual.submitters),
      number_of("kinds", "kinds of slots", 1, 3, usual.kinds),
      number_of("requests", "requests in a run", 2, 6, usual.requests),
      number_of("max_items", "requests in a slot", 2, 4, usual.max_items),
      number_of("commits", "commits in flight", 1, 3, usual.commits),
  };
}

check_report check_window_batcher(const scope_bounds& wanted, const check_budget& budget) {
  const window_batcher_bounds bounds{wanted.at("submitters"), wanted.at("kinds"), wanted.at("requests"),
                                     wanted.at("max_items"), wanted.at("commits")};
  return check(window_batcher{bounds}, window_batcher_properties(bounds), budget);
}

std::vector<scope_bound> bounds_like(const double_buffer_swap_bounds& usual) {
  return {
      number_of("writers", "tasks that write", 1, 4, usual.writers),
      number_of("shards", "shards of a table", 1, 3, usual.shards),
      number_of("tables", "tables in the pool", 2, 5, usual.tables),
      number_of("records", "records in a run", 1, 6, usual.records),
      number_of("batch_size", "records that the processor gets at a time", 1, 4, usual.batch_size),
      number_of("deaths", "writers that may die", 0, 4, usual.deaths),
      number_of("failures", "times that the processor throws, dies or times out", 0, 3, usual.failures),
      number_of("restarts", "deaths of the partition's task", 0, 3, usual.restarts),
      whether("flushes", "flushes", usual.flushes),
      whether("stops", "a stop, and its deadline", usual.stops),
      whether("at_least_once", "a batch that failed is tried once more", usual.at_least_once),
  };
}

check_report check_double_buffer_swap(const scope_bounds& wanted, const check_budget& budget) {
  double_buffer_swap_bounds bounds;
  bounds.writers = wanted.at("writers");
  bounds.shards = wanted.at("shards");
  bounds.tables = wanted.at("tables");
  bounds.records = wanted.at("records");
  bounds.batch_size = wanted.at("batch_size");
  bounds.deaths = wanted.at("deaths");
  bounds.failures = wanted.at("failures");
  bounds.restarts = wanted.at("restarts");
  bounds.flushes = wanted.at("flushes") != 0;
  bounds.stops = wanted.at("stops") != 0;
  bounds.at_least_once = wanted.at("at_least_once") != 0;
  return check(double_buffer_swap{bounds}, double_buffer_swap_properties(bounds), budget);
}

std::vector<scope_bound> bounds_like(const buffer_bounds& usual) {
  return {
      whether("keyed", "a map; else a queue", usual.keyed),
      number_of("producers", "producers of a queue", 1, 3, usual.producers),
      number_of("keys", "keys of a map", 1, 3, usual.keys),
      number_of("versions", "versions of 1 to this", 1, 4, usual.versions),
      number_of("puts", "records accepted in a run", 1, 8, usual.puts),
      number_of("max_records", "the bound; 0: none", 0, 8, usual.max_records),
      number_of("policy", "0 reject, 1 block, 2 drop newest, 3 drop oldest, 4 coalesce", 0, 4, usual.policy),
      number_of("batch_size", "records that the processor gets at a time; 0: the table", 0, 4, usual.batch_size),
      whether("retries", "chunks are given again", usual.retries),
  };
}

check_report check_buffer(const scope_bounds& wanted, const check_budget& budget) {
  buffer_bounds bounds;
  bounds.keyed = wanted.at("keyed") != 0;
  bounds.producers = wanted.at("producers");
  bounds.keys = wanted.at("keys");
  bounds.versions = wanted.at("versions");
  bounds.puts = wanted.at("puts");
  bounds.max_records = wanted.at("max_records");
  bounds.policy = wanted.at("policy");
  bounds.batch_size = wanted.at("batch_size");
  bounds.retries = wanted.at("retries") != 0;
  return check(scope_of(bounds), buffer_properties(bounds), budget);
}

/// The same model in several scopes: a scope that is large in every direction at once is too large to exhaust.
std::vector<checkable_model> make_catalogue() {
  const counting_semaphore_bounds everything{};
  const counting_semaphore_bounds limits{2, 3, 3, 3, 1, true, true, true};
  const counting_semaphore_bounds queue{3, 4, 1, 2, 1, false, false, false};
  const merge_semaphore_bounds merge{};
  const merge_semaphore_bounds merge_queue{3, 4, 1, 1, true, false, true};
  const reservation_bounds waiters{3, 1, 1, 0, 2, 1, false, true, true, false, true};
  const reservation_bounds two_claims{2, 1, 1, 2, 0, 1, true, true, true, true, true};
  const reservation_bounds two_keys{2, 2, 1, 1, 1, 1, false, true, false, true, false};
  const cache_index_bounds two_pins{2, 1, 1, 2, 0, 1};
  const cache_index_bounds three_rows{3, 1, 2, 0, 0, 2};
  const buffer_bounds plain_queue{false, 2, 1, 1, 5, 3, 2, 2, true};
  const buffer_bounds dropping_queue{false, 2, 1, 1, 5, 3, 3, 1, false};
  const buffer_bounds versions{true, 1, 2, 2, 4, 2, 4, 1, true};
  const double_buffer_swap_bounds two_shards{2, 2, 3, 3, 2, 1, 0, 0, false, true, false};
  const double_buffer_swap_bounds three_writers{3, 1, 3, 2, 1, 0, 0, 0, true, false, false};
  const double_buffer_swap_bounds again{2, 1, 4, 3, 2, 0, 2, 1, false, false, true};
  return {
      {"counting_semaphore", "weights, FIFO, deaths, time-outs, stops, transfers, limits, close: every event",
       bounds_like(everything), check_counting_semaphore},
      {"counting_semaphore_limits", "the same with weights and limits up to three", bounds_like(limits),
       check_counting_semaphore},
      {"counting_semaphore_queue", "the same with a longer queue, unit weights and fewer kinds of event",
       bounds_like(queue), check_counting_semaphore},
      {"merge_semaphore", "one holder named by its shard: every row of the table, every event", bounds_like(merge),
       check_merge_semaphore},
      {"merge_semaphore_queue", "the same with a longer queue and one shard", bounds_like(merge_queue),
       check_merge_semaphore},
      {"reservation", "who saves a key and who reads it: one key, every event, stragglers, rot, crashes",
       bounds_like(reservation_bounds{}), check_reservation},
      {"reservation_waiters", "the same with a queue of waiters and without claims, inserts and crashes",
       bounds_like(waiters), check_reservation},
      {"reservation_claims", "the same with two claims and without waiters", bounds_like(two_claims),
       check_reservation},
      {"reservation_keys", "the same with two keys and fewer kinds of event", bounds_like(two_keys), check_reservation},
      {"cache_index", "rows, generations and pins, LRU order, bytes, quotas, unlinks that fail",
       bounds_like(cache_index_bounds{}), check_cache_index},
      {"cache_index_claims", "the same with two claims, one size and one moment", bounds_like(two_pins),
       check_cache_index},
      {"cache_index_order", "the same with three keys, one size and no claims", bounds_like(three_rows),
       check_cache_index},
      {"disk_log", "frames and segments of the log: crashes, failed syncs, voided batches, rot",
       bounds_like(disk_log_bounds{}), check_disk_log},
      {"sync_gate", "admissions and pauses, published before one looks, and deaths", bounds_like(sync_gate_bounds{}),
       check_sync_gate},
      {"window_batcher", "slots, the commit in flight, the order of submitters, flush, deadlines, stop",
       bounds_like(window_batcher_bounds{}), check_window_batcher},
      {"buffer_queue", "accounting, order of producers, flush, stop; the newest is dropped at the bound",
       bounds_like(plain_queue), check_buffer},
      {"buffer_queue_oldest", "the same with the oldest dropped", bounds_like(dropping_queue), check_buffer},
      {"buffer_map", "versions across a swap, erasure, read-through, coalescing at the bound", bounds_like(versions),
       check_buffer},
      {"double_buffer_swap", "leases, publishing, closing, stragglers, hand-over, recycling, deaths, flush, stop",
       bounds_like(double_buffer_swap_bounds{}), check_double_buffer_swap},
      {"double_buffer_swap_shards", "the same with two shards and three records, without failures and flushes",
       bounds_like(two_shards), check_double_buffer_swap},
      {"double_buffer_swap_writers", "the same with three writers and a flush, without deaths, failures and stops",
       bounds_like(three_writers), check_double_buffer_swap},
      {"double_buffer_swap_again", "the same with batches that are tried again, without deaths of writers",
       bounds_like(again), check_double_buffer_swap},
  };
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string names_of_bounds(const checkable_model& model) {
  std::string names;
  for (const auto& one : model.bounds) names += (names.empty() ? "" : ", ") + one.name;
  return names;
}

}  // namespace

const std::vector<checkable_model>& checkable_models() {
  static const std::vector<checkable_model> all = make_catalogue();
  return all;
}

const checkable_model* find_checkable_model(std::string_view name) {
  const auto& all = checkable_models();
  const auto at = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  return at == all.end() ? nullptr : &*at;
}

scope_bounds usual_bounds(const checkable_model& model) {
  scope_bounds bounds;
  for (const auto& one : model.bounds) bounds[one.name] = one.usual;
  return bounds;
}

std::optional<std::string> set_bound(const checkable_model& model, scope_bounds& bounds, std::string_view setting) {
  const std::string quoted = "bound '" + std::string(setting) + "'";
  const auto equals = setting.find('=');
  if (equals == std::string_view::npos) return quoted + " is not of the form NAME=NUMBER";
  const auto name = setting.substr(0, equals);
  const auto known =
      std::find_if(model.bounds.begin(), model.bounds.end(), [&](const auto& one) { return one.name == name; });
  if (known == model.bounds.end()) return quoted + ": " + model.name + " has the bounds " + names_of_bounds(model);
  const auto number = parse_number(setting.substr(equals + 1));
  if (!number || *number < known->least || *number > known->most) {
    return quoted + ": give a number from " + std::to_string(known->least) + " to " + std::to_string(known->most);
  }
  bounds[known->name] = *number;
  return std::nullopt;
}

std::string to_text(const checkable_model& model, const scope_bounds& bounds) {
  std::string line;
  for (const auto& one : model.bounds) {
    line += (line.empty() ? "" : " ") + one.name + "=" + std::to_string(bounds.at(one.name));
  }
  return line;
}

}  // namespace wavetank::model
