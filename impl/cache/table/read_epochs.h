// When what readers without a lock may still see can be freed: epoch-based reclamation.
//
// A reader enters by writing the epoch to a slot of its own and leaves by clearing it. What is unlinked is stamped with
// the epoch, which then advances; it is handed out for freeing once no reader is inside that entered at or before its
// stamp. Source: Fraser, Practical lock-freedom (2004), section 5.2.3; here the writers are serialised by a mutex, so
// that the epoch needs no agreement. Nobody ever waits: a reader that stays inside only puts freeing off.
#pragma once

#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace wavetank::table_detail {

/// What was unlinked and is to be freed, in any order, with no lock held.
using garbage = std::vector<std::shared_ptr<const void>>;

template <runtime R>
class read_epochs {
 public:
  /// One reader's. On a cache line of its own, as readers write it all the time.
  struct alignas(64) slot {
    typename R::template atomic<std::uint64_t> entered{0};  ///< 0: outside
  };

  /// While it lives, nothing that it can see is freed. Two stores and no lock. Not nested.
  class reading {
   public:
    /// Sequentially consistent, as are the loads of the index and the writer's looks at the slots: either the writer
    /// sees this store, or all that it unlinked before its look is unlinked for this reader.
    reading(const read_epochs& in, slot& mine) : slot_(mine) {
      assert(slot_.entered.load(std::memory_order_relaxed) == 0);
      slot_.entered.store(in.now_.load(std::memory_order_seq_cst), std::memory_order_seq_cst);
    }
    reading(const reading&) = delete;
    reading& operator=(const reading&) = delete;
    /// Release: what was read was read before the writer sees that the reader is gone.
    ~reading() { slot_.entered.store(0, std::memory_order_release); }

   private:
    slot& slot_;
  };

  // Writers, with the table's mutex ---------------------------------------------------------------------------------

  void join(slot& reader) { slots_.push_back(&reader); }
  void leave(slot& reader) noexcept { std::erase(slots_, &reader); }

  /// `what` can no longer be reached by readers that enter from now on.
  void retire(std::shared_ptr<const void> what) {
    const std::uint64_t now = now_.load(std::memory_order_relaxed);  // only writers change it
    retired_.push_back({now, std::move(what)});
    now_.store(now + 1, std::memory_order_seq_cst);
  }

  /// Moves what nobody can see any more. Linear in the readers and what is retired.
  void collect(garbage& into) {
    if (retired_.empty()) return;
    std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
    for (const slot* reader : slots_) {
      const std::uint64_t entered = reader->entered.load(std::memory_order_seq_cst);
      if (entered != 0) oldest = std::min(oldest, entered);
    }
    const auto kept = std::find_if(retired_.begin(), retired_.end(), [&](const auto& r) { return r.epoch >= oldest; });
    std::for_each(retired_.begin(), kept, [&](auto& r) { into.push_back(std::move(r.what)); });
    retired_.erase(retired_.begin(), kept);
  }

 private:
  struct retired {
    std::uint64_t epoch;
    std::shared_ptr<const void> what;
  };

  typename R::template atomic<std::uint64_t> now_{1};
  std::vector<slot*> slots_;
  std::vector<retired> retired_;  // in the order of their epochs
};

}  // namespace wavetank::table_detail
