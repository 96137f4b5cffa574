#include <wavetank/tests/model/directory_scan_planted_bugs.h>

#include <wavetank/model/command_is.h>

namespace wavetank::model {
namespace {

using t = directory_scan;
using place = t::place;
using content = t::content;
using result = t::result;
using state = t::state;
using command = t::command;
using response = t::response;

t::name file_of(key_number key) { return t::final_name_of(key); }

void move_to_quarantine(state& s, key_number key) {
  s.pending.push_back({{file_of(key), content::nothing}, {{place::quarantined, key, 0}, content::damaged}});
}

}  // namespace

std::vector<planted_bug<directory_scan>> directory_scan_bugs() {
  std::vector<planted_bug<directory_scan>> all;
  all.push_back({"a damaged file is indexed", [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::look>(what);
                   if (one == nullptr || said.what != result::damaged) return;
                   auto& by = *after.lives.find(one->by);
                   by.bad.erase(one->key);
                   by.ahead.erase(file_of(one->key));
                   by.found.put(one->key, {});
                 }});
  all.push_back({"a row is indexed before its name is durable",
                 [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::look>(what);
                   if (one == nullptr || said.what != result::whole) return;
                   auto& by = *after.lives.find(one->by);
                   by.found.erase(one->key);
                   by.rows.put(one->key, {});
                 }});
  all.push_back({"a row is adopted a second time", [](const state&, const command& what, response&, state& after) {
                   const auto* one = as<t::adopt>(what);
                   if (one != nullptr) after.lives.find(one->by)->found.put(one->key, {});
                 }});
  all.push_back({"a whole file is set aside", [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::look>(what);
                   if (one == nullptr || said.what != result::whole) return;
                   auto& by = *after.lives.find(one->by);
                   if (!by.locked) return;
                   by.found.erase(one->key);
                   move_to_quarantine(after, one->key);
                 }});
  all.push_back({"a file that is to be indexed is moved all the same",
                 [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::look>(what);
                   if (one != nullptr && said.what == result::whole) move_to_quarantine(after, one->key);
                 }});
  all.push_back({"a damaged file is removed", [](const state&, const command& what, response& said, state& after) {
                   if (is<t::set_aside>(what) && said.what == result::moved) after.pending.back().pop_back();
                 }});
  all.push_back(
      {"a damaged file is set aside in two steps", [](const state&, const command& what, response& said, state& after) {
         if (!is<t::set_aside>(what) || said.what != result::moved) return;
         const auto moved = after.pending.back();
         after.pending.back() = {moved[1]};
         after.pending.push_back({moved[0]});
       }});
  all.push_back({"a file is set aside before the quarantine is durable",
                 [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::make_quarantine>(what);
                   if (one == nullptr || said.what != result::made) return;
                   auto& by = *after.lives.find(one->by);
                   by.bad.erase(one->key);
                   by.ahead.erase(file_of(one->key));
                   move_to_quarantine(after, one->key);
                 }});
  all.push_back({"a file that cannot be read is as good as damaged",
                 [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::look>(what);
                   if (one != nullptr && said.what == result::unreadable) move_to_quarantine(after, one->key);
                 }});
  all.push_back(
      {"whoever lists takes temporary files", [](const state& before, const command& what, response&, state& after) {
         if (!is<t::list>(what)) return;
         for (const auto& entry : t::shown(before)) {
           if (entry.first.in == place::temporary) after.pending.push_back({{entry.first, content::nothing}});
         }
       }});
  all.push_back(
      {"a scan leaves what it has found", [](const state&, const command& what, response& said, state& after) {
         const auto* one = as<t::look>(what);
         if (one == nullptr || said.what != result::whole) return;
         auto& by = *after.lives.find(one->by);
         by.found.erase(one->key);
         by.left.put(file_of(one->key), {});
       }});
  all.push_back({"a scan forgets what it has found", [](const state&, const command& what, response&, state& after) {
                   const auto* one = as<t::serve>(what);
                   if (one != nullptr) after.lives.find(one->by)->rows.clear();
                 }});
  all.push_back({"a scan overlooks a temporary file", [](const state&, const command& what, response&, state& after) {
                   const auto* one = as<t::list>(what);
                   if (one == nullptr || !after.lives.contains(one->by)) return;
                   after.lives.find(one->by)->ahead.erase_if(
                       [](const t::name& name, present) { return name.in == place::temporary; });
                 }});
  all.push_back({"the temporary file goes with the file it became",
                 [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::remove>(what);
                   if (one == nullptr || said.what != result::removed) return;
                   after.pending.push_back({{file_of(one->what.key), content::nothing}});
                 }});
  all.push_back({"two get the lock", [](const state& before, const command& what, response& said, state& after) {
                   const auto* one = as<t::start>(what);
                   if (one == nullptr || said.what != result::refused || before.lives.contains(one->by)) return;
                   said.what = result::locked;
                   t::life fresh;
                   fresh.locked = true;
                   after.lives.put(one->by, fresh);
                 }});
  all.push_back({"a failed sync is forgotten", [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::sync>(what);
                   if (one != nullptr && said.what == result::failed) after.lives.find(one->by)->trusted = true;
                 }});
  all.push_back(
      {"a link before the bytes are complete", [](const state&, const command& what, response& said, state& after) {
         if (is<t::link>(what) && said.what == result::linked) {
           after.pending.back().front().becomes = content::unfinished;
         }
       }});
  all.push_back({"a death takes what was not synced", [](const state&, const command& what, response&, state& after) {
                   if (is<t::dies>(what)) after.pending.clear();
                 }});
  all.push_back(
      {"a loss of power leaves a process", [](const state& before, const command& what, response&, state& after) {
         if (is<t::power_fails>(what)) after.lives = before.lives;
       }});
  return all;
}

}  // namespace wavetank::model
