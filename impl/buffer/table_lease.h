// The right to write to one shard of the current table, for one operation.
#pragma once

#include <wavetank/impl/buffer/table_gate.h>
#include <wavetank/impl/runtime.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace wavetank {

/// Held for one operation and by the task that took it; others who want the same shard poll meanwhile, so nothing in it
/// may wait. A table cannot be drained under a lease. Empty if the partition is closed.
template <runtime R, table_kind Table>
class table_lease {
  using shard_type = typename buffer_detail::table_frame<R, Table>::shard;

 public:
  table_lease() noexcept = default;
  table_lease(shard_type& held, bool exact) noexcept : held_(&held), exact_(exact) {}
  table_lease(table_lease&& other) noexcept
      : held_(std::exchange(other.held_, nullptr)), grown_(other.grown_), exact_(other.exact_) {}
  table_lease& operator=(table_lease&&) = delete;
  [[gnu::always_inline]] ~table_lease() { let_go(); }

  explicit operator bool() const noexcept { return held_ != nullptr; }
  Table& table() const noexcept { return held_->in->table; }
  std::size_t shard() const noexcept { return held_->index; }
  std::uint64_t generation() const noexcept { return held_->in->generation; }

  /// What the operation did, told by the table kind. Records.
  void accepted(std::uint64_t n) noexcept {
    R::write(held_->content);
    grown_ += n;
  }
  void superseded(std::uint64_t n) noexcept { lose(held_->superseded, n); }
  void erased(std::uint64_t n) noexcept { lose(held_->erased, n); }
  void dropped_oldest(std::uint64_t n) noexcept { lose(held_->dropped_oldest, n); }

  /// Shows the tables before this one that are not done with, the newest first, until `look(const Table&)` answers
  /// true. Of this shard only.
  template <class Look>
  void look_through(Look&& look) {
    held_->in->gate.look_through(generation(), shard(), look);
  }

  /// `look(memory)` of what the table kind remembers of delivered entries; nothing where it remembers nothing.
  template <class Look>
  auto remembered(Look&& look) {
    return held_->in->gate.remembered(look);
  }

  /// For bounds and sizes, which others look at.
  [[gnu::always_inline]] void tell_size() noexcept {
    const std::uint64_t records = held_->records.load(std::memory_order_relaxed) + std::exchange(grown_, 0);
    if (!exact_) return held_->records.store(records, std::memory_order_relaxed);
    held_->records.store(records, std::memory_order_seq_cst);
    if constexpr (requires { table().bytes(shard()); }) {
      held_->bytes.store(table().bytes(shard()), std::memory_order_seq_cst);
    }
    held_->in->gate.tell_if_late(generation());
  }

  /// Ends it. The size is told before the shard is let go.
  [[gnu::always_inline]] void let_go() noexcept {
    if (held_ == nullptr) return;
    tell_size();
    held_->gate.let_go(generation());
    held_ = nullptr;
  }

 private:
  void lose(typename shard_type::counter& from, std::uint64_t n) noexcept {
    R::write(held_->content);
    from.store(from.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);  // the holder alone writes it
    grown_ -= n;
  }

  // No more than what registers hold across an insertion: of stores a put has few.
  shard_type* held_ = nullptr;
  std::uint64_t grown_ = 0;  ///< records by which the operation made the shard larger, modulo 2^64
  bool exact_ = false;
};

}  // namespace wavetank
