// The last value of each key.
//
// `put` replaces what is there, `put_newer` only an older version, `get` sees what was put last and is not processed
// yet, in the current table or those before it. A plain put resets a key: it has version 0, and what was there before
// counts no more. Else versions hold across a swap, until the delivery of the other one is completed, and as long as
// the key is among the floors, if they are kept. Erasing hides a key; a copy in flight may still be delivered, and its
// version still counts.
#pragma once

#include <wavetank/impl/buffer/map_shard.h>
#include <wavetank/impl/buffer/stable_hash.h>
#include <wavetank/impl/buffer/table_kind.h>
#include <wavetank/impl/buffer/table_shards.h>
#include <wavetank/impl/buffer/version_floors.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace wavetank {

/// What became of a put.
enum class put_result : std::uint8_t {
  dropped,   ///< accepted and dropped at once: a bound is reached
  inserted,  ///< the current table had no entry of the key
  replaced,  ///< it had one, which is superseded
  stale,     ///< nothing was changed: there is a version that is as new or newer
};

template <class K, class V>
struct map_options {
  /// Keys of a partition whose last delivered version is remembered; 0: none.
  std::size_t version_floors = 0;
  /// What an entry counts for `max_bytes`; its `sizeof` where there is none. Must always say the same of an entry.
  std::function<std::uint64_t(const K&, const V&)> bytes_of{};
};

/// What `hash_map_table::insert` takes.
template <class K, class V>
struct map_put {
  K key;
  V value;
  std::optional<std::uint64_t> newer_version{};  ///< of `put_newer`
};

/// Table kind. `K` and `V` must be copyable and nothrow-movable, `Hash` the same in every process. Every operation is
/// constant on average.
template <class K, class V, class Hash = stable_hash<K>>
class hash_map_table {
  static_assert(std::is_nothrow_move_constructible_v<K> && std::is_nothrow_move_constructible_v<V>);
  struct key_hash {
    std::size_t operator()(const K& key) const { return static_cast<std::size_t>(Hash{}(key)); }
  };
  using part = buffer_detail::map_shard<K, V, key_hash>;

 public:
  using entry = map_entry<K, V>;
  using options = map_options<K, V>;
  using memory = version_floors<K, Hash>;
  using key_type = K;
  using mapped_type = V;

  class cursor : buffer_detail::shard_position {
    friend class hash_map_table;
    std::vector<entry> gathered{};  // a batch from several shards
  };

  /// A put whose key has been hashed, before any table is entered.
  struct hashed_put {
    std::uint64_t hash;
    map_put<K, V> what;
  };

  static hash_map_table make(const options& how, std::size_t shards) { return hash_map_table{how, shards}; }
  static memory make_memory(const options& how) { return memory{how.version_floors}; }

  static std::uint64_t hash_of(const K& key) { return Hash{}(key); }

  static hashed_put prepare(const options&, map_put<K, V>&& what) {
    const std::uint64_t hash = hash_of(what.key);
    return {hash, std::move(what)};
  }
  static std::size_t shard_of_hash(std::uint64_t hash, std::size_t shards) noexcept {
    return (hash >> 40U) & (shards - 1);
  }
  static std::size_t shard_of(const hashed_put& one, std::size_t shards) noexcept {
    return shard_of_hash(one.hash, shards);
  }

  template <class Lease>
  put_result insert(Lease& lease, hashed_put&& one) {
    part& into = parts_[lease.shard()];
    entry* const there = into.find(one.hash, one.what.key);
    if (is_stale(lease, there, one)) return put_result::stale;
    const std::uint64_t version = one.what.newer_version.value_or(0);
    if (there == nullptr) {
      if (bytes_of_) into.bytes += bytes_of_(one.what.key, one.what.value);
      into.insert(one.hash, {std::move(one.what.key), std::move(one.what.value), version, 0});
      lease.accepted(1);
      return put_result::inserted;
    }
    if (bytes_of_) into.bytes += bytes_of_(one.what.key, one.what.value) - bytes_of_(there->key, there->value);
    there->value = std::move(one.what.value);
    there->version = version;
    there->updates = one.what.newer_version ? there->updates + 1 : 0;
    lease.accepted(1);
    lease.superseded(1);
    return put_result::replaced;
  }

  /// What does not grow fits a full buffer.
  template <class Lease>
  table_extent growth(Lease& lease, const hashed_put& one) {
    const part& in = parts_[lease.shard()];
    const entry* const there = in.find(one.hash, one.what.key);
    if (is_stale(lease, there, one)) return {};
    const std::uint64_t after = bytes_of(one.what.key, one.what.value);
    const std::uint64_t before = there == nullptr ? 0 : bytes_of(there->key, there->value);
    return {there == nullptr ? std::uint64_t{1} : 0, after - std::min(before, after)};
  }

  /// A copy of the value that was put last and is not processed yet.
  template <class Lease>
  std::optional<V> get(Lease& lease, std::uint64_t hash, const K& key) const {
    std::optional<V> found;
    const auto look = [&](const hash_map_table& in) {
      const part& shard = in.parts_[lease.shard()];
      const entry* const there = shard.find(hash, key);
      if (there != nullptr) found = there->value;
      return there != nullptr || shard.erased.contains(key);
    };
    if (!look(*this)) lease.look_through(look);
    return found;
  }

  /// Whether there was something to see.
  template <class Lease>
  bool erase(Lease& lease, std::uint64_t hash, const K& key) {
    part& from = parts_[lease.shard()];
    bool seen = false;
    if (entry* const there = from.find(hash, key)) {
      if (bytes_of_) from.bytes -= bytes_of_(there->key, there->value);
      from.erase(*there);
      lease.erased(1);
      seen = true;
    }
    bool older = false;
    if (!from.erased.contains(key)) {
      lease.look_through([&](const hash_map_table& in) {
        const part& shard = in.parts_[lease.shard()];
        older = shard.find(hash, key) != nullptr;
        return older || shard.erased.contains(key);
      });
    }
    if (older) from.erased.insert(key);
    return seen || older;
  }

  template <class Lease>
  bool drop_oldest(Lease& lease) {
    part& from = parts_[lease.shard()];
    if (from.size() == 0) return false;
    if (bytes_of_) from.bytes -= bytes_of_(from.data()->key, from.data()->value);
    from.pop_first();
    lease.dropped_oldest(1);
    return true;
  }

  std::uint64_t size(std::size_t shard) const noexcept { return parts_[shard].size(); }
  std::uint64_t bytes(std::size_t shard) const noexcept {
    return bytes_of_ ? parts_[shard].bytes : size(shard) * sizeof(entry);
  }
  std::uint64_t size() const noexcept { return parts_.records(); }
  std::uint64_t bytes_of(std::span<const entry> entries) const {
    if (!bytes_of_) return entries.size() * sizeof(entry);
    std::uint64_t all = 0;
    for (const entry& each : entries) all += bytes_of_(each.key, each.value);
    return all;
  }

  /// Whoever wrote to `later` has looked through this one: what is there wins.
  std::uint64_t append_shard(std::size_t shard, hash_map_table& later) {
    part& into = parts_[shard];
    part& from = later.parts_[shard];
    std::uint64_t superseded = 0;
    for (const K& key : from.erased) superseded += remove(into, Hash{}(key), key);
    for (std::size_t i = 0; i < from.size(); ++i) {
      superseded += remove(into, from.hash_at(i), from.data()[i].key);
      if (bytes_of_) into.bytes += bytes_of_(from.data()[i].key, from.data()[i].value);
      into.insert(from.hash_at(i), std::move(from.data()[i]));
    }
    into.erased.merge(from.erased);
    from.clear();
    return superseded;
  }

  /// Changes nothing: others may look through the table meanwhile. A batch of several shards is copied.
  std::span<const entry> next_batch(cursor& at, std::uint64_t n) const {
    while (at.shard < parts_.count() && at.at == parts_[at.shard].size()) at.go_to_next_shard();
    if (at.shard == parts_.count()) return {};
    if (n == 0) n = ~std::uint64_t{0};
    const part& here = parts_[at.shard];
    const std::size_t some = std::min<std::uint64_t>(n, here.size() - at.at);
    if (some == n || !parts_.any_after(at.shard)) {
      at.at += some;
      return {here.data() + (at.at - some), some};
    }
    at.gathered.clear();
    for (; at.shard < parts_.count() && at.gathered.size() < n; at.go_to_next_shard()) {
      const part& from = parts_[at.shard];
      while (at.at < from.size() && at.gathered.size() < n) at.gathered.push_back(from.data()[at.at++]);
      if (at.at < from.size()) break;
    }
    return at.gathered;
  }

  std::vector<entry> take_rest(cursor& at) {
    std::vector<entry> rest;
    for (; at.shard < parts_.count(); at.go_to_next_shard()) {
      part& from = parts_[at.shard];
      while (at.at < from.size()) rest.push_back(std::move(from.data()[at.at++]));
    }
    return rest;
  }

  /// Calls `f(entry)` for each.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t s = 0; s < parts_.count(); ++s) std::for_each(parts_[s].data(), parts_[s].data() + size(s), f);
  }

  void clear() { parts_.clear(); }

  /// Was delivered.
  static void remember(memory& floors, const entry& one) {
    if (floors.enabled()) floors.set(one.key, one.version);
  }

 private:
  hash_map_table(const options& how, std::size_t shards) : bytes_of_(how.bytes_of), parts_(shards) {}

  std::uint64_t bytes_of(const K& key, const V& value) const {
    return bytes_of_ ? bytes_of_(key, value) : sizeof(entry);
  }

  template <class Lease>
  bool is_stale(Lease& lease, const entry* there, const hashed_put& one) const {
    if (!one.what.newer_version) return false;
    std::optional<std::uint64_t> floor;
    if (there != nullptr) {
      floor = there->version;
    } else {
      lease.look_through([&](const hash_map_table& in) {
        const entry* const older = in.parts_[lease.shard()].find(one.hash, one.what.key);
        if (older != nullptr) floor = older->version;
        return older != nullptr;
      });
      if (!floor) floor = lease.remembered([&](const memory& floors) { return floors.of(one.what.key); });
    }
    return floor && *one.what.newer_version <= *floor;
  }

  std::uint64_t remove(part& from, std::uint64_t hash, const K& key) {
    entry* const there = from.find(hash, key);
    if (there == nullptr) return 0;
    if (bytes_of_) from.bytes -= bytes_of_(there->key, there->value);
    from.erase(*there);
    return 1;
  }

  std::function<std::uint64_t(const K&, const V&)> bytes_of_;
  buffer_detail::table_shards<part> parts_;
};

}  // namespace wavetank
