#include <wavetank/model/directory_scan_scope.h>

#include <algorithm>

#include <wavetank/model/command_is.h>

namespace wavetank::model {
namespace {

using scan = directory_scan;
using place = scan::place;
using stage = scan::stage;
using result = scan::result;
using commands = std::vector<scan::command>;
using scope_state = directory_scan_scope_state;

/// The smallest number under which this key has no such name, now or after a loss of power.
std::uint64_t free_number(const scan::state& s, place in, key_number key) {
  const auto is_taken = [&](const scan::name& wanted) {
    return s.durable.contains(wanted) || std::any_of(s.pending.begin(), s.pending.end(), [&](const auto& one) {
             return std::any_of(one.begin(), one.end(), [&](const auto& part) { return part.of == wanted; });
           });
  };
  std::uint64_t number = 0;
  while (is_taken({in, key, number})) ++number;
  return number;
}

void add_steps_of_scan(commands& all, const scan::state& s, scan::process_number who, const scan::life& one) {
  for (const auto& entry : one.ahead) {
    const scan::name& file = entry.first;
    if (file.in == place::temporary) {
      all.push_back(scan::remove{who, file});
    } else if (!one.bad.contains(file.key)) {
      all.push_back(scan::look{who, file.key});
    } else {
      all.push_back(scan::make_quarantine{who, file.key});
      all.push_back(scan::set_aside{who, file.key, 0});
      const auto number = free_number(s, place::quarantined, file.key);
      if (number != 0) all.push_back(scan::set_aside{who, file.key, number});
    }
  }
  all.push_back(scan::sync{who});
  for (const auto& entry : one.found) all.push_back(scan::adopt{who, entry.first});
  all.push_back(scan::serve{who});
}

void add_saves(commands& all, const scope_state& s, scan::process_number who, const directory_scan_bounds& bounds) {
  const auto& now = s.directory;
  for (key_number key = 1; key <= bounds.keys; ++key) {
    if (s.saves < bounds.saves) {
      all.push_back(scan::create{who, {place::temporary, key, free_number(now, place::temporary, key)}});
    }
    all.push_back(scan::acknowledge{who, key});
    all.push_back(scan::evict{who, key});
  }
  for (const auto& [file, owner] : now.owners) {
    if (owner != who) continue;
    all.push_back(scan::finish{who, file});
    if (!s.published.contains(file)) all.push_back(scan::link{who, file, bounds.moves});
    all.push_back(scan::remove{who, file});
  }
  for (const auto& entry : now.lives.find(who)->left) all.push_back(scan::remove{who, entry.first});
  all.push_back(scan::sync{who});
}

void add_calls(commands& all, const scope_state& s, scan::process_number who, const directory_scan_bounds& bounds) {
  const auto* one = s.directory.lives.find(who);
  if (one == nullptr) {
    all.push_back(scan::start{who});
  } else if (one->is == stage::opening) {
    all.push_back(scan::list{who});
  } else if (one->is == stage::scanning) {
    add_steps_of_scan(all, s.directory, who, *one);
  } else {
    add_saves(all, s, who, bounds);
  }
  if (one != nullptr && s.deaths < bounds.deaths) all.push_back(scan::dies{who});
}

/// The process, if it dies by `what`.
bool kills(const scan::command& what, scan::process_number who) {
  const auto* death = as<scan::dies>(what);
  return is<scan::power_fails>(what) || (death != nullptr && death->who == who);
}

void follow_deaths(scope_state& s, const scan::state& before, const scan::command& what) {
  if (is<scan::dies>(what) || is<scan::power_fails>(what)) ++s.deaths;
  for (const auto& [who, one] : before.lives) {
    if (!kills(what, who) || !one.locked || one.is != stage::scanning) continue;
    s.cut_short = std::min<std::uint64_t>(s.cut_short + 1, 2);
    for (const auto& entry : one.rows) s.adopted.put(entry.first, {});
  }
}

/// What can be seen counts as much as what was answered, where names can be made durable.
void follow_starts(scope_state& s, const scan::command& what) {
  const auto* ready = as<scan::serve>(what);
  if (ready == nullptr) return;
  const auto& one = *s.directory.lives.find(ready->by);
  if (!one.locked) return;
  s.cut_short = 0;
  s.adopted.clear();
  if (!one.trusted) return;
  for (const auto& entry : one.rows) s.acknowledged.put(entry.first, {});
}

}  // namespace

std::vector<directory_scan::command> commands_in(const directory_scan_scope_state& s,
                                                 const directory_scan_bounds& bounds) {
  commands all;
  for (scan::process_number who = 1; who <= bounds.processes; ++who) add_calls(all, s, who, bounds);
  if (s.rots < bounds.rots) {
    for (key_number key = 1; key <= bounds.keys; ++key) all.push_back(scan::rot{key});
  }
  if (s.deaths < bounds.deaths) all.push_back(scan::power_fails{});
  return all;
}

void note_outcome(directory_scan_scope_state& s, const directory_scan::state& before,
                  const directory_scan::command& what, const directory_scan::response& said) {
  if (is<scan::create>(what)) ++s.saves;
  if (const auto* told = as<scan::acknowledge>(what)) s.acknowledged.put(told->key, {});
  if (const auto* unwanted = as<scan::evict>(what)) {
    s.acknowledged.erase(unwanted->key);
    if (said.what == result::removed) s.rotten.erase(unwanted->key);
  }
  if (const auto* decayed = as<scan::rot>(what)) {
    ++s.rots;
    s.acknowledged.erase(decayed->key);
    s.rotten.put(decayed->key, {});
  }
  if (const auto* linked = as<scan::link>(what); linked != nullptr && said.what == result::linked) {
    s.published.put(linked->from, {});
  }
  s.published.erase_if([&](const scan::name& file, present) { return !s.directory.owners.contains(file); });
  follow_deaths(s, before, what);
  follow_starts(s, what);
}

std::string describe(const directory_scan_scope_state& s) {
  std::string words = describe(s.directory);
  for (const auto& entry : s.acknowledged) words += "; key " + std::to_string(entry.first) + " acknowledged";
  if (s.cut_short != 0) words += "; scans cut short: " + std::to_string(s.cut_short);
  return words;
}

}  // namespace wavetank::model
