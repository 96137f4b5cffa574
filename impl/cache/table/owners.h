// Whose claims and reservations there are: one watch for each living task that has, or had, any.
#pragma once

#include <wavetank/impl/cache/table/generation.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/semaphore/intrusive_list.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

namespace wavetank::table_detail {

template <runtime R>
class table_core;
template <runtime R>
struct owner_record;

/// Stands for one claim while its handle lives, which may be longer than the claim. Guarded by the table's mutex.
template <runtime R>
struct claim_record : semaphore_detail::list_links<claim_record<R>> {
  std::shared_ptr<table_core<R>> core;
  std::shared_ptr<generation<R>> of;
  owner_record<R>* owner = nullptr;  ///< nullptr: the claim is over
};

/// One task's being watched. `dead`: it has died, perhaps before it became an owner.
struct owner_watch {
  bool dead = false;
};

template <runtime R>
struct owner_record {
  std::shared_ptr<owner_watch> watch;
  typename R::monitor monitor;
  semaphore_detail::intrusive_list<claim_record<R>> claims;
};

/// Guarded by the table's mutex. Records stay where they are until their task dies.
template <runtime R>
class owners {
 public:
  using record = owner_record<R>;
  using node = typename std::unordered_map<std::uint64_t, record>::node_type;

  record* find(task_id id) {
    const auto found = all_.find(id.value);
    return found != all_.end() ? &found->second : nullptr;
  }

  /// A task that is not watched yet.
  record& add(task_id id, const std::shared_ptr<owner_watch>& watch, typename R::monitor monitor) {
    record& fresh = all_[id.value];
    fresh.watch = watch;
    fresh.monitor = std::move(monitor);
    return fresh;
  }

  /// The record of a dead task; to be dropped off the lock.
  node take(task_id id) { return all_.extract(id.value); }

  template <class F>
  void for_each_claim(F&& visit) {
    for (auto& [id, one] : all_) {
      while (!one.claims.empty()) visit(*one.claims.front());
    }
  }

  /// All monitors, to be dropped off the lock.
  std::unordered_map<std::uint64_t, record> take_all() { return std::exchange(all_, {}); }

 private:
  std::unordered_map<std::uint64_t, record> all_;
};

}  // namespace wavetank::table_detail
