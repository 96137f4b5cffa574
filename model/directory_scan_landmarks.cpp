// What some run of starts, scans and saves must reach: a scope that never gets there says nothing about it.
#include <algorithm>

#include <wavetank/model/command_is.h>
#include <wavetank/model/directory_scan_scope.h>

namespace wavetank::model {
namespace {

using scan = directory_scan;
using place = scan::place;
using stage = scan::stage;
using result = scan::result;
using state = directory_scan_scope_state;
using command = scan::command;
using response = scan::response;

/// A process with the lock that is in the middle of its scan, and for which `holds`.
template <class Holds>
bool scans(const state& s, Holds&& holds) {
  return std::any_of(s.directory.lives.begin(), s.directory.lives.end(), [&](const auto& entry) {
    return entry.second.locked && entry.second.is == stage::scanning && holds(entry.second);
  });
}

bool ends_lives(const command& what) { return is<scan::dies>(what) || is<scan::power_fails>(what); }

bool killed_in_mid_scan(const state& before, const command& what, const response&, const state& after) {
  return is<scan::dies>(what) && after.cut_short > before.cut_short;
}

bool power_fails_in_mid_scan(const state& before, const command& what, const response&, const state& after) {
  return is<scan::power_fails>(what) && after.cut_short > before.cut_short;
}

bool cut_short_twice(const state& s) { return s.cut_short >= 2; }

bool whole_after_two_that_were_cut_short(const state& before, const command& what, const response&, const state&) {
  return is<scan::serve>(what) && before.cut_short >= 2;
}

bool dies_between_two_adoptions(const state& before, const command& what, const response&, const state&) {
  return ends_lives(what) && scans(before, [](const auto& one) { return !one.rows.empty() && !one.found.empty(); });
}

bool adopted_before_a_crash_and_after_it(const state& before, const command& what, const response&, const state&) {
  const auto* taken = as<scan::adopt>(what);
  return taken != nullptr && before.adopted.contains(taken->key);
}

bool acknowledged_adopted_crashed_adopted(const state& before, const command& what, const response& said,
                                          const state& after) {
  return adopted_before_a_crash_and_after_it(before, what, said, after) &&
         before.acknowledged.contains(as<scan::adopt>(what)->key);
}

/// Names of this kind that a loss of power brought back.
bool come_back(place in, const command& what, const state& before, const state& after) {
  if (!is<scan::power_fails>(what)) return false;
  const auto gone = scan::shown(before.directory);
  const auto& all = after.directory.durable;
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& entry) { return entry.first.in == in && !gone.contains(entry.first); });
}

bool a_temporary_file_was_half_removed(const state& before, const command& what, const response&, const state& after) {
  return scans(before, [](const auto&) { return true; }) && come_back(place::temporary, what, before, after);
}

bool a_damaged_file_was_half_set_aside(const state& before, const command& what, const response&, const state& after) {
  return come_back(place::final_name, what, before, after) && !before.rotten.empty();
}

bool the_quarantine_did_not_last(const state& before, const command& what, const response&, const state& after) {
  return is<scan::power_fails>(what) && scan::shown(before.directory).contains(scan::the_quarantine) &&
         !after.directory.durable.contains(scan::the_quarantine);
}

bool an_existing_quarantine_is_not_durable(const state& before, const command& what, const response& said,
                                           const state&) {
  return is<scan::make_quarantine>(what) && said.what == result::exists &&
         !before.directory.durable.contains(scan::the_quarantine);
}

bool set_aside_under_another_name(const state&, const command& what, const response& said, const state&) {
  const auto* moved = as<scan::set_aside>(what);
  return moved != nullptr && said.what == result::moved && moved->number != 0;
}

bool set_aside_after_a_crash(const state& before, const command& what, const response& said, const state&) {
  return is<scan::set_aside>(what) && said.what == result::moved && before.cut_short != 0;
}

/// The name was shown when the scan listed it, and nobody had made it durable: the scan did.
bool a_scan_makes_a_name_durable(const state& before, const command& what, const response& said, const state&) {
  if (!is<scan::sync>(what) || said.what != result::synced) return false;
  return scans(before, [&](const auto& one) {
    return std::any_of(one.found.begin(), one.found.end(), [&](const auto& entry) {
      return !before.directory.durable.contains(scan::final_name_of(entry.first));
    });
  });
}

bool a_name_that_was_found_is_lost(const state& before, const command& what, const response&, const state& after) {
  return is<scan::power_fails>(what) && scans(before, [&](const auto& one) {
           return std::any_of(one.found.begin(), one.found.end(), [&](const auto& entry) {
             return !after.directory.durable.contains(scan::final_name_of(entry.first));
           });
         });
}

bool a_scan_takes_a_dead_writers_file(const state&, const command& what, const response& said, const state& after) {
  const auto* taken = as<scan::remove>(what);
  return taken != nullptr && said.what == result::removed &&
         after.directory.lives.find(taken->by)->is == stage::scanning;
}

bool refused(const state&, const command&, const response& said, const state&) { return said.what == result::refused; }

bool looks_beside_a_living_writer(const state& before, const command& what, const response&, const state&) {
  const auto* asked = as<scan::list>(what);
  return asked != nullptr && !before.directory.lives.find(asked->by)->locked && !before.directory.owners.empty();
}

bool adopted_without_trust(const state& before, const command& what, const response&, const state&) {
  const auto* taken = as<scan::adopt>(what);
  return taken != nullptr && !before.directory.lives.find(taken->by)->trusted;
}

bool a_scan_fails_to_remove(const state& before, const command& what, const response& said, const state&) {
  return is<scan::remove>(what) && said.what == result::failed && scans(before, [](const auto&) { return true; });
}

bool what_was_left_goes_later(const state& before, const command& what, const response& said, const state&) {
  const auto* taken = as<scan::remove>(what);
  return taken != nullptr && said.what == result::removed &&
         before.directory.lives.find(taken->by)->left.contains(taken->what);
}

bool an_acknowledged_file_cannot_be_read(const state& before, const command& what, const response& said, const state&) {
  const auto* asked = as<scan::look>(what);
  return asked != nullptr && said.what == result::unreadable && before.acknowledged.contains(asked->key);
}

}  // namespace

void add_directory_scan_landmarks(directory_scan_claims& all, const directory_scan_bounds& bounds) {
  const bool saves = bounds.saves >= 1 && bounds.deaths >= 1;
  const bool rots = saves && bounds.rots >= 1;
  const bool two = bounds.deaths >= 2;
  const bool rivals = bounds.processes >= 2;

  all.reach_if(bounds.deaths >= 2, "two scans in a row are cut short", cut_short_twice);
  all.step_if(bounds.deaths >= 1, "killed in mid-scan", killed_in_mid_scan);
  all.step_if(bounds.deaths >= 1, "the power fails in mid-scan", power_fails_in_mid_scan);
  all.step_if(two, "a whole scan after two that were cut short", whole_after_two_that_were_cut_short);

  all.step_if(two && saves, "adopted before a crash, and again after it", adopted_before_a_crash_and_after_it);
  all.step_if(two && saves, "acknowledged, adopted before a crash, and again after it",
              acknowledged_adopted_crashed_adopted);
  all.step_if(two && bounds.keys >= 2 && bounds.saves >= 2, "a death between two adoptions",
              dies_between_two_adoptions);
  all.step_if(saves, "a scan makes a name durable that its writer had not", a_scan_makes_a_name_durable);
  all.step_if(two && saves, "a name that a scan has found is lost with the power", a_name_that_was_found_is_lost);

  all.step_if(saves, "a scan takes a dead writer's temporary file", a_scan_takes_a_dead_writers_file);
  all.step_if(two && saves, "a temporary file is half removed: the power brings it back",
              a_temporary_file_was_half_removed);
  all.step_if(rots && two, "a damaged file is half set aside: the power brings it back",
              a_damaged_file_was_half_set_aside);
  all.step_if(rots && two, "a damaged file is set aside after a scan was cut short", set_aside_after_a_crash);
  all.step_if(rots && two, "the quarantine is lost with the power", the_quarantine_did_not_last);
  all.step_if(rots && two, "a quarantine that a dead process made is not durable",
              an_existing_quarantine_is_not_durable);
  all.step_if(bounds.rots >= 2 && bounds.saves >= 2 && two, "a second damaged file of a key is set aside",
              set_aside_under_another_name);

  all.step_if(rivals, "a process is refused", refused);
  all.step_if(rivals && bounds.failures && bounds.saves >= 1, "a process without the lock looks beside a writer",
              looks_beside_a_living_writer);
  all.step_if(bounds.failures && saves, "adopted where nothing can be made durable", adopted_without_trust);
  all.step_if(bounds.failures && saves, "a scan fails to remove a temporary file", a_scan_fails_to_remove);
  all.step_if(bounds.failures && saves, "what a scan has left is removed later", what_was_left_goes_later);
  all.step_if(bounds.failures && saves, "an acknowledged file cannot be read, and stays",
              an_acknowledged_file_cannot_be_read);
}

}  // namespace wavetank::model
