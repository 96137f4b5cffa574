#include <wavetank/model/checker/catalogue.h>

#include <algorithm>
#include <charconv>

#include <wavetank/model/buffer_scope.h>
#include <wavetank/model/cache_index_scope.h>
#include <wavetank/model/checker/model_checker.h>
#include <wavetank/model/counting_semaphore_scope.h>
#include <wavetank/model/directory_scan_scope.h>
#include <wavetank/model/disk_log_scope.h>
#include <wavetank/model/double_buffer_swap.h>
#include <wavetank/model/merge_semaphore_scope.h>
#include <wavetank/model/reservation_scope.h>
#include <wavetank/model/sync_gate.h>
#include <wavetank/model/window_batcher.h>

namespace wavetank::model {
namespace {

/// A bound of a model: what a user may choose, and how it is kept.
template <class Bounds>
struct bound_field {
  scope_bound said;
  std::uint64_t (*read)(const Bounds&);
  void (*write)(Bounds&, std::uint64_t);
};

template <class Bounds>
using bound_fields = std::vector<bound_field<Bounds>>;

template <auto Where, class Bounds, class Number>
bound_field<Bounds> field_at(Number Bounds::*, scope_bound said) {
  return {std::move(said), [](const Bounds& from) { return static_cast<std::uint64_t>(from.*Where); },
          [](Bounds& to, std::uint64_t value) { to.*Where = static_cast<Number>(value); }};
}

template <auto Where>
auto number_of(std::string name, std::string meaning, std::uint64_t least, std::uint64_t most) {
  return field_at<Where>(Where, {std::move(name), std::move(meaning), least, most, 0});
}

/// Something that happens or does not.
template <auto Where>
auto whether(std::string name, std::string meaning) {
  return field_at<Where>(Where, {std::move(name), std::move(meaning), 0, 1, 0});
}

bound_fields<counting_semaphore_bounds> fields_of(const counting_semaphore_bounds&) {
  using bounds = counting_semaphore_bounds;
  return {
      number_of<&bounds::tasks>("tasks", "tasks that call", 2, 6),
      number_of<&bounds::calls>("calls", "calls that run, or whose handle is kept, at a time", 2, 8),
      number_of<&bounds::max_weight>("max_weight", "requests of 1 to this", 1, 6),
      number_of<&bounds::max_limit>("max_limit", "limits of 1 to this; the first is this", 1, 6),
      number_of<&bounds::deaths>("deaths", "tasks that may die", 0, 6),
      whether<&bounds::stops>("stops", "stop requests and unwound calls"),
      whether<&bounds::transfers>("transfers", "permits change owners"),
      whether<&bounds::ends>("ends", "close and destruction"),
  };
}

bound_fields<merge_semaphore_bounds> fields_of(const merge_semaphore_bounds&) {
  using bounds = merge_semaphore_bounds;
  return {
      number_of<&bounds::tasks>("tasks", "tasks that call", 2, 6),
      number_of<&bounds::calls>("calls", "calls that run, or whose handle is kept, at a time", 2, 8),
      number_of<&bounds::shards>("shards", "shards that a call may name", 1, 6),
      number_of<&bounds::deaths>("deaths", "tasks that may die", 0, 6),
      whether<&bounds::stops>("stops", "stop requests and unwound calls"),
      whether<&bounds::transfers>("transfers", "permits change owners"),
      whether<&bounds::ends>("ends", "close and destruction"),
  };
}

bound_fields<reservation_bounds> fields_of(const reservation_bounds&) {
  using bounds = reservation_bounds;
  return {
      number_of<&bounds::tasks>("tasks", "tasks that call", 1, 4),
      number_of<&bounds::keys>("keys", "keys", 1, 3),
      number_of<&bounds::tokens>("tokens", "reservations of a key whose writer is at work, at a time", 1, 4),
      number_of<&bounds::claims>("claims", "claims at a time", 0, 4),
      number_of<&bounds::calls>("calls", "waiting calls at a time", 0, 4),
      number_of<&bounds::deaths>("deaths", "tasks that may die between two crashes", 0, 4),
      whether<&bounds::inserts>("inserts", "rows are inserted and replaced"),
      whether<&bounds::evictions>("evictions", "rows are evicted"),
      whether<&bounds::rots>("rots", "files become invalid"),
      whether<&bounds::crashes>("crashes", "crash and restart"),
      whether<&bounds::quota>("quota", "an install may exceed a quota"),
  };
}

bound_fields<cache_index_bounds> fields_of(const cache_index_bounds&) {
  using bounds = cache_index_bounds;
  return {
      number_of<&bounds::keys>("keys", "keys", 1, 4),
      number_of<&bounds::sizes>("sizes", "rows of 1 to this many bytes", 1, 4),
      number_of<&bounds::moments>("moments", "readings of the clock", 1, 4),
      number_of<&bounds::claims>("claims", "claims at a time", 0, 4),
      number_of<&bounds::ram_quota>("ram_quota", "bytes in ram; 0: no quota", 0, 16),
      number_of<&bounds::disk_quota>("disk_quota", "bytes on disk; 0: no quota", 0, 16),
  };
}

bound_fields<directory_scan_bounds> fields_of(const directory_scan_bounds&) {
  using bounds = directory_scan_bounds;
  return {
      number_of<&bounds::processes>("processes", "processes that want the directory at a time", 1, 2),
      number_of<&bounds::keys>("keys", "keys", 1, 3),
      number_of<&bounds::saves>("saves", "temporary files made in a run", 0, 4),
      number_of<&bounds::rots>("rots", "files that become damaged in a run", 0, 3),
      number_of<&bounds::deaths>("deaths", "deaths and losses of power in a run", 0, 4),
      whether<&bounds::moves>("moves", "files are published by renaming them"),
      whether<&bounds::failures>("failures", "calls may fail"),
  };
}

bound_fields<disk_log_bounds> fields_of(const disk_log_bounds&) {
  using bounds = disk_log_bounds;
  return {
      number_of<&bounds::batches>("batches", "batches that are tried", 1, 6),
      number_of<&bounds::segments>("segments", "segments on the medium", 2, 8),
      number_of<&bounds::rots>("rots", "frames that rot", 0, 3),
      number_of<&bounds::in_flight>("in_flight", "batches that are written and not synced", 1, 3),
  };
}

bound_fields<sync_gate_bounds> fields_of(const sync_gate_bounds&) {
  using bounds = sync_gate_bounds;
  return {
      number_of<&bounds::writers>("writers", "tasks that write", 2, 5),
      number_of<&bounds::pausers>("pausers", "tasks that pause", 2, 4),
      number_of<&bounds::deaths>("deaths", "tasks that may die", 0, 4),
  };
}

bound_fields<window_batcher_bounds> fields_of(const window_batcher_bounds&) {
  using bounds = window_batcher_bounds;
  return {
      number_of<&bounds::submitters>("submitters", "tasks that write", 1, 4),
      number_of<&bounds::kinds>("kinds", "kinds of slots", 1, 3),
      number_of<&bounds::requests>("requests", "requests in a run", 2, 6),
      number_of<&bounds::max_items>("max_items", "requests in a slot", 2, 4),
      number_of<&bounds::commits>("commits", "commits in flight", 1, 3),
      number_of<&bounds::max_pending_items>("max_pending_items", "requests that have no answer; 0: any number", 0, 6),
      number_of<&bounds::max_pending_bytes>("max_pending_bytes", "bytes that have no answer; 0: any number", 0, 9),
      number_of<&bounds::max_bytes>("max_bytes", "bytes in a slot; 0: any number", 0, 4),
      number_of<&bounds::max_work>("max_work", "work in a slot; 0: any amount", 0, 4),
  };
}

bound_fields<double_buffer_swap_bounds> fields_of(const double_buffer_swap_bounds&) {
  using bounds = double_buffer_swap_bounds;
  return {
      number_of<&bounds::writers>("writers", "tasks that write", 1, 4),
      number_of<&bounds::shards>("shards", "shards of a table", 1, 3),
      number_of<&bounds::tables>("tables", "tables in the pool", 2, 5),
      number_of<&bounds::records>("records", "records in a run", 1, 6),
      number_of<&bounds::batch_size>("batch_size", "records that the processor gets at a time; 0: whole tables", 0, 4),
      number_of<&bounds::deaths>("deaths", "writers that may die", 0, 4),
      number_of<&bounds::failures>("failures", "times that the processor throws, dies or times out", 0, 3),
      number_of<&bounds::restarts>("restarts", "deaths of the partition's task", 0, 3),
      number_of<&bounds::flushes>("flushes", "flushes side by side", 0, 2),
      whether<&bounds::stops>("stops", "a stop, and its deadline"),
      whether<&bounds::at_least_once>("at_least_once", "a batch that failed is tried again, once"),
      number_of<&bounds::most_held>("most_held", "the bound on records; 0: none", 0, 3),
  };
}

bound_fields<buffer_bounds> fields_of(const buffer_bounds&) {
  using bounds = buffer_bounds;
  return {
      whether<&bounds::keyed>("keyed", "a map; else a queue"),
      number_of<&bounds::producers>("producers", "producers of a queue", 1, 3),
      number_of<&bounds::keys>("keys", "keys of a map", 1, 3),
      number_of<&bounds::versions>("versions", "versions of 1 to this", 1, 4),
      number_of<&bounds::puts>("puts", "records accepted in a run", 1, 8),
      number_of<&bounds::max_records>("max_records", "the bound; 0: none", 0, 8),
      number_of<&bounds::policy>("policy", "0 reject, 1 block, 2 drop newest, 3 drop oldest, 4 coalesce", 0, 4),
      number_of<&bounds::batch_size>("batch_size", "records that the processor gets at a time; 0: the table", 0, 4),
      whether<&bounds::retries>("retries", "chunks are given again"),
  };
}

template <class Bounds>
std::vector<scope_bound> bounds_like(const Bounds& usual) {
  std::vector<scope_bound> all;
  for (const auto& field : fields_of(usual)) all.emplace_back(field.said).usual = field.read(usual);
  return all;
}

template <class Bounds>
Bounds bounds_from(const scope_bounds& wanted) {
  Bounds bounds{};
  for (const auto& field : fields_of(bounds)) field.write(bounds, wanted.at(field.said.name));
  return bounds;
}

check_report check_counting_semaphore(const scope_bounds& wanted, const check_budget& budget) {
  const auto bounds = bounds_from<counting_semaphore_bounds>(wanted);
  return check(scope_of(bounds), counting_semaphore_properties(bounds), budget);
}

check_report check_merge_semaphore(const scope_bounds& wanted, const check_budget& budget) {
  const auto bounds = bounds_from<merge_semaphore_bounds>(wanted);
  return check(scope_of(bounds), merge_semaphore_properties(bounds), budget);
}

check_report check_reservation(const scope_bounds& wanted, const check_budget& budget) {
  const auto bounds = bounds_from<reservation_bounds>(wanted);
  return check(scope_of(bounds), reservation_properties(bounds), budget);
}

check_report check_cache_index(const scope_bounds& wanted, const check_budget& budget) {
  const auto bounds = bounds_from<cache_index_bounds>(wanted);
  return check(scope_of(bounds), cache_index_properties(bounds), budget);
}

check_report check_directory_scan(const scope_bounds& wanted, const check_budget& budget) {
  const auto bounds = bounds_from<directory_scan_bounds>(wanted);
  return check(scope_of(bounds), directory_scan_properties(bounds), budget);
}

check_report check_disk_log(const scope_bounds& wanted, const check_budget& budget) {
  const auto bounds = bounds_from<disk_log_bounds>(wanted);
  return check(scope_of(bounds), disk_log_properties(bounds), budget);
}

check_report check_sync_gate(const scope_bounds& wanted, const check_budget& budget) {
  const auto bounds = bounds_from<sync_gate_bounds>(wanted);
  return check(sync_gate{bounds}, sync_gate_properties(), budget);
}

check_report check_window_batcher(const scope_bounds& wanted, const check_budget& budget) {
  const auto bounds = bounds_from<window_batcher_bounds>(wanted);
  return check(window_batcher{bounds}, window_batcher_properties(bounds), budget);
}

check_report check_double_buffer_swap(const scope_bounds& wanted, const check_budget& budget) {
  const auto bounds = bounds_from<double_buffer_swap_bounds>(wanted);
  return check(double_buffer_swap{bounds}, double_buffer_swap_properties(bounds), budget);
}

check_report check_buffer(const scope_bounds& wanted, const check_budget& budget) {
  const auto bounds = bounds_from<buffer_bounds>(wanted);
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
  const directory_scan_bounds failing_calls{1, 1, 2, 1, 2, false, true};
  const directory_scan_bounds quarantine{1, 1, 2, 2, 4, true, false};
  const directory_scan_bounds three_saves{1, 2, 3, 1, 2, false, false};
  const directory_scan_bounds rivals{2, 1, 2, 0, 2, false, true};
  const buffer_bounds plain_queue{false, 2, 1, 1, 5, 3, 2, 2, true};
  const buffer_bounds dropping_queue{false, 2, 1, 1, 5, 3, 3, 1, false};
  const buffer_bounds versions{true, 1, 2, 2, 4, 2, 4, 1, true};
  const window_batcher_bounds loaded{1, 1, 3, 3, 1, 2, 3, 2, 2};
  const double_buffer_swap_bounds two_shards{2, 2, 3, 3, 2, 1, 0, 0, 0, true, false};
  const double_buffer_swap_bounds three_writers{3, 1, 3, 2, 1, 0, 0, 0, 1, false, false};
  const double_buffer_swap_bounds whole{2, 1, 3, 3, 0, 0, 2, 0, 0, true, true};
  const double_buffer_swap_bounds again{2, 1, 4, 3, 2, 0, 2, 1, 0, false, true};
  const double_buffer_swap_bounds bounded{2, 1, 3, 3, 1, 1, 1, 0, 0, true, false, 2, 2};
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
      {"directory_scan", "a start's scan call by call: cut short anywhere, by a death or a loss of power, and again",
       bounds_like(directory_scan_bounds{}), check_directory_scan},
      {"directory_scan_failures", "the same with one key and calls that fail", bounds_like(failing_calls),
       check_directory_scan},
      {"directory_scan_quarantine", "the same with one key, two damaged files and files that are renamed",
       bounds_like(quarantine), check_directory_scan},
      {"directory_scan_saves", "the same with a third save and two deaths", bounds_like(three_saves),
       check_directory_scan},
      {"directory_scan_rivals", "the same with one key and two processes that want the directory", bounds_like(rivals),
       check_directory_scan},
      {"disk_log", "frames and segments of the log: crashes, failed syncs, voided batches, rot",
       bounds_like(disk_log_bounds{}), check_disk_log},
      {"sync_gate", "admissions and pauses, published before one looks, and deaths", bounds_like(sync_gate_bounds{}),
       check_sync_gate},
      {"window_batcher", "slots, the commit in flight, the order of submitters, flush, deadlines, stop",
       bounds_like(window_batcher_bounds{}), check_window_batcher},
      {"window_batcher_load", "the same with bounds on bytes, on work and on what has no answer, and one kind",
       bounds_like(loaded), check_window_batcher},
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
      {"double_buffer_swap_tables", "the same with whole tables for the processor, tried again, and a stop",
       bounds_like(whole), check_double_buffer_swap},
      {"double_buffer_swap_again", "the same with batches that are tried again, without deaths of writers",
       bounds_like(again), check_double_buffer_swap},
      {"double_buffer_swap_bound", "the same with a bound on records, without flushes", bounds_like(bounded),
       check_double_buffer_swap},
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
