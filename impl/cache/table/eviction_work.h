// Evicting rows one at a time: the oldest first, for bytes or for a quota.
#pragma once

#include <wavetank/impl/cache/cache_tier.h>
#include <wavetank/impl/cache/cached_row.h>
#include <wavetank/impl/cache/table/answers.h>
#include <wavetank/impl/cache/table/table_core.h>
#include <wavetank/impl/runtime.h>

#include <cstdint>
#include <optional>

namespace wavetank::table_detail {

/// The row's files are removed off the lock; meanwhile its key is evicting.
template <runtime R>
void evict_row(table_core<R>& core, typename table_core<R>::access& in, const cache_key& key, eviction& done) {
  done.bytes_freed += in->evict(key, *in->find(key), miss_reason::evicted);
  done.evicted.push_back(key);
  const auto work = core.work_off(in, key);
  done.bytes_freed += work.bytes_freed;
  if (work.failed) done.failed.push_back(key);
}

/// Room for one content in a tier with a quota, made step by step, as other rows must go for it.
template <runtime R>
class room_maker {
 public:
  enum class state { fits, progress, impossible };

  room_maker(table_core<R>& core, cache_tier tier, std::optional<std::uint64_t> quota_bytes)
      : core_(core), tier_(tier), quota_bytes_(quota_bytes) {}

  /// With `progress` the lock was left: whoever installs looks again whether it still may. Evicts nothing where that
  /// could not make room enough. Linear in the tier's rows.
  state step(typename table_core<R>::access& in, const cache_key& key, const row_content& content) {
    if (!quota_bytes_) return state::fits;
    const std::uint64_t then = in->in_use_with(key, tier_, content);
    if (then <= *quota_bytes_) return state::fits;
    const auto may_go = [&](const cache_key& other, const auto& there) {
      return other != key && there.current->tier == tier_ && !there.is_pinned();
    };
    if (!begun_ && bytes_of(in, may_go) < then - *quota_bytes_) return state::impossible;
    begun_ = true;
    const auto victim = in->oldest(may_go);
    if (!victim) return state::impossible;
    eviction gone;
    evict_row(core_, in, *victim, gone);
    return state::progress;
  }

 private:
  template <class Predicate>
  static std::uint64_t bytes_of(typename table_core<R>::access& in, Predicate&& may_go) {
    std::uint64_t sum = 0;
    for (const auto& use : in->order()) {
      const auto& there = *in->find(use.key);
      if (may_go(use.key, there)) sum += there.current->content.size_bytes;
    }
    return sum;
  }

  table_core<R>& core_;
  const cache_tier tier_;
  const std::optional<std::uint64_t> quota_bytes_;
  bool begun_ = false;
};

}  // namespace wavetank::table_detail
