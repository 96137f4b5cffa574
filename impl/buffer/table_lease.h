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
  using gate_type = buffer_detail::table_gate<R, Table>;
  using frame = buffer_detail::table_frame<R, Table>;

 public:
  table_lease() noexcept = default;
  table_lease(gate_type& gate, frame& into, typename frame::shard& mine, std::size_t shard, std::uint64_t generation,
              bool exact)
      : gate_(&gate),
        frame_(&into),
        mine_(&mine),
        shard_(shard),
        generation_(generation),
        exact_(exact),
        tally_(&R::write(mine.tally)) {}
  table_lease(table_lease&& other) noexcept
      : gate_(std::exchange(other.gate_, nullptr)),
        frame_(other.frame_),
        mine_(other.mine_),
        shard_(other.shard_),
        generation_(other.generation_),
        exact_(other.exact_),
        tally_(other.tally_) {}
  table_lease& operator=(table_lease&&) = delete;
  ~table_lease() { let_go(); }

  explicit operator bool() const noexcept { return gate_ != nullptr; }
  Table& table() const noexcept { return frame_->table; }
  std::size_t shard() const noexcept { return shard_; }
  std::uint64_t generation() const noexcept { return generation_; }

  /// What the operation did, told by the table kind. Records.
  void accepted(std::uint64_t n) noexcept { tally_->accepted += n; }
  void superseded(std::uint64_t n) noexcept { tally_->superseded += n; }
  void erased(std::uint64_t n) noexcept { tally_->erased += n; }
  void dropped_oldest(std::uint64_t n) noexcept { tally_->dropped_oldest += n; }

  /// Shows the tables before this one that are not done with, the newest first, until `look(const Table&)` answers
  /// true. Of this shard only.
  template <class Look>
  void look_through(Look&& look) {
    gate_->look_through(generation_, shard_, look);
  }

  /// `look(memory)` of what the table kind remembers of delivered entries; nothing where it remembers nothing.
  template <class Look>
  auto remembered(Look&& look) {
    return gate_->remembered(look);
  }
  const buffer_detail::shard_tally& tally() const noexcept { return *tally_; }

  /// For bounds and sizes, which others look at.
  void tell_size() noexcept {
    const std::uint64_t records = frame_->table.size(shard_);
    if (!exact_) return mine_->records.store(records, std::memory_order_relaxed);
    mine_->records.store(records, std::memory_order_seq_cst);
    if constexpr (requires { frame_->table.bytes(shard_); }) {
      mine_->bytes.store(frame_->table.bytes(shard_), std::memory_order_seq_cst);
    }
    gate_->tell_if_late(generation_);
  }

  /// Ends it. The size is told before the shard is let go.
  void let_go() noexcept {
    if (gate_ == nullptr) return;
    tell_size();
    mine_->gate.let_go(generation_);
    gate_ = nullptr;
  }

 private:
  gate_type* gate_ = nullptr;
  frame* frame_ = nullptr;
  typename frame::shard* mine_ = nullptr;
  std::size_t shard_ = 0;
  std::uint64_t generation_ = 0;
  bool exact_ = false;
  buffer_detail::shard_tally* tally_ = nullptr;
};

}  // namespace wavetank
