// What the harness knows of permits from outside: which are certainly live, which may be.
//
// A permit may be live from the moment at which somebody asks for it to the moment at which its release has returned or
// its owner is dead. It certainly is between the return of the one call and the beginning of the other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <wavetank/model/blocking_call.h>

namespace wavetank::props {

class permit_ledger {
 public:
  enum class phase : std::uint8_t {
    asked,
    held,
    moving,  ///< a transfer is under way
    ending,
    over,
  };

  struct entry {
    model::call_number call;
    model::task_number owner;
    std::uint64_t amount;
    phase now;
    bool perhaps_released_by_name = false;  ///< while it was moving
  };

  void asked(model::call_number call, model::task_number owner, std::uint64_t amount) {
    entries_.push_back({call, owner, amount, phase::asked, false});
  }
  void move_to(model::call_number call, phase now) {
    if (entry* const e = entry_of(call); e != nullptr && e->now != phase::over) e->now = now;
  }
  /// The transfer has returned: the permit is certainly live unless its new owner dies.
  void transferred(model::call_number call, model::task_number to) {
    entry* const e = entry_of(call);
    if (e == nullptr || e->now == phase::over) return;
    e->owner = to;
    const bool releasing = std::find(releasing_.begin(), releasing_.end(), to) != releasing_.end();
    e->now = is_dying(to) || releasing || e->perhaps_released_by_name ? phase::ending : phase::held;
  }
  void owner_dies(model::task_number task) {
    dying_.push_back(task);
    for (const auto call : perhaps_owned_now_by(task)) at_risk_.push_back({task, call});
    for (entry& e : entries_) {
      if (e.owner == task && e.now == phase::held) e.now = phase::ending;
    }
  }
  void owner_is_dead(model::task_number task) {
    for (entry& e : entries_) {
      if (e.owner == task && e.now == phase::ending) e.now = phase::over;
    }
  }
  /// A release by name begins and ends: it means whatever the task holds.
  void owner_releases(model::task_number task) {
    releasing_.push_back(task);
    for (entry& e : entries_) {
      if (e.owner == task && e.now == phase::held) e.now = phase::ending;
    }
  }
  void owner_released(model::task_number task, bool ended) {
    std::erase(releasing_, task);
    for (entry& e : entries_) {
      if (e.now == phase::moving && ended) e.perhaps_released_by_name = true;
      if (e.owner == task && e.now == phase::ending) e.now = ended ? phase::over : phase::held;
    }
  }

  [[nodiscard]] bool is_dying(model::task_number task) const {
    return std::find(dying_.begin(), dying_.end(), task) != dying_.end();
  }
  [[nodiscard]] const entry* find(model::call_number call) const {
    return const_cast<permit_ledger*>(this)->entry_of(call);
  }
  /// Those of a task that has died: when it began to die, or since, or just on their way to it.
  [[nodiscard]] std::vector<model::call_number> perhaps_owned_by(model::task_number task) const {
    std::vector<model::call_number> all = perhaps_owned_now_by(task);
    for (const auto& [of, call] : at_risk_) {
      if (of == task && std::find(all.begin(), all.end(), call) == all.end()) all.push_back(call);
    }
    return all;
  }
  [[nodiscard]] std::uint64_t certainly_live() const { return sum(phase::held, phase::held); }
  [[nodiscard]] std::uint64_t perhaps_live() const { return sum(phase::asked, phase::ending); }

 private:
  entry* entry_of(model::call_number call) {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.call == call; });
    return found != entries_.end() ? &*found : nullptr;
  }
  [[nodiscard]] std::uint64_t sum(phase from, phase to) const {
    std::uint64_t all = 0;
    for (const entry& e : entries_) all += e.now >= from && e.now <= to ? e.amount : 0;
    return all;
  }

  [[nodiscard]] std::vector<model::call_number> perhaps_owned_now_by(model::task_number task) const {
    std::vector<model::call_number> all;
    for (const entry& e : entries_) {
      if ((e.owner == task && e.now != phase::over) || e.now == phase::moving) all.push_back(e.call);
    }
    return all;
  }

  std::vector<entry> entries_;
  std::vector<model::task_number> dying_;
  std::vector<model::task_number> releasing_;  ///< by name, at this moment
  std::vector<std::pair<model::task_number, model::call_number>> at_risk_;
};

}  // namespace wavetank::props
