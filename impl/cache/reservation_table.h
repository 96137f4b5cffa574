// The table of a cache's rows: who may save a key, who may read it, who goes when room is needed.
//
// Many may want to save a key; one gets the reservation. A row is readable only once its bytes are durable and valid,
// which its writer says by announcing it, or the file keeper by adopting what a writer left that died, or was too slow,
// after it had linked its file. A claim pins one content of a key, a *generation*, until it is checked in or its owner
// dies. Rows are evicted by last use. `model/reservation.h` and `model/cache_index.h` say what is right.
//
// Files are looked at and removed by the task that calls, never with the lock held and never in a death notice; until
// that is done the key is `adopting` or `evicting`, and nobody can reserve it. What a dead writer left, and what could
// not be removed, is taken up by the next reservation of the key or the next `sweep()`, whichever comes first; so
// somebody has to call that now and then (every 30 s, say). Waiters are answered when the key has come to rest.
//
// Reads (`lookup_exact`, `contains`) take no lock but at a task's first one.
//
// It leaves out: bytes, files, prefixes (see longest_prefix.h), a thread of its own.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/cache_tier.h>
#include <wavetank/impl/cache/cached_row.h>
#include <wavetank/impl/cache/file_keeper.h>
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/cache/reservation_table_options.h>
#include <wavetank/impl/cache/table/answers.h>
#include <wavetank/impl/cache/table/eviction_work.h>
#include <wavetank/impl/cache/table/row_claim.h>
#include <wavetank/impl/cache/table/row_reports.h>
#include <wavetank/impl/cache/table/table_core.h>
#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// All members may be called by any task at any time, but for construction and destruction, which wait for nobody. The
/// runtime must outlive the table and its handles, the keeper the table. No operation throws but for want of memory.
template <runtime R>
class reservation_table {
  using core_type = table_detail::table_core<R>;
  using access = typename core_type::access;
  using entry = typename core_type::entry;

 public:
  using time_point = typename R::time_point;
  using claim = row_claim<R>;
  static constexpr time_point no_deadline = time_point::max();

  reservation_table(R& world, file_keeper& keeper, reservation_table_options options = {})
      : core_(std::make_shared<core_type>(world, keeper)), options_(options) {}
  reservation_table(const reservation_table&) = delete;
  reservation_table& operator=(const reservation_table&) = delete;
  ~reservation_table() { core_->destroy(); }

  // Saving ----------------------------------------------------------------------------------------------------------

  /// The right to save a key into the file `final_path`. What an earlier writer left is recovered first, and then
  /// decides. Constant, but for that.
  tl::expected<reservation_token, reserve_refusal> reserve_save(const cache_key& key, cache_tier tier,
                                                                std::string final_path, task_id owner) {
    if (!has_files(tier)) return tl::make_unexpected(reserve_refusal::unsupported_tier);
    if (final_path.empty()) return tl::make_unexpected(reserve_refusal::no_path);
    access in{*core_};
    for (bool worked = false;; worked = true) {
      if (core_->watch(in, owner) == nullptr) return tl::make_unexpected(reserve_refusal::dead_owner);
      entry* const there = in->find(key);
      if (there == nullptr) return in->reserve(key, {tier, std::move(final_path)}, owner, expiry());
      if (there->status == row_status::available) {
        ++in->counters.duplicates_dropped;
        return tl::make_unexpected(reserve_refusal::already_present);
      }
      if (there->is_writing() && core_->world.now() >= there->expiry) in->recover_behind_writer(key, *there);
      if (worked || !there->is_idle_work()) return tl::make_unexpected(reserve_refusal::conflict);
      core_->work_off(in, key);
    }
  }
  tl::expected<reservation_token, reserve_refusal> reserve_save(const cache_key& key, cache_tier tier,
                                                                std::string final_path) {
    return reserve_save(key, tier, std::move(final_path), core_->world.current_task());
  }

  /// Whether the reservation holds; it then holds for its whole time again. Else `expired`.
  tl::expected<void, save_refusal> check_reservation(const reservation_token& token) {
    access in{*core_};
    entry* const live = in->find_live(token, core_->world.now());
    if (live == nullptr) return tl::make_unexpected(save_refusal::expired);
    live->expiry = expiry();
    return {};
  }

  /// The file is under its final name. `expired`: the key, and the file with it, was handed over and is recovered.
  tl::expected<void, save_refusal> mark_published(const reservation_token& token) {
    access in{*core_};
    entry* const live = in->find_live(token, core_->world.now());
    if (live == nullptr) return refuse_late(in, token);
    live->status = row_status::post_link;
    return {};
  }

  /// The file is durable and valid: it becomes the key's row, whose generation is returned. Its path must be the one
  /// that was reserved. `expired` as above; `over_quota`: the file is removed.
  tl::expected<std::uint64_t, save_refusal> announce_saved(const reservation_token& token, row_content content) {
    access in{*core_};
    std::optional<table_detail::room_maker<R>> room;
    for (;;) {
      entry* const live = in->find_live(token, core_->world.now());
      if (live == nullptr) return tl::make_unexpected(refuse_late(in, token).error());
      if (live->status != row_status::post_link) return tl::make_unexpected(save_refusal::not_linked);
      if (content.path != live->target.path || content.bytes != nullptr) {
        return tl::make_unexpected(save_refusal::bad_content);
      }
      const cache_tier tier = live->target.tier;
      if (!room) room.emplace(*core_, tier, quota(tier));
      const auto made = room->step(in, token.key, content);
      if (made == table_detail::room_maker<R>::state::progress) continue;
      if (made == table_detail::room_maker<R>::state::impossible) {
        in->end_reservation(token.key, *live, row_status::evicting, miss_reason::over_quota);
        core_->work_off(in, token.key);
        return tl::make_unexpected(save_refusal::over_quota);
      }
      count_save(in, content);
      return in->install(token.key, tier, std::move(content)).number;
    }
  }

  /// Gives the reservation up; the file, if there is one, is removed when this returns, unless that failed. False, and
  /// the key is recovered if its time had passed, where the token is not live.
  bool cancel_reservation(const reservation_token& token) {
    access in{*core_};
    entry* const live = in->find_live(token, core_->world.now());
    if (live == nullptr) return refuse_late(in, token).has_value();
    in->end_reservation(token.key, *live, row_status::evicting, miss_reason::cancelled);
    core_->work_off(in, token.key);
    return true;
  }

  /// Gives the reservation up without a claim on what is under the final name: the key is recovered as if its writer
  /// had died, so that a valid file of somebody else's becomes its row. The answer is that of `cancel_reservation`.
  bool abandon_reservation(const reservation_token& token) {
    access in{*core_};
    entry* const live = in->find_live(token, core_->world.now());
    if (live == nullptr) return refuse_late(in, token).has_value();
    in->end_reservation(token.key, *live, row_status::adopting, miss_reason::cancelled);
    core_->work_off(in, token.key);
    return true;
  }

  /// A row that needs no reservation: in memory, or of a file that is there, valid and durable. In the place of the
  /// row that the key has, whose claims stay as they are. Its generation.
  tl::expected<std::uint64_t, insert_refusal> insert_available(const cache_key& key, cache_tier tier,
                                                               row_content content) {
    if (has_files(tier) ? content.path.empty() || content.bytes != nullptr
                        : !content.path.empty() || content.bytes == nullptr) {
      return tl::make_unexpected(insert_refusal::bad_content);
    }
    access in{*core_};
    table_detail::room_maker<R> room{*core_, tier, quota(tier)};
    for (;;) {
      const entry* const there = in->find(key);
      if (there != nullptr && there->status != row_status::available) {
        return tl::make_unexpected(insert_refusal::conflict);
      }
      const auto made = room.step(in, key, content);
      if (made == table_detail::room_maker<R>::state::progress) continue;
      if (made == table_detail::room_maker<R>::state::fits) return in->install(key, tier, std::move(content)).number;
      if (has_files(tier)) in->drop_file(key, {tier, std::move(content.path)}, miss_reason::over_quota);
      core_->work_off(in, key);
      return tl::make_unexpected(insert_refusal::over_quota);
    }
  }

  // Reading ---------------------------------------------------------------------------------------------------------

  /// The row, pinned for as long as the claim lives. A use. Logarithmic in the rows if a second has passed since the
  /// row's last use, else constant.
  tl::expected<claim, checkout_refusal> checkout(const cache_key& key, task_id owner) {
    auto record = std::make_unique<table_detail::claim_record<R>>();
    const auto now = core_->world.unix_time().time_since_epoch();
    access in{*core_};
    auto* const holder = core_->watch(in, owner);
    if (holder == nullptr) return tl::make_unexpected(checkout_refusal::dead_owner);
    entry* const there = in->find(key);
    if (there == nullptr || there->status != row_status::available) {
      ++in->counters.misses;
      return tl::make_unexpected(there == nullptr ? checkout_refusal::miss : checkout_refusal::busy);
    }
    ++in->counters.hits;
    auto& row = *there->current;
    row.hits.store(row.hits.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // guarded; a number
    in->touch(key, *there, static_cast<std::uint64_t>(std::max<std::int64_t>(now.count(), 0)));
    in->pin(row);
    record->core = core_;
    record->of = there->current;
    record->owner = holder;
    holder->claims.push_back(*record);
    return claim{std::move(record)};
  }
  tl::expected<claim, checkout_refusal> checkout(const cache_key& key) {
    return checkout(key, core_->world.current_task());
  }

  /// The row as it is now. No use: the order of eviction stays. No lock; constant.
  std::optional<cached_row> lookup_exact(const cache_key& key) {
    auto& me = core_->reader_of_current_task();
    const typename table_detail::read_epochs<R>::reading inside{core_->epochs(), me.slot};
    const auto* const row = core_->index().find(key);
    (row != nullptr ? me.hits : me.misses).raise();
    return row != nullptr ? std::optional{row->snapshot()} : std::nullopt;
  }

  /// One probe of a prefix walk: whether the key has a row now. No lock; constant.
  bool contains(const cache_key& key) {
    auto& me = core_->reader_of_current_task();
    const typename table_detail::read_epochs<R>::reading inside{core_->epochs(), me.slot};
    me.prefix_probes.raise();
    return core_->index().find(key) != nullptr;
  }

  /// As `lookup_exact`; but while somebody is at the key, waits in FIFO order until it has come to rest, or until the
  /// deadline. One that has passed means one attempt.
  tl::expected<cached_row, miss_reason> lookup_exact_or_wait(const cache_key& key, time_point deadline = no_deadline) {
    auto found = find_or_wait(key, deadline);
    auto& me = core_->reader_of_current_task();
    (found ? me.hits : me.misses).raise();
    if (!found) return tl::make_unexpected(found.error());
    return (*found)->snapshot();
  }

  // Eviction --------------------------------------------------------------------------------------------------------

  /// The key's row, unless it is pinned.
  eviction evict(const cache_key& key) {
    eviction done;
    access in{*core_};
    entry* const there = in->find(key);
    if (there == nullptr || there->status != row_status::available || there->is_pinned()) return done;
    table_detail::evict_row(*core_, in, key, done);
    return done;
  }

  /// Unpinned rows of these tiers, the oldest first, until so many bytes are freed or there is none left.
  eviction evict_bytes(std::uint64_t target, std::span<const cache_tier> tiers = cache_tiers) {
    eviction done;
    access in{*core_};
    while (done.bytes_freed < target) {
      const auto victim = in->oldest([&](const cache_key&, const entry& there) {
        return std::find(tiers.begin(), tiers.end(), there.current->tier) != tiers.end() && !there.is_pinned();
      });
      if (!victim) break;
      table_detail::evict_row(*core_, in, *victim, done);
    }
    return done;
  }

  /// Every row that is unpinned when this is called, the oldest first.
  eviction gc() {
    eviction done;
    access in{*core_};
    std::vector<cache_key> unpinned;
    for (const auto& use : in->order()) {
      if (!in->find(use.key)->is_pinned()) unpinned.push_back(use.key);
    }
    for (const auto& key : unpinned) done.bytes_freed += in->evict(key, *in->find(key), miss_reason::evicted);
    for (const auto& key : unpinned) {
      const auto work = core_->work_off(in, key);
      done.bytes_freed += work.bytes_freed;
      if (work.failed) done.failed.push_back(key);
    }
    done.evicted = std::move(unpinned);
    return done;
  }

  /// The content of the key's row is corrupt, if that is still this generation: it goes at once, whoever has claimed
  /// it, and the next save of the key succeeds. `row_claim::report_corrupt` does it for an older one too.
  bool report_corrupt(const cache_key& key, std::uint64_t generation) {
    access in{*core_};
    entry* const there = in->find(key);
    if (there == nullptr || there->status != row_status::available || there->current->number != generation) {
      return false;
    }
    in->condemn(*std::shared_ptr{there->current});
    core_->work_off(in, key);
    return true;
  }

  // Upkeep ----------------------------------------------------------------------------------------------------------

  /// Recovers what expired or whose owner died, tries again what failed, looks after late writers, and tells the keeper
  /// of uses. Returns how many keys are still to be worked on, by others or by the next sweep. To be called now and
  /// then.
  std::size_t sweep() {
    access in{*core_};
    in->expire(core_->world.now());
    const auto keys = in->todo();
    for (const auto& key : keys) core_->work_off(in, key);
    table_detail::record_uses(*core_, in);
    return in->todo().size();
  }

  cache_counters counters() {
    access in{*core_};
    cache_counters sum = in->counters;
    for (const auto* reader : in.readers()) core_type::count_in(sum, *reader);
    return sum;
  }

  /// Snapshots for people; of all keys, in their order.
  std::vector<row_report> dump() {
    access in{*core_};
    return table_detail::report_all<R>(in->entries(), core_->world.now());
  }
  std::optional<row_report> dump(const cache_key& key) {
    access in{*core_};
    const entry* const there = in->find(key);
    if (there == nullptr) return std::nullopt;
    return table_detail::report_row(key, *there, core_->world.now());
  }

 private:
  time_point expiry() {
    return core_->world.now() + std::chrono::duration_cast<typename time_point::duration>(options_.reservation_ttl);
  }
  std::optional<std::uint64_t> quota(cache_tier tier) const {
    return options_.quota_bytes[static_cast<std::size_t>(tier)];
  }

  tl::expected<void, save_refusal> refuse_late(access& in, const reservation_token& token) {
    in->hand_over(token);
    core_->work_off(in, token.key);
    return tl::make_unexpected(save_refusal::expired);
  }

  static void count_save(access& in, const row_content& content) {
    auto& saves = in->counters.saves_by_reason;
    const auto reason = std::to_integer<std::size_t>(content.header[kvc_layout::save_reason_offset]);
    ++saves[reason < saves.size() ? reason : 0];
  }

  typename table_detail::row_waiter<R>::verdict find_or_wait(const cache_key& key, time_point deadline) {
    table_detail::row_waiter<R> me;
    access in{*core_};
    entry* const there = in->find(key);
    if (there == nullptr) return tl::make_unexpected(miss_reason::absent);
    if (there->status == row_status::available) return there->current;
    there->waiters.push_back(me);
    while (!me.decided()) {
      if (deadline != no_deadline && deadline <= core_->world.now()) {
        there->waiters.remove(me);
        return tl::make_unexpected(miss_reason::deadline);
      }
      try {
        me.park(in.lock(), deadline);
      } catch (...) {  // the task is being ended in its wait
        if (me.linked) there->waiters.remove(me);
        throw;
      }
    }
    return *me.decided();
  }

  std::shared_ptr<core_type> core_;
  const reservation_table_options options_;
};

}  // namespace wavetank
