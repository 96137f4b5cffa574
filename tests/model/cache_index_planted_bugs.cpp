#include <wavetank/tests/model/cache_index_planted_bugs.h>

#include <iterator>

#include <wavetank/model/command_is.h>

namespace wavetank::model {
namespace {

using t = cache_index;
using result = t::result;
using state = t::state;
using command = t::command;
using response = t::response;

/// The row goes, with its bytes if nobody claims them, and the counters follow.
void drop(state& s, key_number key) {
  const auto row = *s.rows.find(key);
  const auto bytes = *s.blobs.find({key, row.generation});
  s.order.erase({row.last_use, key});
  s.rows.erase(key);
  if (bytes.pins != 0) return;
  s.blobs.erase({key, row.generation});
  s.in_use.at(static_cast<std::size_t>(bytes.where)) -= bytes.size;
}

}  // namespace

std::vector<planted_bug<cache_index>> cache_index_bugs() {
  std::vector<planted_bug<cache_index>> all;
  all.push_back(
      {"an install unpins the older generation", [](const state& before, const command& what, response&, state& after) {
         if (is<t::install>(what))
           for (const auto& entry : before.blobs) {
             if (after.blobs.contains(entry.first)) after.blobs.find(entry.first)->pins = 0;
           }
       }});
  all.push_back({"a replaced generation is forgotten while claimed",
                 [](const state& before, const command& what, response& said, state& after) {
                   const auto* one = as<t::install>(what);
                   if (one == nullptr || said.what != result::ok) return;
                   for (const auto& entry : before.blobs) {
                     if (entry.first.key == one->key && entry.second.pins != 0) after.blobs.erase(entry.first);
                   }
                 }});
  all.push_back({"a late checkin unpins the newer generation",
                 [](const state& before, const command& what, response& said, state& after) {
                   const auto* one = as<t::checkin>(what);
                   if (one == nullptr || said.what != result::ok) return;
                   const auto name = *before.claims.find(one->claim);
                   const auto* row = before.rows.find(name.key);
                   if (row == nullptr || row->generation == name.generation) return;
                   auto* newer = after.blobs.find({name.key, row->generation});
                   if (newer->pins != 0) --newer->pins;
                 }});
  all.push_back({"a checkin leaves the pin", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::checkin>(what)) after.blobs = before.blobs;
                 }});
  all.push_back({"a checkin of an unknown claim ends another's",
                 [](const state&, const command& what, response& said, state& after) {
                   if (is<t::checkin>(what) && said.what == result::no_op) after.claims.clear();
                 }});
  all.push_back({"a checkout pins nothing", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::checkout>(what)) after.blobs = before.blobs;
                 }});
  all.push_back(
      {"a checkout of a key that is evicting misses", [](const state&, const command&, response& said, state&) {
         if (said.what == result::busy) said.what = result::miss;
       }});
  all.push_back({"a checkout makes no claim", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::checkout>(what)) after.claims = before.claims;
                 }});
  all.push_back({"a use leaves the order", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::checkout>(what)) after.order = before.order;
                 }});
  all.push_back({"a use lowers the rank when the clock went back",
                 [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::checkout>(what);
                   if (one == nullptr || said.what != result::row) return;
                   auto* row = after.rows.find(one->key);
                   after.order.erase({row->last_use, one->key});
                   row->last_use = one->now;
                   after.order.put({row->last_use, one->key}, {});
                 }});
  all.push_back({"a lookup is a use", [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::lookup_exact>(what);
                   if (one == nullptr || said.what != result::row) return;
                   auto* row = after.rows.find(one->key);
                   after.order.erase({row->last_use, one->key});
                   row->last_use = 2;
                   after.order.put({2, one->key}, {});
                 }});
  all.push_back({"an installed row is missing in the order",
                 [](const state& before, const command& what, response&, state& after) {
                   if (is<t::install>(what)) after.order = before.order;
                 }});
  all.push_back(
      {"an evicted row stays in the order", [](const state& before, const command&, response& said, state& after) {
         if (said.what == result::freed) after.order = before.order;
       }});
  all.push_back({"the youngest row goes first", [](const state& before, const command& what, response& said, state&) {
                   if (!is<t::evict_oldest>(what) || before.order.size() < 2 || !before.claims.empty() ||
                       said.evicted.empty())
                     return;
                   said.evicted.front() = std::prev(before.order.end())->first.key;
                 }});
  all.push_back({"an eviction takes one row more", [](const state&, const command& what, response&, state& after) {
                   if (!is<t::evict_oldest>(what) || after.rows.empty()) return;
                   drop(after, after.rows.begin()->first);
                 }});
  all.push_back({"an evicted row stays", [](const state& before, const command&, response& said, state& after) {
                   if (said.what == result::freed) after.rows = before.rows;
                 }});
  all.push_back({"a target of nothing evicts", [](const state&, const command& what, response&, state& after) {
                   const auto* one = as<t::evict_bytes>(what);
                   if (one == nullptr || one->target != 0 || after.rows.empty()) return;
                   drop(after, after.rows.begin()->first);
                 }});
  all.push_back(
      {"an eviction goes on past its target", [](const state&, const command& what, response& said, state& after) {
         const auto* one = as<t::evict_bytes>(what);
         if (one == nullptr || one->target == 0 || after.rows.size() != 1 || !after.claims.empty() ||
             one->tiers != t::all_tiers)
           return;
         const auto key = after.rows.begin()->first;
         said.bytes += after.blobs.find({key, after.rows.find(key)->generation})->size;
         said.evicted.push_back(key);
         drop(after, key);
       }});
  all.push_back({"an eviction stops before its target",
                 [](const state& before, const command& what, response& said, state& after) {
                   if (is<t::evict_bytes>(what)) {
                     after = before;
                     said = {result::freed};
                   }
                 }});
  all.push_back({"a failed unlink is counted as freed", [](const state&, const command&, response& said, state&) {
                   if (!said.failed.empty()) said.bytes += 1;
                 }});
  all.push_back({"a failed unlink leaves the counters as if it were done",
                 [](const state&, const command&, response& said, state& after) {
                   if (!said.failed.empty()) after.in_use = {};
                 }});
  all.push_back({"a failed unlink is forgotten", [](const state&, const command&, response& said, state& after) {
                   if (!said.failed.empty()) after.evicting.clear();
                 }});
  all.push_back({"an eviction counts more than it frees", [](const state&, const command&, response& said, state&) {
                   if (said.what == result::freed && !said.evicted.empty()) ++said.bytes;
                 }});
  all.push_back({"gc takes pinned rows", [](const state&, const command& what, response&, state& after) {
                   if (!is<t::gc>(what) || after.rows.empty()) return;
                   drop(after, after.rows.begin()->first);
                 }});
  all.push_back({"gc takes nothing", [](const state& before, const command& what, response& said, state& after) {
                   if (is<t::gc>(what)) {
                     after = before;
                     said = {result::freed};
                   }
                 }});
  all.push_back({"the counter forgets what is replaced",
                 [](const state& before, const command& what, response& said, state& after) {
                   if (is<t::install>(what) && said.what == result::ok && !before.rows.empty()) ++after.in_use[0];
                 }});
  all.push_back({"the file behind counts for nothing", [](const state&, const command&, response&, state& after) {
                   for (const auto& entry : after.rows) {
                     if (entry.second.behind != 0) after.in_use[2] = 0;
                   }
                 }});
  all.push_back({"the file behind is forgotten", [](const state& before, const command& what, response&, state& after) {
                   for (const auto& entry : before.rows) {
                     if (after.rows.contains(entry.first) && is<t::checkout>(what))
                       after.rows.find(entry.first)->behind = 0;
                   }
                 }});
  all.push_back(
      {"bytes that nobody claims stay", [](const state& before, const command& what, response&, state& after) {
         if (is<t::checkin>(what))
           for (const auto& entry : before.blobs) {
             if (!after.blobs.contains(entry.first))
               after.blobs.put(entry.first, {entry.second.where, entry.second.size});
           }
       }});
  all.push_back({"a row without bytes", [](const state& before, const command& what, response& said, state& after) {
                   if (is<t::install>(what) && said.what == result::ok) after.blobs = before.blobs;
                 }});
  all.push_back({"a quota is ignored", [](const state& before, const command& what, response& said, state& after) {
                   const auto* one = as<t::install>(what);
                   if (one == nullptr || said.what != result::over_quota) return;
                   after = before;
                   if (before.rows.contains(one->key)) return;
                   said = {result::ok};
                   after.rows.put(one->key, {one->generation, one->last_use});
                   after.order.put({one->last_use, one->key}, {});
                   after.blobs.put({one->key, one->generation}, {one->where, one->size});
                   after.in_use[static_cast<std::size_t>(one->where)] += one->size;
                 }});
  all.push_back({"an install is refused though there is room",
                 [](const state& before, const command& what, response& said, state& after) {
                   if (is<t::install>(what) && before.rows.size() == 1) {
                     after = before;
                     said = {result::over_quota};
                   }
                 }});
  all.push_back({"an install that is refused drops the old row",
                 [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::install>(what);
                   if (one != nullptr && said.what == result::over_quota && after.rows.contains(one->key))
                     drop(after, one->key);
                 }});
  all.push_back({"an install goes over an eviction", [](const state&, const command& what, response& said, state&) {
                   const auto* one = as<t::install>(what);
                   if (one != nullptr && said.what == result::conflict) said.what = result::ok;
                 }});
  all.push_back({"an install is forgotten", [](const state& before, const command& what, response& said, state& after) {
                   if (is<t::install>(what) && said.what == result::ok) after = before;
                 }});
  all.push_back({"counting bytes changes them", [](const state&, const command& what, response& said, state&) {
                   if (is<t::bytes_in_use>(what)) ++said.bytes;
                 }});
  return all;
}

}  // namespace wavetank::model
