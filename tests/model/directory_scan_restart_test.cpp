// The scan in steps against the restart in one step: whatever a crash left, a scan that is cut short anywhere, and then
// a whole one, index what the restart of the reservations does.
#include <gtest/gtest.h>

#include <optional>

#include <wavetank/model/checker/model_checker.h>
#include <wavetank/model/directory_scan_scope.h>
#include <wavetank/model/reservation.h>

namespace wavetank::model::directory_scan_restart_test {
namespace {

using scan = directory_scan;

constexpr scan::process_number who = 1;

/// What a scan does next, none when it is over.
std::optional<scan::command> next_step(const scan::state& s) {
  const auto* one = s.lives.find(who);
  if (one == nullptr) return scan::start{who};
  if (one->is == scan::stage::opening) return scan::list{who};
  if (one->is == scan::stage::serving) return std::nullopt;
  for (const auto& entry : one->ahead) {
    const auto& file = entry.first;
    if (file.in == scan::place::temporary) return scan::remove{who, file};
    if (!one->bad.contains(file.key)) return scan::look{who, file.key};
    const auto shown = scan::shown(s);
    if (!shown.contains(scan::the_quarantine)) return scan::make_quarantine{who, file.key};
    if (!scan::is_durable(s, scan::the_quarantine, scan::content::whole)) return scan::sync{who};
    std::uint64_t number = 0;
    while (shown.contains({scan::place::quarantined, file.key, number})) ++number;
    return scan::set_aside{who, file.key, number};
  }
  if (!s.pending.empty()) return scan::sync{who};
  if (!one->found.empty()) return scan::adopt{who, one->found.begin()->first};
  return scan::serve{who};
}

/// False when there was none to take.
bool take_step(scan::state& s) {
  const auto what = next_step(s);
  return what && scan{}.carry_out(s, *what).has_value();
}

sorted_set<key_number> rows_of_whole_scan(scan::state s) {
  while (take_step(s)) continue;
  return s.lives.find(who)->rows;
}

sorted_set<key_number> rows_of_restart(const scan::state& s) {
  reservation::state down;
  down.down = true;
  for (const auto& [file, is] : scan::shown(s)) {
    if (file.in == scan::place::final_name) {
      down.files.put(file.key, {is == scan::content::whole, false, tier::disk});
    }
  }
  sorted_set<key_number> rows;
  reservation{}.step(down, reservation::restart{1}, [&](const auto&, const reservation::state& up) {
    for (const auto& entry : up.rows) rows.put(entry.first, {});
  });
  return rows;
}

TEST(directory_scan_restart, a_scan_indexes_what_a_restart_does_however_often_it_was_cut_short) {
  std::size_t cut_short = 0;
  properties_of<directory_scan_scope<scan>> probe;
  probe.may_rest = [](const auto&) { return true; };
  probe.invariants = {{"as a restart", [&](const directory_scan_scope_state& left) {
                         if (!left.directory.lives.empty()) return true;
                         const auto expected = rows_of_restart(left.directory);
                         scan::state running = left.directory;
                         do {
                           scan::state dead = running;
                           dead.lives.clear();
                           dead.owners.clear();
                           if (rows_of_whole_scan(dead) != expected) return false;
                           ++cut_short;
                         } while (take_step(running));
                         return running.lives.find(who)->rows == expected;
                       }}};
  const directory_scan_bounds bounds{1, 2, 2, 1, 2, false, false};
  const auto report = check(scope_of(bounds), probe);
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
  EXPECT_GT(cut_short, report.states / 10);
}

}  // namespace
}  // namespace wavetank::model::directory_scan_restart_test
