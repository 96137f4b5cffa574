// The verbs of generated programs that use a partition of a buffer.
#pragma once

#include <chrono>
#include <cstdint>

#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/props/buffer/buffer_ledger.h>
#include <wavetank/props/program/program.h>
#include <wavetank/sim/time.h>

namespace wavetank::props {

/// Positions in the settings and verbs of the vocabulary.
enum class queue_setting : std::uint32_t { shards, batch, bound, overflow, on_failure, threshold, end, writers };
enum class queue_verb : std::uint32_t { put, hold, flush, sleep, plan, update, stop };

/// How a partition of a program is set up; 0 is the calmest.
enum class failure_setting : std::uint64_t { drop, retry, dead_letter, at_least_once };
/// How a program ends: everything comes of itself and is then stopped, a stop, a stop whose deadline has passed, the
/// end of the partition.
enum class buffer_end : std::uint64_t { of_itself, stop, stop_at_once, destruction };

/// What a call of the processor does, where it does not just return.
enum class processor_plan : std::uint64_t {
  throws,
  hangs,  ///< beyond its time-out, and then returns
  ends,   ///< an exception that ends its task
  pushes  ///< a record into the same buffer
};

/// What a processor throws that ends its task.
struct end_of_task {};

/// So many milliseconds from now; 0: never.
sim::time_point after_ms(std::uint64_t ms);

inline constexpr std::chrono::milliseconds buffer_interval{10};
inline constexpr std::chrono::milliseconds buffer_timeout{20};
inline constexpr std::chrono::milliseconds buffer_hang{45};
/// Intervals within which all that is planned is over: hangs, ticks and back-offs, one after the other.
inline constexpr int enough_intervals = 60;

/// The verbs, for programs of `least` to `most` tasks with about so many steps each.
vocabulary queue_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps);

/// How the settings of a program set its partition up.
partition_options queue_options(const program& p);
/// The same after an update step; threshold 0: none.
partition_options updated_options(const program& p, std::uint64_t threshold, std::uint64_t interval_ms);

/// What a partition that is set up so owes.
buffer_ledger::terms ledger_terms(const program& p);

}  // namespace wavetank::props
