// The steps of the swap's model, by who takes them. Each changes the state and answers, or is disabled: no answer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <wavetank/model/double_buffer_swap.h>

namespace wavetank::model::swap_steps {

using machine = double_buffer_swap;
using state = machine::state;
using response = machine::response;
using fate = machine::fate;
using role = machine::role;
using stage = machine::stage;
using swap_stage = machine::swap_stage;
using callback = machine::callback;
using said = std::optional<response>;

inline constexpr std::nullopt_t disabled = std::nullopt;

// Writers: double_buffer_swap_writers.cpp
said resolve(state& s, const machine& m, std::uint64_t writer, std::uint64_t generation);
said enter(state& s, const machine& m, std::uint64_t writer);
said back_out(state& s, const machine& m, std::uint64_t writer);
said write(state& s, const machine& m, std::uint64_t writer, bool past_the_bound);
said leave(state& s, const machine& m, std::uint64_t writer);
said die(state& s, const machine& m, std::uint64_t writer);
said death_notice(state& s, const machine& m, std::uint64_t writer);

/// Whose puts have returned, and which have not come to their end.
std::vector<machine::record_number> put_and_pending(const state& s);

// The partition's task: double_buffer_swap_tables.cpp
said open(state& s);
said publish(state& s);
said look(state& s, const machine& m, std::uint64_t generation, std::uint64_t shard);
said take_up(state& s);
said settle_shard(state& s, const machine& m);
/// Into flight, of all shards. Whether there was something.
bool take_all_that_is_quiet(state& s);

machine::table* find_table(state& s, role what);
const machine::table* find_table(const state& s, role what);
void free_table(machine::table& one);
template <class Holds>
bool all_retired_shards(const state& s, Holds&& holds) {
  return std::all_of(s.tables.begin(), s.tables.end(), [&](const auto& one) {
    return one.is != role::retired || std::all_of(one.shards.begin(), one.shards.end(), holds);
  });
}
bool is_idle(const state& s);
bool a_flush_waits(const state& s);

// Processing: double_buffer_swap_processing.cpp
said give(state& s, const machine& m);
said succeed(state& s);
/// A callback that is `ignored` then is still at work.
said fail(state& s, const machine& m, callback then);
said complete(state& s);
said partition_dies(state& s, const machine& m);

void settle_record(state& s, machine::record_number one, fate is);
void settle_batch(state& s, fate is);

// Flush and stop: double_buffer_swap_calls.cpp
said flush(state& s, std::uint64_t number);
said flush_answers(state& s, std::uint64_t number);
said flush_gives_up(state& s, std::uint64_t number);
said stop(state& s, const machine& m);
said stop_answers(state& s);
said give_up(state& s, const machine& m);
said return_quiet(state& s, const machine& m);
said deadline(state& s, const machine& m);

}  // namespace wavetank::model::swap_steps
