// The order in which locks were taken, and the cycles in it that a passing run shows.
#include <wavetank/sim/engine/scheduler.h>

#include <algorithm>
#include <map>
#include <set>

namespace wavetank::sim {

void scheduler::find_lock_order_cycles() {
  std::map<object_id, std::set<object_id>> after;
  for (const auto& [first, then] : lock_order_) after[first].insert(then);
  std::set<object_id> done;
  std::vector<object_id> path;
  const std::function<bool(object_id)> visit_from = [&](object_id m) {
    if (const auto at = std::find(path.begin(), path.end(), m); at != path.end()) {
      std::string cycle;
      for (auto i = at; i != path.end(); ++i) cycle += object_name(*i) + " before ";
      warn("lock order cycle, a deadlock on another schedule: mutex " + cycle + object_name(m));
      return true;
    }
    if (!done.insert(m).second) return false;
    path.push_back(m);
    for (const object_id next : after[m]) {
      if (visit_from(next)) return true;
    }
    path.pop_back();
    return false;
  };
  for (const auto& edge : lock_order_) {
    if (visit_from(edge.first)) return;
    path.clear();
  }
}

}  // namespace wavetank::sim
