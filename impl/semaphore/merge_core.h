// The merge semaphore behind its handles: lives until the semaphore and every handle is gone. All of it is guarded by
// one mutex.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/semaphore/acquire_error.h>
#include <wavetank/impl/semaphore/transfer_result.h>
#include <wavetank/impl/semaphore/wait.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace wavetank {

/// The number of a shard of this node.
using shard_index = std::uint32_t;

/// Why a merge semaphore gave no permit.
struct merge_refusal {
  acquire_error reason;
  std::optional<shard_index> holder{};  ///< for `busy`
  friend bool operator==(const merge_refusal&, const merge_refusal&) = default;
};

/// What a release found.
enum class release_result : std::uint8_t {
  ok,         ///< the hold has ended
  not_holder  ///< there was no such hold: nothing has changed
};

namespace semaphore_detail {

/// What a merge semaphore grants: a hold for this shard, to this task. The grant fills in the generation.
struct hold_claim {
  shard_index shard;
  task_id task;
  std::uint64_t generation = 0;
};

template <runtime R>
class merge_core : public std::enable_shared_from_this<merge_core<R>> {
 public:
  using time_point = typename R::time_point;
  using waiter_type = waiter<R, hold_claim>;
  using attempt = tl::expected<std::uint64_t, merge_refusal>;

  struct hold {
    shard_index shard;
    task_id owner;
    std::uint64_t generation;
    time_point since;
  };

  merge_core(R& r, std::string chosen_name) : world(r), name(std::move(chosen_name)) {
    R::label(mutex_, "merge semaphore");
  }

  /// One attempt. The generation of the hold, whose owner is not watched yet: see `watch_owner`.
  attempt try_take(shard_index shard) noexcept {
    const task_id me = world.current_task();
    const std::lock_guard lock{mutex_};
    guarded& g = R::write(guarded_);
    if (g.closed) return tl::make_unexpected(merge_refusal{acquire_error::closed});
    if (g.current) return tl::make_unexpected(merge_refusal{acquire_error::busy, g.current->shard});
    return begin_hold(g, shard, me);
  }

  /// Waits in FIFO order. As `try_take` otherwise.
  template <class StopToken>
  attempt take(shard_index shard, time_point deadline, const StopToken& stop) {
    const attempt now_or_never = try_take(shard);
    if (now_or_never || now_or_never.error().reason != acquire_error::busy) return now_or_never;
    if (deadline != no_deadline<R> && deadline <= world.now()) {
      return tl::make_unexpected(merge_refusal{acquire_error::timed_out});
    }
    waiter_type me{hold_claim{shard, world.current_task()}, deadline};
    const outcome decided = wait(world, *this, me, stop);
    if (decided == outcome::granted) return me.claim.generation;
    return tl::make_unexpected(merge_refusal{error_of(decided)});
  }

  /// From here on the death of the current task ends its hold `generation`. Without memory ends the hold and throws.
  void watch_owner(std::uint64_t generation) {
    try {
      transfer(generation, world.current_task());
    } catch (...) {
      release(generation);
      throw;
    }
  }

  release_result release(std::uint64_t generation) noexcept {
    return end_hold([generation](const hold& h) { return h.generation == generation; });
  }

  release_result release_by_name(shard_index shard) noexcept {
    const task_id caller = world.current_task();
    return end_hold([&](const hold& h) { return h.shard == shard && h.owner == caller; });
  }

  transfer_result transfer(std::uint64_t generation, task_id to) {
    // Watched before it owns, so that no death is missed; one that comes in between is found under the mutex.
    auto watched = std::make_shared<owner_watch>();
    typename R::monitor watcher{world, to, [core = this->weak_from_this(), watched, to]() noexcept {
                                  if (const auto alive = core.lock()) alive->owner_died(*watched, to);
                                }};
    const std::lock_guard lock{mutex_};
    guarded& g = R::write(guarded_);
    if (!g.current || g.current->generation != generation) return transfer_result::nothing;
    if (watched->dead || !watcher.armed()) {
      std::swap(g.owner_monitor, watcher);  // dropped after the mutex
      g.current.reset();
      hand_over(g);
      return transfer_result::released;
    }
    g.current->owner = to;
    g.watch = std::move(watched);
    std::swap(g.owner_monitor, watcher);
    return transfer_result::transferred;
  }

  bool holds(std::uint64_t generation) noexcept {
    const std::lock_guard lock{mutex_};
    const auto& current = R::read(guarded_).current;
    return current && current->generation == generation;
  }

  std::optional<hold> status() noexcept {
    const std::lock_guard lock{mutex_};
    return R::read(guarded_).current;
  }

  std::size_t waiting() noexcept {
    const std::lock_guard lock{mutex_};
    return R::read(guarded_).queue.size();
  }

  void close() noexcept {
    const std::lock_guard lock{mutex_};
    refuse_all(R::write(guarded_));
  }

  /// The semaphore is gone; handles may remain.
  void destroy() noexcept {
    typename R::monitor dropped;
    const std::lock_guard lock{mutex_};
    guarded& g = R::write(guarded_);
    refuse_all(g);
    g.current.reset();
    g.watch = nullptr;
    std::swap(g.owner_monitor, dropped);
  }

  // For `wait` ------------------------------------------------------------------------------------------------------

  typename R::mutex& mutex() noexcept { return mutex_; }

  void enter(waiter_type& me) noexcept {
    guarded& g = R::write(guarded_);
    if (g.closed) return me.decide(outcome::closed);
    g.queue.push_back(me);
    if (!g.current) hand_over(g);
  }

  void withdraw(waiter_type& me, outcome why) noexcept {
    R::write(guarded_).queue.remove(me);
    me.decide(why);
  }

  void give_up(waiter_type& me) noexcept {
    guarded& g = R::write(guarded_);
    if (me.linked) return g.queue.remove(me);
    if (!g.current || g.current->generation != me.claim.generation) return;
    g.current.reset();
    hand_over(g);
  }

  void retry(waiter_type&) noexcept { assert(false); }  // grants are handed over, always

  R& world;
  const std::string name;

 private:
  /// One task's being the owner of one hold. `dead`: it has died, perhaps before it became the owner.
  struct owner_watch {
    bool dead = false;
  };

  struct guarded {
    std::optional<hold> current;
    std::shared_ptr<owner_watch> watch;
    typename R::monitor owner_monitor;
    std::uint64_t last_generation = 0;
    bool closed = false;
    intrusive_list<waiter_type> queue;
  };

  std::uint64_t begin_hold(guarded& g, shard_index shard, task_id owner) noexcept {
    assert(!g.current);
    g.current = hold{shard, owner, ++g.last_generation, world.now()};
    g.watch = nullptr;
    return g.last_generation;
  }

  /// With the mutex, free: the first waiter whose deadline has not passed has the hold.
  void hand_over(guarded& g) noexcept {
    while (!g.current && !g.queue.empty()) {
      waiter_type& first = *g.queue.front();
      g.queue.remove(first);
      if (first.has_deadline() && first.expired(world.now())) {
        first.decide(outcome::timed_out);
        continue;
      }
      first.claim.generation = begin_hold(g, first.claim.shard, first.claim.task);
      first.decide(outcome::granted);
    }
  }

  template <class IsMeant>
  release_result end_hold(IsMeant is_meant) noexcept {
    typename R::monitor dropped;  // after the mutex
    const std::lock_guard lock{mutex_};
    guarded& g = R::write(guarded_);
    if (!g.current || !is_meant(*g.current)) return release_result::not_holder;
    std::swap(g.owner_monitor, dropped);
    g.current.reset();
    hand_over(g);
    return release_result::ok;
  }

  /// With the mutex.
  void refuse_all(guarded& g) noexcept {
    g.closed = true;
    while (!g.queue.empty()) withdraw(*g.queue.front(), outcome::closed);
  }

  void owner_died(owner_watch& watched, task_id owner) noexcept {
    std::optional<shard_index> lost;
    {
      typename R::monitor dropped;
      const std::lock_guard lock{mutex_};
      guarded& g = R::write(guarded_);
      watched.dead = true;
      if (!g.current || g.watch.get() != &watched) return;
      lost = g.current->shard;
      std::swap(g.owner_monitor, dropped);
      g.current.reset();
      hand_over(g);
    }
    log_lost(owner, *lost);
  }

  void log_lost(task_id owner, shard_index shard) noexcept {
    try {
      world.log(log_level::warning, name + ": " + world.name_of(owner) + " ended while it held the merge of shard " +
                                        std::to_string(shard) + ", which is released");
    } catch (...) {
      world.log(log_level::warning, "the holder of a merge semaphore ended, which is released");
    }
  }

  typename R::mutex mutex_;
  typename R::template shared<guarded> guarded_;
};

}  // namespace semaphore_detail
}  // namespace wavetank
