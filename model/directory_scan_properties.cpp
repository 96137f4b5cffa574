// What is claimed of every run of starts, scans and saves in one directory. Each claim is written from the rules and
// shares no code with the transitions.
#include <algorithm>

#include <wavetank/model/command_is.h>
#include <wavetank/model/directory_scan_scope.h>

namespace wavetank::model {
namespace {

using scan = directory_scan;
using place = scan::place;
using content = scan::content;
using stage = scan::stage;
using result = scan::result;
using state = directory_scan_scope_state;
using command = scan::command;
using response = scan::response;

bool has(const scan::names& all, const scan::name& one, content what) {
  const auto* there = all.find(one);
  return there != nullptr && *there == what;
}

/// Who makes this call of a start; 0 for other commands.
scan::process_number starter(const command& what) {
  if (const auto* one = as<scan::list>(what)) return one->by;
  if (const auto* one = as<scan::look>(what)) return one->by;
  if (const auto* one = as<scan::make_quarantine>(what)) return one->by;
  if (const auto* one = as<scan::set_aside>(what)) return one->by;
  if (const auto* one = as<scan::remove>(what)) return one->by;
  if (const auto* one = as<scan::sync>(what)) return one->by;
  if (const auto* one = as<scan::adopt>(what)) return one->by;
  if (const auto* one = as<scan::serve>(what)) return one->by;
  return 0;
}

bool is_starting(const state& s, scan::process_number who) {
  const auto* one = s.directory.lives.find(who);
  return one != nullptr && one->is != stage::serving;
}

/// What a whole scan would make of the directory: its rows, and how many files of each key it has set aside.
struct outcome {
  sorted_set<key_number> rows;
  sorted_map<key_number, std::uint64_t> aside;
  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome of_whole_scan(const state& s) {
  outcome all;
  for (const auto& [file, is] : scan::shown(s.directory)) {
    if (file.in == place::final_name && is == content::whole) all.rows.put(file.key, {});
    const bool unusable = file.in == place::quarantined || (file.in == place::final_name && is == content::damaged);
    if (!unusable) continue;
    const auto* before = all.aside.find(file.key);
    all.aside.put(file.key, before == nullptr ? 1 : *before + 1);
  }
  return all;
}

// What lasts -------------------------------------------------------------------------------------------------------

bool what_was_acknowledged_is_there(const state& s) {
  return std::all_of(s.acknowledged.begin(), s.acknowledged.end(), [&](const auto& entry) {
    return scan::is_durable(s.directory, {place::final_name, entry.first, 0}, content::whole);
  });
}

bool what_is_damaged_is_kept(const state& s) {
  const auto all = scan::shown(s.directory);
  return std::all_of(s.rotten.begin(), s.rotten.end(), [&](const auto& entry) {
    return std::any_of(all.begin(), all.end(), [&](const auto& one) {
      return one.first.key == entry.first && one.second == content::damaged &&
             (one.first.in == place::final_name || one.first.in == place::quarantined);
    });
  });
}

bool a_row_is_a_file_under_its_name(const state& s) {
  const auto all = scan::shown(s.directory);
  return std::all_of(s.directory.lives.begin(), s.directory.lives.end(), [&](const auto& entry) {
    const auto& [who, one] = entry;
    const auto is_there = [&](const auto& key) { return has(all, {place::final_name, key.first, 0}, content::whole); };
    return !one.locked || (std::all_of(one.rows.begin(), one.rows.end(), is_there) &&
                           std::all_of(one.found.begin(), one.found.end(), is_there));
  });
}

bool a_row_has_a_durable_name(const state& s) {
  return std::all_of(s.directory.lives.begin(), s.directory.lives.end(), [&](const auto& entry) {
    const auto& one = entry.second;
    return !one.trusted || std::all_of(one.rows.begin(), one.rows.end(), [&](const auto& key) {
      return scan::is_durable(s.directory, {place::final_name, key.first, 0}, content::whole);
    });
  });
}

bool a_final_name_is_of_whole_bytes(const state& s) {
  const auto all = scan::shown(s.directory);
  return std::none_of(all.begin(), all.end(), [](const auto& entry) {
    return entry.first.in == place::final_name && entry.second == content::unfinished;
  });
}

bool what_is_set_aside_has_a_durable_place(const state& s) {
  const auto all = scan::shown(s.directory);
  const bool any =
      std::any_of(all.begin(), all.end(), [](const auto& entry) { return entry.first.in == place::quarantined; });
  return !any || scan::is_durable(s.directory, scan::the_quarantine, content::whole);
}

// Who is alone, and what that is for -------------------------------------------------------------------------------

bool one_process_has_the_lock(const state& s) {
  return std::count_if(s.directory.lives.begin(), s.directory.lives.end(),
                       [](const auto& entry) { return entry.second.locked; }) <= 1;
}

bool a_living_writer_has_its_files(const state& s) {
  const auto all = scan::shown(s.directory);
  return std::all_of(s.directory.owners.begin(), s.directory.owners.end(), [&](const auto& entry) {
    return s.directory.lives.contains(entry.second) && all.contains(entry.first);
  });
}

bool who_has_no_lock_changes_nothing(const state& before, const command& what, const response&, const state& after) {
  const auto* one = before.directory.lives.find(starter(what));
  if (one == nullptr || one->locked) return true;
  return before.directory.durable == after.directory.durable && before.directory.pending == after.directory.pending &&
         before.directory.owners == after.directory.owners;
}

bool a_lock_is_refused_while_another_has_it(const state& before, const command& what, const response& said,
                                            const state&) {
  if (!is<scan::start>(what)) return true;
  const bool taken = std::any_of(before.directory.lives.begin(), before.directory.lives.end(),
                                 [](const auto& entry) { return entry.second.locked; });
  return said.what != (taken ? result::locked : result::refused);
}

// The scan ---------------------------------------------------------------------------------------------------------

bool a_step_leaves_what_a_whole_scan_would_find(const state& before, const command& what, const response&,
                                                const state& after) {
  return !is_starting(before, starter(what)) || of_whole_scan(before) == of_whole_scan(after);
}

bool a_whole_scan_leaves_nothing_undone(const state&, const command& what, const response&, const state& after) {
  const auto* ready = as<scan::serve>(what);
  const auto* one = ready == nullptr ? nullptr : after.directory.lives.find(ready->by);
  if (one == nullptr || !one->locked) return true;
  const auto all = scan::shown(after.directory);
  return std::all_of(all.begin(), all.end(), [&](const auto& entry) {
    const auto& [file, is] = entry;
    if (one->left.contains(file)) return file.in != place::final_name || !one->rows.contains(file.key);
    if (file.in == place::temporary) return after.directory.owners.contains(file);
    return file.in != place::final_name || (is == content::whole && one->rows.contains(file.key));
  });
}

bool a_row_is_adopted_once(const state& before, const command& what, const response&, const state& after) {
  const auto* taken = as<scan::adopt>(what);
  if (taken == nullptr) return true;
  const auto& was = *before.directory.lives.find(taken->by);
  const auto& is = *after.directory.lives.find(taken->by);
  auto rows = was.rows;
  rows.put(taken->key, {});
  return !was.rows.contains(taken->key) && rows == is.rows && !is.found.contains(taken->key);
}

bool nothing_is_left_where_no_call_fails(const state& s) {
  return std::all_of(s.directory.lives.begin(), s.directory.lives.end(),
                     [](const auto& entry) { return entry.second.left.empty(); });
}

// Trust, deaths ----------------------------------------------------------------------------------------------------

bool trust_ends_with_a_failed_sync(const state& before, const command& what, const response& said, const state& after) {
  const auto* failed = said.what == result::failed ? as<scan::sync>(what) : nullptr;
  if (failed != nullptr && after.directory.lives.find(failed->by)->trusted) return false;
  return std::all_of(before.directory.lives.begin(), before.directory.lives.end(), [&](const auto& entry) {
    const auto* now = after.directory.lives.find(entry.first);
    return now == nullptr || entry.second.trusted || !now->trusted;
  });
}

bool a_death_leaves_the_names(const state& before, const command& what, const response&, const state& after) {
  const auto* death = as<scan::dies>(what);
  return death == nullptr ||
         (before.directory.durable == after.directory.durable && before.directory.pending == after.directory.pending &&
          !after.directory.lives.contains(death->who));
}

/// Each name is as it was at some time since it was last durable, or it went with the quarantine.
bool a_loss_of_power_leaves_what_there_was(const state& before, const command& what, const response&,
                                           const state& after) {
  if (!is<scan::power_fails>(what)) return true;
  if (!after.directory.lives.empty() || !after.directory.owners.empty() || !after.directory.pending.empty()) {
    return false;
  }
  const auto all = after.directory.durable;
  return std::all_of(all.begin(), all.end(), [&](const auto& entry) {
    if (has(before.directory.durable, entry.first, entry.second)) return true;
    return std::any_of(before.directory.pending.begin(), before.directory.pending.end(), [&](const auto& one) {
      return std::any_of(one.begin(), one.end(),
                         [&](const auto& part) { return part.of == entry.first && part.becomes == entry.second; });
    });
  });
}

void add_claims(directory_scan_claims& all, const directory_scan_bounds& bounds) {
  all.invariants = {
      {"R8: what was acknowledged is there, whole, if the power fails now", what_was_acknowledged_is_there},
      {"a damaged file is kept, under its name or in the quarantine", what_is_damaged_is_kept},
      {"a row is a whole file under its name: none is indexed that was set aside", a_row_is_a_file_under_its_name},
      {"a row's name is durable, where names can be made durable", a_row_has_a_durable_name},
      {"a final name is of complete bytes", a_final_name_is_of_whole_bytes},
      {"what is set aside has a durable place", what_is_set_aside_has_a_durable_place},
      {"one process has the lock", one_process_has_the_lock},
      {"a living writer has its temporary files", a_living_writer_has_its_files},
  };
  if (!bounds.failures) {
    all.invariants.push_back({"nothing is left where no call fails", nothing_is_left_where_no_call_fails});
  }
  all.step_invariants = {
      {"a step of a scan leaves what a whole scan would find", a_step_leaves_what_a_whole_scan_would_find},
      {"a whole scan leaves nothing undone", a_whole_scan_leaves_nothing_undone},
      {"a row is adopted once", a_row_is_adopted_once},
      {"who has no lock changes nothing", who_has_no_lock_changes_nothing},
      {"a lock is refused while another has it, and else not", a_lock_is_refused_while_another_has_it},
      {"trust ends with a failed sync, and does not come back", trust_ends_with_a_failed_sync},
      {"a death leaves the names", a_death_leaves_the_names},
      {"a loss of power leaves what there was", a_loss_of_power_leaves_what_there_was},
  };
}

/// Nobody is in the middle of a start.
bool may_rest(const state& s) {
  return std::all_of(s.directory.lives.begin(), s.directory.lives.end(),
                     [](const auto& entry) { return entry.second.is == stage::serving; });
}

/// A start goes on by itself.
bool comes_of_itself(const state& s, const command& what) { return is_starting(s, starter(what)); }

}  // namespace

directory_scan_claims directory_scan_properties(const directory_scan_bounds& bounds) {
  directory_scan_claims all;
  add_claims(all, bounds);
  add_directory_scan_landmarks(all, bounds);
  all.may_rest = may_rest;
  all.certain = comes_of_itself;
  return all;
}

}  // namespace wavetank::model
