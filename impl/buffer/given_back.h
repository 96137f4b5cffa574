// What a stop gives back at its deadline.
#pragma once

#include <wavetank/impl/buffer/hand_over.h>
#include <wavetank/impl/buffer/table_flight.h>
#include <wavetank/impl/buffer/table_gate.h>
#include <wavetank/impl/runtime.h>

#include <cassert>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace wavetank::buffer_detail {

/// Records that no processor has, or may have kept; settled as they are taken. Under the partition's mutex.
template <runtime R, table_kind Table>
class given_back {
 public:
  using entry = typename Table::entry;
  using flight = table_flight<R, Table>;

  given_back(table_gate<R, Table>& gate, hand_over<R, Table>& older) : gate_(gate), older_(older) {}

  /// A batch that nobody sees. The entries are not const themselves.
  void take_batch(flight& f) {
    const auto elders = gate_.lock_elders();
    for (const entry& one : f.batch) records_.push_back(std::move(const_cast<entry&>(one)));
    settle(f.batch_extent);
    f.left.records -= f.batch_extent.records;
    f.left.bytes -= f.batch_extent.bytes;
  }

  void take_rest(Table& from, typename Table::cursor& at, const table_extent& left) {
    const auto elders = gate_.lock_elders();  // writers that are still inside may look through it
    std::vector<entry> some = from.take_rest(at);
    assert(some.size() == left.records);
    settle(left);
    std::move(some.begin(), some.end(), std::back_inserter(records_));
  }

  /// So many so far.
  std::uint64_t count() const noexcept { return count_; }
  /// All of them, once.
  std::vector<entry> records() { return std::exchange(records_, {}); }

 private:
  void settle(const table_extent& some) {
    count_ += some.records;
    older_.settled(some);
  }

  table_gate<R, Table>& gate_;
  hand_over<R, Table>& older_;
  std::vector<entry> records_;
  std::uint64_t count_ = 0;
};

}  // namespace wavetank::buffer_detail
