// How maintenance takes shards from their writers: nothing is on its way there, nobody can begin, and the last write is
// the pauser's own.
//
// The order is the gate, a flush, the drain, a flush again and a barrier. The first flush spares the writers that are
// inside the rest of their windows; it is repeated while some are left, for they may write again. The last is for
// writes that no admission stands for any more: their writers have left without waiting for an answer, or were answered
// by a deadline in flight. The barrier shows that the backend still commits, and marks the place in what it keeps.
#pragma once

#include <wavetank/impl/batch/sync_gate.h>
#include <wavetank/impl/batch/window_batcher.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

enum class pause_step : std::uint8_t { gate, drain, flush, barrier };

/// Where a pause ended that is not held, and why. Whatever the step, writers go on.
struct pause_error {
  pause_step at = pause_step::gate;
  std::variant<gate_error, write_error> why;  ///< of the barrier a write's error, of the other steps the gate's
  shard_number shard = 0;                     ///< of the flush or the barrier
  friend bool operator==(const pause_error&, const pause_error&) = default;
};

/// For people: "no pause: the writers inside did not leave: timed out: ...".
std::string to_string(const pause_error& error);

/// Shards that are at rest until the lease ends.
template <runtime R, batch_backend Backend>
struct write_pause {
  typename sync_gate<R>::lease lease;
  std::vector<typename Backend::result> barriers;  ///< what the backend answered to each shard's barrier
};

namespace batch_detail {

/// Who is inside gets so long before it is looked whether a flush would help.
inline constexpr std::chrono::milliseconds between_flushes{10};

template <runtime R, batch_backend Backend>
tl::expected<void, gate_error> drain(R& world, sync_gate<R>& gate, window_batcher<R, Backend>& batcher,
                                     const std::vector<shard_number>& shards, const typename sync_gate<R>::lease& lease,
                                     typename R::time_point deadline) {
  for (;;) {
    for (const shard_number one : shards) {
      if (!batcher.flush(one, deadline)) return tl::make_unexpected(gate_error::timed_out);
    }
    const auto next_flush = world.now() + between_flushes;
    const auto drained = gate.await_drained(lease, std::min(next_flush, deadline));
    if (drained || drained.error() != gate_error::timed_out || deadline <= next_flush) return drained;
  }
}

}  // namespace batch_detail

/// Pauses the shards and commits `barrier(shard)` to each, as the last write before the maintenance. Until the lease
/// ends, nobody who comes through the gate writes to them; whoever writes must enter the gate first, and tasks that
/// maintain the same shards must agree among themselves, for pauses nest. All steps together end by the deadline, but
/// for a barrier's commit that has begun; without success the lease is gone. An unknown outcome of a barrier is an
/// error too, though it may be there, as may those of other shards. Call it from the task that is to own the lease, and
/// from outside of the gate.
template <runtime R, batch_backend Backend, class Barrier>
tl::expected<write_pause<R, Backend>, pause_error> pause_writes(R& world, sync_gate<R>& gate,
                                                                window_batcher<R, Backend>& batcher,
                                                                const std::vector<shard_number>& shards,
                                                                Barrier&& barrier, typename R::time_point deadline) {
  const auto failed = [](pause_step at, std::variant<gate_error, write_error> why, shard_number shard = 0) {
    return tl::make_unexpected(pause_error{at, std::move(why), shard});
  };
  auto lease = gate.pause({shards.begin(), shards.end()});
  if (!lease) return failed(pause_step::gate, lease.error());
  if (const auto drained = batch_detail::drain(world, gate, batcher, shards, *lease, deadline); !drained) {
    return failed(pause_step::drain, drained.error());
  }
  for (const shard_number one : shards) {
    if (!batcher.flush(one, deadline)) return failed(pause_step::flush, gate_error::timed_out, one);
  }
  write_pause<R, Backend> made{std::move(*lease), {}};
  for (const shard_number one : shards) {
    if (deadline <= world.now()) {
      return failed(pause_step::barrier, write_error{write_problem::not_committed, write_cause::deadline}, one);
    }
    auto written = batcher.write(one, {}, barrier(one), std::chrono::nanoseconds{0}, deadline);
    if (!written) return failed(pause_step::barrier, std::move(written.error()), one);
    made.barriers.push_back(std::move(*written));
  }
  return made;
}

}  // namespace wavetank
