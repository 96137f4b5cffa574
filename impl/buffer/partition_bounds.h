// Bounds that the partitions of a buffer share, and the place where writers wait for room.
#pragma once

#include <wavetank/impl/buffer/room_signal.h>
#include <wavetank/impl/buffer/table_kind.h>
#include <wavetank/impl/runtime.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>

namespace wavetank::buffer_detail {

inline constexpr std::uint64_t unbounded = std::numeric_limits<std::uint64_t>::max();

/// A bound that a put would exceed.
struct exceeded_bound {
  std::uint64_t limit;
  std::uint64_t asked;
};

/// A pair of bounds that can change at any time. Relaxed: a put may go by the bound of a moment ago.
template <runtime R>
class extent_bounds {
 public:
  void set(std::optional<std::uint64_t> records, std::optional<std::uint64_t> bytes) noexcept {
    records_.store(records.value_or(unbounded), std::memory_order_relaxed);
    bytes_.store(bytes.value_or(unbounded), std::memory_order_relaxed);
  }
  bool any() const noexcept {
    return records_.load(std::memory_order_relaxed) != unbounded || bytes_.load(std::memory_order_relaxed) != unbounded;
  }
  /// The bound that `occupied` and `more` exceed together. A full buffer still takes what does not make it larger.
  std::optional<exceeded_bound> exceeded(const table_extent& occupied, const table_extent& more) const noexcept {
    const std::uint64_t records = records_.load(std::memory_order_relaxed);
    const std::uint64_t bytes = bytes_.load(std::memory_order_relaxed);
    if (more.records != 0 && occupied.records + more.records > records) return exceeded_bound{records, more.records};
    if (more.bytes != 0 && occupied.bytes + more.bytes > bytes) return exceeded_bound{bytes, more.bytes};
    return std::nullopt;
  }

 private:
  typename R::template atomic<std::uint64_t> records_{unbounded};
  typename R::template atomic<std::uint64_t> bytes_{unbounded};
};

/// The partitions of a buffer, for each of them.
class bounded_whole {
 public:
  virtual table_extent occupancy() const = 0;
  /// Nothing while one of them is not sure of its own.
  virtual std::optional<table_extent> sure_occupancy() const = 0;
  /// Whichever is not sure counts what its writers have told late, under its mutex.
  virtual void look_again() = 0;

 protected:
  ~bounded_whole() = default;
};

template <runtime R>
struct shared_bounds {
  room_signal<R> room;
  extent_bounds<R> all;
  /// Of partitions that are behind one door; set before the first put. Asked by puts to partitions that are not closed,
  /// and a buffer closes all of its own before it goes.
  bounded_whole* whole = nullptr;

  bool any() const noexcept { return whole != nullptr && all.any(); }
  std::optional<exceeded_bound> exceeded(const table_extent& more) const {
    return any() ? all.exceeded(whole->occupancy(), more) : std::nullopt;
  }
  bool fits(const table_extent& more) const {
    if (!any()) return true;
    const auto sure = whole->sure_occupancy();
    return sure && !all.exceeded(*sure, more);
  }
};

}  // namespace wavetank::buffer_detail
