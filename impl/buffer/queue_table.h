// Records in the order of a sort key, and of their insertion where keys are equal.
//
// Without a key the order is that of insertion: of each producer always, of all producers where the table has one shard
// (shards are concatenated). What one call pushes is accepted as one, together and in its order.
#pragma once

#include <wavetank/impl/buffer/table_kind.h>
#include <wavetank/impl/buffer/table_shards.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace wavetank {

/// As a key: insertion alone orders.
struct no_sort_key {};

template <class T, class Key = no_sort_key>
struct queue_options {
  /// Called by the pushing task before it enters the table. Needed where there is a key.
  std::function<Key(const T&)> sort_key{};
  /// What a record counts for `max_bytes`; `sizeof(T)` where there is none. Must always say the same of a record.
  std::function<std::uint64_t(const T&)> bytes_of{};
};

/// Table kind. Takes a `T`, or a `std::vector<T>`, which is accepted as one. `T` and `Key` must be nothrow-movable,
/// `Key` comparable by `<`. Insertion is amortised constant, draining linear, or n log n where there is a key.
template <class T, class Key = no_sort_key>
class queue_table {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>);
  static constexpr bool is_sorted = !std::is_same_v<Key, no_sort_key>;

 public:
  using entry = T;
  using options = queue_options<T, Key>;

  class cursor : buffer_detail::shard_position {
    friend class queue_table;
    bool began = false;
    std::vector<T> gathered;  // a batch from several shards
  };

  /// What `insert` takes of one record, after the user's callbacks.
  struct keyed_record {
    T record;
    [[no_unique_address]] Key key;
  };
  struct keyed_records {
    std::vector<T> records;
    std::vector<Key> keys;
  };

  static queue_table make(const options& how, std::size_t shards) { return queue_table{how, shards}; }

  static keyed_record prepare(const options& how, T&& record) {
    if constexpr (is_sorted) {
      Key key = how.sort_key(record);
      return {std::move(record), std::move(key)};
    } else {
      return {std::move(record), {}};
    }
  }
  static keyed_records prepare(const options& how, std::vector<T>&& records) {
    keyed_records all{std::move(records), {}};
    if constexpr (is_sorted) {
      for (const T& each : all.records) all.keys.push_back(how.sort_key(each));
    }
    return all;
  }

  template <class Lease>
  [[gnu::always_inline]] void insert(Lease& lease, keyed_record&& one) {
    part& into = parts_[lease.shard()];
    if (into.is_full()) [[unlikely]]
      make_room(into, 1);
    if (bytes_of_) [[unlikely]]
      push_counted(into, std::move(one));
    else
      push(into, std::move(one));
    lease.accepted(1);
  }
  template <class Lease>
  void insert(Lease& lease, keyed_records&& many) {
    part& into = parts_[lease.shard()];
    make_room(into, many.records.size());  // what could throw comes first
    const std::uint64_t bytes = bytes_of_ ? bytes_of(many.records) : 0;
    if constexpr (is_sorted) into.keys.insert(into.keys.end(), many.keys.begin(), many.keys.end());
    into.bytes += bytes;
    std::move(many.records.begin(), many.records.end(), std::back_inserter(into.records));
    lease.accepted(many.records.size());
  }

  template <class Lease>
  table_extent growth(const Lease&, const keyed_record& one) const {
    return {1, bytes_of_ ? bytes_of_(one.record) : sizeof(T)};
  }
  template <class Lease>
  table_extent growth(const Lease&, const keyed_records& many) const {
    return {many.records.size(), bytes_of_ ? bytes_of(many.records) : many.records.size() * sizeof(T)};
  }

  /// By insertion. Amortised constant.
  template <class Lease>
  bool drop_oldest(Lease& lease) {
    part& from = parts_[lease.shard()];
    if (from.records.size() == from.dropped) return false;
    if (bytes_of_) from.bytes -= bytes_of_(from.records[from.dropped]);
    ++from.dropped;
    if (from.dropped * 2 > from.records.size()) from.forget_dropped();
    lease.dropped_oldest(1);
    return true;
  }

  std::uint64_t size(std::size_t shard) const noexcept { return parts_[shard].size(); }
  std::uint64_t bytes(std::size_t shard) const noexcept {
    return bytes_of_ ? parts_[shard].bytes : size(shard) * sizeof(T);
  }
  std::uint64_t size() const noexcept { return parts_.records(); }
  /// What a record of it counts for `max_bytes`.
  std::uint64_t bytes_of(std::span<const T> records) const {
    if (!bytes_of_) return records.size() * sizeof(T);
    std::uint64_t all = 0;
    for (const T& each : records) all += bytes_of_(each);
    return all;
  }

  std::uint64_t append_shard(std::size_t shard, queue_table& later) {
    part& into = parts_[shard];
    part& from = later.parts_[shard];
    from.forget_dropped();
    if (into.records.empty()) {
      std::swap(into, from);
    } else {
      into.records.insert(into.records.end(), std::make_move_iterator(from.records.begin()),
                          std::make_move_iterator(from.records.end()));
      into.keys.insert(into.keys.end(), from.keys.begin(), from.keys.end());
      into.bytes += from.bytes;
    }
    from.clear();
    return 0;
  }

  /// Moves records only to gather a batch from several shards. `n` 0: all.
  std::span<const T> next_batch(cursor& at, std::uint64_t n) {
    begin(at);
    while (at.shard < parts_.count() && at.at == parts_[at.shard].records.size()) at.go_to_next_shard();
    if (at.shard == parts_.count()) return {};
    if (n == 0) n = unlimited;
    auto& records = parts_[at.shard].records;
    const std::size_t here = std::min<std::uint64_t>(n, records.size() - at.at);
    if (here == n || !parts_.any_after(at.shard)) {
      at.at += here;
      return {records.data() + (at.at - here), here};
    }
    at.gathered.clear();
    gather(at, n, at.gathered);
    return at.gathered;
  }

  /// What was gathered for a batch stays where it is.
  std::vector<T> take_rest(cursor& at) {
    begin(at);
    std::vector<T> rest;
    gather(at, unlimited, rest);
    return rest;
  }

  /// Calls `f(record)` for each, in the order of the shards.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t s = 0; s < parts_.count(); ++s) {
      const part& one = parts_[s];
      std::for_each(one.records.begin() + static_cast<std::ptrdiff_t>(one.dropped), one.records.end(), f);
    }
  }

  void clear() { parts_.clear(); }

 private:
  static constexpr std::uint64_t unlimited = ~std::uint64_t{0};

  /// On a cache line of its own.
  struct alignas(64) part {
    std::vector<T> records;
    std::size_t dropped = 0;  ///< of the first records, those that are no more
    std::uint64_t bytes = 0;  ///< counted only where there is `bytes_of`
    std::vector<Key> keys;    ///< of each record, where there are keys

    std::size_t size() const noexcept { return records.size() - dropped; }
    /// As the vector compares, so that its own growth is not inlined where records are put.
    bool is_full() const noexcept { return records.data() + records.size() == records.data() + records.capacity(); }
    void forget_dropped() {
      const auto n = static_cast<std::ptrdiff_t>(dropped);
      records.erase(records.begin(), records.begin() + n);
      if constexpr (is_sorted) keys.erase(keys.begin(), keys.begin() + n);
      dropped = 0;
    }
    void clear() {
      // A burst does not keep its memory for ever.
      if (records.capacity() > 1024 && records.size() < records.capacity() / 16) records.shrink_to_fit();
      records.clear();
      keys.clear();
      dropped = 0;
      bytes = 0;
    }
  };

  queue_table(const options& how, std::size_t shards) : bytes_of_(how.bytes_of), parts_(shards) {}

  [[gnu::noinline]] static void make_room(part& into, std::size_t more) {
    const std::size_t needed = into.records.size() + more;
    if (needed > into.records.capacity()) into.records.reserve(std::max(needed, 2 * into.records.capacity()));
  }

  /// Where there is room.
  [[gnu::always_inline]] static void push(part& into, keyed_record&& one) {
    if constexpr (is_sorted) into.keys.push_back(std::move(one.key));
    if (into.is_full()) __builtin_unreachable();
    into.records.push_back(std::move(one.record));
  }
  /// By value, so that a record which nobody counts need not be in memory.
  [[gnu::noinline]] void push_counted(part& into, keyed_record one) {
    const std::uint64_t bytes = bytes_of_(one.record);  // the user's: it may throw
    push(into, std::move(one));
    into.bytes += bytes;
  }

  void begin(cursor& at) {
    if (std::exchange(at.began, true)) return;
    for (std::size_t s = 0; s < parts_.count(); ++s) parts_[s].forget_dropped();
    if constexpr (is_sorted) sort();
  }

  void gather(cursor& at, std::uint64_t n, std::vector<T>& into) {
    while (at.shard < parts_.count() && into.size() < n) {
      auto& records = parts_[at.shard].records;
      const std::size_t here = std::min<std::uint64_t>(n - into.size(), records.size() - at.at);
      const auto first = records.begin() + static_cast<std::ptrdiff_t>(at.at);
      into.insert(into.end(), std::make_move_iterator(first),
                  std::make_move_iterator(first + static_cast<std::ptrdiff_t>(here)));
      at.at += here;
      if (at.at == records.size()) at.go_to_next_shard();
    }
  }

  /// All records into the first shard, by key; equal keys in the order of the shards and of insertion.
  void sort() {
    part all;
    for (std::size_t s = 0; s < parts_.count(); ++s) {
      auto& one = parts_[s];
      all.records.insert(all.records.end(), std::make_move_iterator(one.records.begin()),
                         std::make_move_iterator(one.records.end()));
      all.keys.insert(all.keys.end(), one.keys.begin(), one.keys.end());
      one.records.clear();
      one.keys.clear();
    }
    std::vector<std::size_t> order(all.records.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return all.keys[a] < all.keys[b]; });
    for (const std::size_t i : order) parts_[0].records.push_back(std::move(all.records[i]));
  }

  std::function<std::uint64_t(const T&)> bytes_of_;
  buffer_detail::table_shards<part> parts_;
};

}  // namespace wavetank
