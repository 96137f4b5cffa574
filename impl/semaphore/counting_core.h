// The counting semaphore behind its handles: lives until the semaphore, every account and every handle is gone, so that
// no handle ever dangles.
//
// The word is the truth about `current`, `limit`, `closed`. Without waiters it is changed by compare-and-swap alone.
// While its `queued` bit is set, releases (and, in a strict semaphore, newcomers) go through the mutex, and one update
// of the word both gives back and grants: no state between the two can be observed.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/semaphore/acquire_error.h>
#include <wavetank/impl/semaphore/permit_account.h>
#include <wavetank/impl/semaphore/state_word.h>
#include <wavetank/impl/semaphore/transfer_result.h>
#include <wavetank/impl/semaphore/wait.h>

#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wavetank {

/// How a `counting_semaphore` is made.
struct counting_semaphore_options {
  /// For messages to people.
  std::string name = "counting_semaphore";
  /// Permits that are given back are up for grabs: a newcomer may overtake those who wait, who are woken to compete.
  /// Saves the hand-over's switch between tasks; gives up the FIFO order, so that waiters (large ones above all) may
  /// starve.
  bool barging = false;
  /// Keep the age of each permit for `holders()`. Costs a reading of the clock for each acquire.
  bool ages = false;
};

namespace semaphore_detail {

/// What a counting semaphore grants: so much weight, on this record.
template <runtime R>
struct weight_claim {
  std::uint64_t weight;
  permit_record<R>* record;
};

/// The record of a permit that was transferred: watched by a monitor on its new owner, kept by its handle alone.
template <runtime R>
struct transferred_record : permit_record<R> {
  transferred_record(std::shared_ptr<counting_core<R>> owner_core, task_id new_owner)
      : permit_record<R>(nullptr), core(std::move(owner_core)), owner(new_owner) {}

  const std::shared_ptr<counting_core<R>> core;
  const task_id owner;
  std::uint64_t ticket = 0;
  bool owner_dead = false;  // guarded by the semaphore's mutex
  std::optional<typename R::monitor> owner_monitor;
};

template <runtime R>
class counting_core : public std::enable_shared_from_this<counting_core<R>> {
 public:
  using time_point = typename R::time_point;
  using account = permit_account<R>;
  using record = permit_record<R>;
  using transferred = transferred_record<R>;
  using waiter_type = waiter<R, weight_claim<R>>;

  struct held_permit {
    task_id owner;
    std::uint64_t weight;
    std::optional<std::int64_t> since;
  };

  counting_core(R& r, std::uint64_t limit, counting_semaphore_options chosen)
      : world(r), options(std::move(chosen)), key_(r.new_key()), word_(state_word::initial(limit).bits()) {
    R::label(word_, "semaphore word");
    R::label(mutex_, "semaphore queue");
  }

  state_word word() const noexcept { return state_word{word_.load(std::memory_order_acquire)}; }
  std::size_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }
  bool destroyed() const noexcept { return word().destroyed(); }

  // Taking ----------------------------------------------------------------------------------------------------------

  /// One attempt, without a lock. Empty: it has the weight.
  std::optional<acquire_error> try_take(std::uint64_t weight) noexcept {
    std::uint64_t bits = word_.load(std::memory_order_relaxed);
    if (state_word{bits}.free_for(weight) && take_from(bits, weight)) [[likely]]
      return std::nullopt;
    return try_take_from(bits, weight);
  }

  /// A record of the current task for the permit to come. Allocates only when a task holds more than ever before.
  record& prepare() {
    if (account* const mine = account_here()) [[likely]] {
      if (record* const ready = mine->take()) [[likely]]
        return *ready;
    }
    return prepare_first_or_more();
  }

  /// The record was not needed after all. On the task that prepared it.
  static void discard(record& unused) noexcept { unused.home->put_back(unused); }

  /// The weight was taken by the current task for itself.
  void grant(record& to, std::uint64_t weight) noexcept {
    if (options.ages) to.since.store(ticks(world.now()), std::memory_order_relaxed);
    to.weight.store(weight, std::memory_order_release);
  }

  /// Waits in the queue. On `granted`, `to` is live.
  template <class StopToken>
  outcome wait(record& to, std::uint64_t weight, time_point deadline, const StopToken& stop) {
    waiter_type me{weight_claim<R>{weight, &to}, deadline};
    if (options.barging && poll_for_room(me)) return outcome::granted;
    return semaphore_detail::wait(world, *this, me, stop);
  }

  // Giving back -----------------------------------------------------------------------------------------------------

  /// Ends the handle's use of `held`, on any task. True if the permit was live, so that this released it.
  static bool release(record& held) noexcept {
    account* const home = held.home;
    if (home == nullptr || home->core->account_here() != home) [[unlikely]]
      return release_not_by_its_owner(held);
    // Only the owner's death takes a permit back, and that runs on this very task: nobody races.
    const std::uint64_t weight = held.weight.load(std::memory_order_relaxed);
    bool was_live = false;
    if (weight != 0) {
      held.weight.store(0, std::memory_order_relaxed);
      was_live = home->core->give_back(weight);
    }
    home->put_back(held);
    return was_live;
  }

  static bool valid(const record& held) noexcept {
    return held.weight.load(std::memory_order_acquire) != 0 && !core_of(held).destroyed();
  }

  /// Replaces `held` by the record of the transferred permit. Strong guarantee.
  static transfer_result transfer(record*& held, task_id to) {
    const std::shared_ptr<counting_core> core = core_of(*held).shared_from_this();
    std::unique_ptr<transferred> next = core->expect_transfer(to);
    const transfer_result result = core->move_permit(*held, *next);
    if (result != transfer_result::transferred) {
      core->forget_transfer(*next);
      return result;
    }
    release(*std::exchange(held, next.release()));
    return result;
  }

  // Administration --------------------------------------------------------------------------------------------------

  void set_limit(std::uint64_t limit) noexcept {
    const std::lock_guard lock{mutex_};
    resolve([limit](state_word w) { return w.with_limit(limit); }, reach::all_waiters);
  }

  void close() noexcept {
    const std::lock_guard lock{mutex_};
    resolve([](state_word w) { return w.closing(); }, reach::all_waiters);
  }

  /// The semaphore is gone; handles and accounts may remain.
  void destroy() noexcept {
    const std::lock_guard lock{mutex_};
    resolve([](state_word w) { return w.closing().with_limit(0); }, reach::all_waiters);
  }

  std::vector<held_permit> holders() {
    std::vector<held_permit> all;
    const std::lock_guard lock{mutex_};
    guarded& g = R::write(guarded_);
    const auto add = [&](task_id owner, const record& r, std::uint64_t weight) {
      std::optional<std::int64_t> since;
      if (options.ages) since = r.since.load(std::memory_order_relaxed);
      all.push_back({owner, weight, since});
    };
    for (account* a = g.accounts.front(); a != nullptr; a = a->next) {
      a->for_each_live([&](const record& r, std::uint64_t weight) { add(a->owner, r, weight); });
    }
    for (const auto& [ticket, t] : g.transferred_permits) {
      if (const std::uint64_t weight = t->weight.load(std::memory_order_acquire); weight != 0) {
        add(t->owner, *t, weight);
      }
    }
    return all;
  }

  // Deaths, told by `account_link` ----------------------------------------------------------------------------------

  void owner_died(account& of) noexcept {
    std::uint64_t lost = 0;
    {
      const std::lock_guard lock{mutex_};
      of.for_each_live([&](record& r, std::uint64_t weight) {
        r.weight.store(0, std::memory_order_relaxed);
        lost += weight;
      });
      if (lost != 0) resolve_giving_back(lost);
    }
    if (lost != 0) log_lost(of.owner, lost);
  }

  void abandon(account& dropped) noexcept {
    const std::shared_ptr<counting_core> keep_alive = dropped.core;
    std::unique_ptr<account> unused;
    const std::lock_guard lock{mutex_};
    if (dropped.abandon()) unused = unlink(dropped);
  }

  // For `semaphore_detail::wait` ------------------------------------------------------------------------------------

  typename R::mutex& mutex() noexcept { return mutex_; }

  void enter(waiter_type& me) noexcept {
    if (const auto refused = refusal(word(), me.claim.weight)) {
      return me.decide(*refused == acquire_error::closed ? outcome::closed : outcome::too_large);
    }
    auto& queue = R::write(guarded_).queue;
    queue.push_back(me);
    resolve(unchanged, reach::head_of_queue, &me);
    if (me.linked) publish_waiting(queue);
  }

  void retry(waiter_type& me) noexcept {
    me.wait_again();
    resolve(unchanged, reach::head_of_queue, &me);
  }

  void withdraw(waiter_type& me, outcome why) noexcept {
    auto& queue = R::write(guarded_).queue;
    queue.remove(me);
    publish_waiting(queue);
    me.decide(why);
    resolve(unchanged, reach::head_of_queue);
  }

  /// The record goes back to its account by who prepared it.
  void give_up(waiter_type& me) noexcept {
    if (me.linked) withdraw(me, outcome::cancelled);
    take_back(*me.claim.record);
  }

  R& world;
  const counting_semaphore_options options;

 private:
  enum class reach { head_of_queue, all_waiters };

  struct guarded {
    intrusive_list<waiter_type> queue;
    intrusive_list<account> accounts;
    std::map<std::uint64_t, transferred*> transferred_permits;
    std::uint64_t last_ticket = 0;
  };

  static std::optional<acquire_error> refusal(state_word seen, std::uint64_t weight) noexcept {
    if (weight == 0) return acquire_error::zero_weight;
    if (seen.closed()) return acquire_error::closed;
    if (weight > seen.limit()) return acquire_error::too_large;
    return std::nullopt;
  }

  /// Changes the word from `bits`, or says in `bits` what it is by now.
  bool take_from(std::uint64_t& bits, std::uint64_t weight) noexcept {
    return word_.compare_exchange_strong(bits, state_word{bits}.taking(weight).bits(), std::memory_order_acquire,
                                         std::memory_order_relaxed);
  }

  [[gnu::noinline]] std::optional<acquire_error> try_take_from(std::uint64_t bits, std::uint64_t weight) noexcept {
    for (;;) {
      const state_word seen{bits};
      if (const auto refused = refusal(seen, weight)) return refused;
      if ((seen.queued() && !options.barging) || !seen.fits(weight)) return acquire_error::busy;
      if (take_from(bits, weight)) return std::nullopt;
    }
  }

  static std::int64_t ticks(time_point t) noexcept { return static_cast<std::int64_t>(t.time_since_epoch().count()); }

  static counting_core& core_of(const record& r) noexcept {
    return r.home != nullptr ? *r.home->core : *static_cast<const transferred&>(r).core;
  }

  // Accounts --------------------------------------------------------------------------------------------------------

  account* account_here() noexcept {
    attachment* const link = world.attached(key_);
    return link != nullptr ? &static_cast<account_link<R>*>(link)->account : nullptr;
  }

  // The rare ways are kept out of line, so that the common ones are inlined whole: a call that saves registers costs as
  // much as the compare-and-swap, because the latter waits for the stores of the former.

  [[gnu::noinline]] record& prepare_first_or_more() {
    account* mine = account_here();
    if (mine == nullptr) mine = &open_account();
    const std::lock_guard lock{mutex_};
    return *mine->take_more();
  }

  account& open_account() {
    auto made = std::make_unique<account>(this->shared_from_this(), world.current_task());
    auto link = std::make_unique<account_link<R>>(*made);
    account& opened = *made;
    {
      const std::lock_guard lock{mutex_};
      R::write(guarded_).accounts.push_back(*made.release());
    }
    world.attach(key_, std::move(link));  // if this throws, the link abandons the account
    return opened;
  }

  std::unique_ptr<account> unlink(account& unused) noexcept {
    R::write(guarded_).accounts.remove(unused);
    return std::unique_ptr<account>{&unused};
  }

  [[gnu::noinline]] static bool release_not_by_its_owner(record& held) noexcept {
    if (held.home == nullptr) return release_transferred(static_cast<transferred&>(held));
    return held.home->core->release_elsewhere(held, *held.home);
  }

  bool release_elsewhere(record& held, account& home) noexcept {
    std::unique_ptr<account> unused;
    const std::shared_ptr<counting_core> keep_alive = home.core;
    const std::lock_guard lock{mutex_};
    const bool was_live = take_back(held);
    if (home.put_back_from_elsewhere(held)) unused = unlink(home);
    return was_live;
  }

  /// With the mutex.
  bool take_back(record& held) noexcept {
    const std::uint64_t weight = held.weight.load(std::memory_order_relaxed);
    if (weight == 0) return false;
    held.weight.store(0, std::memory_order_relaxed);
    return resolve_giving_back(weight);
  }

  // Transfers -------------------------------------------------------------------------------------------------------

  /// Enters a record for a permit to come, already watched: a death that comes before the permit is not missed.
  std::unique_ptr<transferred> expect_transfer(task_id to) {
    auto next = std::make_unique<transferred>(this->shared_from_this(), to);
    {
      const std::lock_guard lock{mutex_};
      guarded& g = R::write(guarded_);
      next->ticket = ++g.last_ticket;
      g.transferred_permits.emplace(next->ticket, next.get());
    }
    try {
      next->owner_monitor.emplace(world, to, [core = this->shared_from_this(), ticket = next->ticket]() noexcept {
        core->transferee_died(ticket);
      });
    } catch (...) {
      forget_transfer(*next);
      throw;
    }
    return next;
  }

  void forget_transfer(transferred& t) noexcept {
    const std::lock_guard lock{mutex_};
    R::write(guarded_).transferred_permits.erase(t.ticket);
  }

  transfer_result move_permit(record& from, transferred& to) noexcept {
    const std::lock_guard lock{mutex_};
    const std::uint64_t weight = from.weight.load(std::memory_order_relaxed);
    if (weight == 0 || destroyed()) return transfer_result::nothing;
    if (to.owner_dead || !to.owner_monitor->armed()) {
      take_back(from);
      return transfer_result::released;
    }
    if (options.ages) to.since.store(from.since.load(std::memory_order_relaxed), std::memory_order_relaxed);
    from.weight.store(0, std::memory_order_relaxed);
    to.weight.store(weight, std::memory_order_release);
    return transfer_result::transferred;
  }

  void transferee_died(std::uint64_t ticket) noexcept {
    std::uint64_t lost = 0;
    task_id owner;
    {
      const std::lock_guard lock{mutex_};
      auto& permits = R::write(guarded_).transferred_permits;
      const auto found = permits.find(ticket);
      if (found == permits.end()) return;
      found->second->owner_dead = true;
      owner = found->second->owner;
      lost = found->second->weight.load(std::memory_order_relaxed);
      take_back(*found->second);
    }
    if (lost != 0) log_lost(owner, lost);
  }

  static bool release_transferred(transferred& held) noexcept {
    const std::unique_ptr<transferred> ended{&held};  // after the lock: its monitor is disarmed without it
    const std::shared_ptr<counting_core> core = held.core;
    const std::lock_guard lock{core->mutex_};
    R::write(core->guarded_).transferred_permits.erase(held.ticket);
    return core->take_back(held);
  }

  // The queue -------------------------------------------------------------------------------------------------------

  /// True if the semaphore still lives.
  bool give_back(std::uint64_t weight) noexcept {
    std::uint64_t bits = word_.load(std::memory_order_relaxed);
    for (;;) {
      const state_word seen{bits};
      if (seen.queued()) [[unlikely]]
        return hand_over(weight);
      if (word_.compare_exchange_strong(bits, seen.giving_back(weight).bits(), std::memory_order_release,
                                        std::memory_order_relaxed)) {
        return !seen.destroyed();
      }
    }
  }

  [[gnu::noinline]] bool hand_over(std::uint64_t weight) noexcept {
    const std::lock_guard lock{mutex_};
    return resolve_giving_back(weight);
  }

  bool resolve_giving_back(std::uint64_t weight) noexcept {
    return !resolve([weight](state_word w) { return w.giving_back(weight); }, reach::head_of_queue).destroyed();
  }

  /// With the mutex. Applies `change` to the word and, in the same update, answers the waiters that it concerns: those
  /// at the head that now fit, whose deadline has passed or that the change refuses; with `reach::all_waiters` also
  /// those further back that it refuses. `awake` is a waiter that runs this itself. Returns the new word.
  template <class Change>
  state_word resolve(Change change, reach how_far, const waiter_type* awake = nullptr) noexcept {
    auto& queue = R::write(guarded_).queue;
    std::uint64_t bits = word_.load(std::memory_order_relaxed);
    for (;;) {
      const state_word seen{bits};
      state_word next = change(seen);
      const waiter_type* const unseen = judge(queue, next, how_far, awake);
      if (next == seen ||
          word_.compare_exchange_strong(bits, next.bits(), std::memory_order_acq_rel, std::memory_order_relaxed)) {
        tell(queue, unseen);
        return next;
      }
    }
  }

  /// Writes a verdict into each waiter up to the returned one, and their grants into `next`.
  waiter_type* judge(intrusive_list<waiter_type>& queue, state_word& next, reach how_far, const waiter_type* awake) {
    std::optional<time_point> now;
    const auto expired = [&](const waiter_type& w) {
      if (!w.has_deadline()) return false;
      if (!now) now = world.now();
      return w.expired(*now);
    };
    std::size_t left = queue.size();
    bool blocked = false;
    bool head_must_be_woken = true;
    waiter_type* w = queue.front();
    for (; w != nullptr && (!blocked || how_far == reach::all_waiters); w = w->next) {
      w->verdict = outcome::waiting;
      if (const auto refused = refusal(next, w->claim.weight)) {
        w->verdict = *refused == acquire_error::closed ? outcome::closed : outcome::too_large;
      } else if (blocked) {
        continue;
      } else if (expired(*w)) {
        w->verdict = outcome::timed_out;
      } else if (!next.fits(w->claim.weight)) {
        blocked = true;
      } else if (options.barging && w != awake) {
        blocked = true;
        head_must_be_woken = false;
        if (w->decided() == outcome::waiting) w->verdict = outcome::retry;
      } else {
        w->verdict = outcome::granted;
        next = next.taking(w->claim.weight);
      }
      if (w->verdict != outcome::waiting && w->verdict != outcome::retry) --left;
    }
    next = next.with_queued(left != 0 && head_must_be_woken);
    return w;
  }

  void tell(intrusive_list<waiter_type>& queue, const waiter_type* end) noexcept {
    const std::size_t before = queue.size();
    for (waiter_type* w = queue.front(); w != end;) {
      waiter_type& told = *w;
      w = w->next;
      if (told.verdict == outcome::waiting) continue;
      if (told.verdict != outcome::retry) queue.remove(told);
      if (told.verdict == outcome::granted) grant(*told.claim.record, told.claim.weight);
      told.decide(told.verdict);
    }
    if (queue.size() != before) publish_waiting(queue);
  }

  void publish_waiting(const intrusive_list<waiter_type>& queue) noexcept {
    waiting_.store(queue.size(), std::memory_order_relaxed);
  }

  static state_word unchanged(state_word w) noexcept { return w; }

  bool poll_for_room(waiter_type& me) noexcept {
    if constexpr (R::spin_limit > 0) {
      for (unsigned i = 0; i < R::spin_limit; ++i) {
        if (me.has_deadline() && me.expired(world.now())) return false;
        if (word().fits(me.claim.weight) && !try_take(me.claim.weight)) {
          grant(*me.claim.record, me.claim.weight);
          return true;
        }
        R::relax(i);
      }
    }
    return false;
  }

  // People ----------------------------------------------------------------------------------------------------------

  void log_lost(task_id owner, std::uint64_t weight) noexcept {
    try {
      world.log(log_level::info, options.name + ": " + world.name_of(owner) + " ended with permits of weight " +
                                     std::to_string(weight) + ", which are released");
    } catch (...) {
      world.log(log_level::info, "a semaphore's owner ended with permits, which are released");
    }
  }

  const std::uint64_t key_;
  typename R::template atomic<std::uint64_t> word_;
  typename R::template atomic<std::uint64_t> waiting_{0};
  typename R::mutex mutex_;
  typename R::template shared<guarded> guarded_;
};

}  // namespace semaphore_detail
}  // namespace wavetank
