// What the table tells of its rows: to people, and to the keeper of their files.
#pragma once

#include <wavetank/impl/cache/table/answers.h>
#include <wavetank/impl/cache/table/table_core.h>
#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace wavetank::table_detail {

template <runtime R>
row_report report_row(const cache_key& key, const table_entry<R>& there, typename R::time_point now) {
  row_report told;
  told.key = key;
  told.status = there.status;
  told.waiters = there.waiters.size();
  if (there.is_writing()) {
    told.tier = there.target.tier;
    told.path = there.target.path;
    told.owner = there.owner;
    told.expired = now >= there.expiry;
  } else if (there.current != nullptr) {
    const auto row = there.current->snapshot();
    told.tier = row.tier;
    told.path = row.content.path;
    told.size_bytes = row.content.size_bytes;
    told.generation = row.generation;
    told.hits = row.hits;
    told.last_use_s = there.last_use_s;
    told.pins = there.current->pins;
  } else if (!there.files.empty()) {
    told.tier = there.files.front()->at.tier;
    told.path = there.files.front()->at.path;
    told.size_bytes = there.files.front()->size_bytes;
  }
  return told;
}

template <runtime R, class Entries>
std::vector<row_report> report_all(const Entries& entries, typename R::time_point now) {
  std::vector<row_report> all;
  for (const auto& [key, there] : entries) all.push_back(report_row(key, there, now));
  std::sort(all.begin(), all.end(), [](const row_report& a, const row_report& b) { return a.key < b.key; });
  return all;
}

/// Tells the keeper of the uses that files do not say yet. Off the lock, so that a file may be another row's by then:
/// what is told is for the order after a restart, no more.
template <runtime R>
void record_uses(table_core<R>& core, typename table_core<R>::access& in) {
  struct use {
    std::string path;
    std::uint32_t hits;
    std::uint64_t last_use_s;
  };
  std::vector<use> uses;
  for (const auto& key : in->take_unrecorded()) {
    auto* const there = in->find(key);
    if (there == nullptr || !there->use_unrecorded) continue;
    there->use_unrecorded = false;
    if (!has_files(there->current->tier)) continue;
    const std::uint64_t hits = there->current->hits.load(std::memory_order_relaxed);  // guarded
    uses.push_back(
        {there->current->content.path,
         static_cast<std::uint32_t>(std::min<std::uint64_t>(hits, std::numeric_limits<std::uint32_t>::max())),
         there->last_use_s});
  }
  if (uses.empty()) return;
  in.leave();
  for (const use& one : uses) core.keeper.record_use(one.path, one.hits, one.last_use_s);
  in.enter();
}

}  // namespace wavetank::table_detail
