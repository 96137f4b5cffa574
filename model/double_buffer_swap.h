// The swap protocol of a double-buffered partition, in a small closed world: no record is lost or doubled, whatever
// stalls, throws, times out or dies.
//
// Writers resolve the current table, or read late what it was, register at their shard of it, write, leave; who
// registers after the next one was published, or a stop has come, has to back out. A swap opens a table of the pool,
// publishes it, looks at each shard of the old ones and takes the records of those that it finds quiet, one shard after
// the other. A shard with a registered writer in it is left for a later look, and with it all that came to that shard
// afterwards; one that was found quiet is never left. One table is in flight; its records go to the processor in
// chunks. A stop waits for the writers inside, also at its deadline. The partition's own task may die between any two
// steps and is started again. Each step is atomic and seen by all at once (what weaker memory does is for the simulated
// atomics to show). Time is left out: a tick, a time-out, a deadline are events that may come whenever they can. A
// bound on records looks at what was put before, not at puts side by side. Leaves out: maps and versions
// (model/buffer.h), options that change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/checker/properties.h>
#include <wavetank/model/state_machine.h>
#include <wavetank/model/words.h>

namespace wavetank::model {

struct double_buffer_swap_bounds {
  std::uint64_t writers = 2;
  std::uint64_t shards = 1;      ///< of a table; writer w uses shard w mod this
  std::uint64_t tables = 3;      ///< in the pool
  std::uint64_t records = 2;     ///< in a run
  std::uint64_t batch_size = 1;  ///< of a chunk; 0: all that is in flight, which the processor may keep
  std::uint64_t deaths = 1;      ///< of writers
  std::uint64_t failures = 1;    ///< of the processor: throws, time-outs, deaths
  std::uint64_t restarts = 1;    ///< of the partition's task
  std::uint64_t flushes = 1;     ///< side by side
  bool stops = true;
  bool at_least_once = false;   ///< what failed is tried again
  std::uint64_t attempts = 2;   ///< of such a batch, until it fails for good
  std::uint64_t most_held = 0;  ///< records, but for puts side by side; 0: any
};

/// A closed machine: the specification and its environment.
struct double_buffer_swap {
  using record_number = std::uint64_t;  ///< in the order of acceptance, from 1

  enum class fate : std::uint8_t { pending, delivered, failed, returned };
  struct record {
    std::uint64_t writer;
    fate is = fate::pending;
    std::uint8_t given = 0;  ///< how often the processor saw it
    friend bool operator==(const record&, const record&) = default;
  };

  struct shard {
    bool quiet = true;    ///< it was looked at after the publication, and nobody was in it
    bool looked = false;  ///< since the last publication, before what is quiet is taken
    bool taken = true;    ///< its records of this generation are with the processor
    std::uint8_t registered = 0;
    std::vector<record_number> records;
    friend bool operator==(const shard&, const shard&) = default;
  };
  /// `fresh`: opened, not yet published. `retired`: published before; some shard of it may not be taken yet.
  enum class role : std::uint8_t { free, fresh, current, retired };
  struct table {
    role is = role::free;
    std::uint64_t generation = 0;
    std::vector<shard> shards;
    friend bool operator==(const table&, const table&) = default;
  };

  enum class stage : std::uint8_t { outside, resolved, registered, backing_out, written, dead, buried };
  struct writer {
    stage is = stage::outside;
    bool holds = false;  ///< is counted at `at`; a dead one until its death notice
    std::uint64_t at = 0;
    std::uint64_t generation = 0;       ///< of that table when it was resolved
    std::vector<record_number> beside;  ///< where there is a bound: what was put before it entered, and is held yet
    friend bool operator==(const writer&, const writer&) = default;
  };

  /// How far a swap has come: `looking` at all shards, then `settling` them: taken, or left for later.
  enum class swap_stage : std::uint8_t { none, opened, looking, settling, handed_over };
  struct flush_call {
    bool waits = false;
    std::vector<record_number> covers;  ///< all that had been put and was not settled when it was called
    friend bool operator==(const flush_call&, const flush_call&) = default;
  };

  enum class callback : std::uint8_t { none, running, ignored };  ///< ignored: fenced off, and still at work

  struct state {
    std::vector<record> records;  ///< record n at n - 1
    std::vector<table> tables;
    std::vector<writer> writers;
    std::uint64_t generation = 1;
    swap_stage swap = swap_stage::none;
    std::uint64_t next_shard = 0;  ///< that is settled
    bool due = false;              ///< a swap is wanted: a tick or the threshold, noted while one is in flight
    std::vector<record_number> in_flight;
    std::vector<record_number> batch;  ///< the chunk of it that the processor has, or that is to be tried again
    std::uint8_t attempts = 0;
    callback processor = callback::none;
    std::uint8_t at_work = 0;  ///< callbacks that have not returned, whatever the partition believes
    bool alive = true;         ///< the partition's task
    std::vector<flush_call> flushes;
    bool closing = false;
    bool stopped = false;
    bool timed_out = false;  ///< the stop has come to its deadline
    std::uint8_t failures = 0;
    std::uint8_t restarts = 0;
    friend bool operator==(const state&, const state&) = default;
  };

  enum class event : std::uint8_t {
    resolve,   ///< writer `a` reads which table is current: done, `closed`; or which one was, of generation `b` (0: is)
    enter,     ///< it registers: done; `late`, and has to back out; `sent_back` where all is quiet, or recycled
    back_out,  ///< without having written: it tries again, or has nothing to write
    write,     ///< `b` 1: through a lease of its own, past the bound; not taken of itself
    leave,
    die,
    death_notice,  ///< of writer `a`: its registration ends
    tick,
    open,
    publish,
    look,          ///< at shard `b` of generation `a`, by anybody: `quiet` from now on, or `busy`
    take_up,       ///< what was left has become quiet: it is settled without a swap
    settle_shard,  ///< the next one, of all generations: `taken`, or some of it `left`
    give,          ///< the next chunk, or the same again, to the processor
    succeed,
    fail,         ///< it throws, or its task dies
    time_out,     ///< the batch is settled, the callback is still at work
    return_late,  ///< of a callback whose batch is settled
    complete,     ///< nothing of the table is left: it goes back to the pool
    partition_dies,
    restart,
    flush,          ///< number `a`
    flush_answers,  ///< done: what it covers is delivered or failed; `closed`: a stop has returned some of it
    flush_gives_up,
    stop,
    stop_answers,
    give_up,       ///< the stop comes to its deadline: what the processor has, or may have kept, has failed
    return_quiet,  ///< the stop has come to its deadline: what no writer is in is returned, the rest waits for them
    deadline,      ///< the stop answers at it, when no writer is inside any more: the rest is returned
  };
  struct command {
    event what;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    friend bool operator==(const command&, const command&) = default;
  };
  enum class response : std::uint8_t { done, accepted, closed, late, sent_back, quiet, busy, taken, left };

  double_buffer_swap_bounds bounds{};

  [[nodiscard]] state initial() const;
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    state after = before;
    if (const auto said = carry_out(after, what)) emit(*said, std::as_const(after));
  }
  template <class Yield>
  void for_each_command(const state& s, Yield&& yield) const {
    for (const command& one : commands_in(s)) yield(one);
  }

  /// Empty where the command is disabled.
  [[nodiscard]] std::optional<response> carry_out(state& s, const command& what) const;
  [[nodiscard]] std::vector<command> commands_in(const state& s) const;

  [[nodiscard]] bool gives_whole_tables() const { return bounds.batch_size == 0; }
  [[nodiscard]] std::uint64_t shard_of(std::uint64_t number) const { return number % bounds.shards; }
  /// Records that are in a table and not yet with the processor.
  [[nodiscard]] static std::vector<record_number> buffered(const state& s);
  /// Each shard of the old tables, since the last publication or before it.
  [[nodiscard]] static bool has_looked_at_all(const state& s);
};

template <class Sink>
void for_each_word(const double_buffer_swap::state& s, Sink&& sink) {
  const auto all = [&](const std::vector<double_buffer_swap::record_number>& some) {
    sink(some.size());
    for (const auto one : some) sink(one);
  };
  sink(s.records.size());
  for (const auto& one : s.records) sink(one.writer << 4U | static_cast<std::uint64_t>(one.is) << 2U | one.given);
  for (const auto& one : s.tables) {
    sink(one.generation << 2U | static_cast<std::uint64_t>(one.is));
    for (const auto& part : one.shards) {
      sink(static_cast<std::uint64_t>(part.registered) << 3U | (part.quiet ? 1U : 0U) | (part.taken ? 2U : 0U) |
           (part.looked ? 4U : 0U));
      all(part.records);
    }
  }
  for (const auto& one : s.writers) {
    sink(one.at << 4U | static_cast<std::uint64_t>(one.is) << 1U | (one.holds ? 1U : 0U));
    sink(one.generation);
    all(one.beside);
  }
  sink(s.generation);
  sink(static_cast<std::uint64_t>(s.swap) << 2U | static_cast<std::uint64_t>(s.processor));
  sink(s.next_shard);
  all(s.in_flight);
  all(s.batch);
  for (const auto& one : s.flushes) {
    sink(one.waits ? 1 : 0);
    all(one.covers);
  }
  sink((s.due ? 1U : 0U) | (s.alive ? 2U : 0U) | (s.closing ? 4U : 0U) | (s.stopped ? 8U : 0U) |
       (s.timed_out ? 16U : 0U) | static_cast<std::uint64_t>(s.attempts) << 8U |
       static_cast<std::uint64_t>(s.failures) << 16U | static_cast<std::uint64_t>(s.restarts) << 24U |
       static_cast<std::uint64_t>(s.at_work) << 32U);
}
inline std::size_t hash_value(const double_buffer_swap::state& s) { return hash_words(s); }

std::string describe(const double_buffer_swap::command& what);
std::string describe(const double_buffer_swap::response& said);
std::string describe(const double_buffer_swap::state& s);

/// D1 to D7 and D9, and what must be possible in these bounds.
properties_of<double_buffer_swap> double_buffer_swap_properties(const double_buffer_swap_bounds& bounds);

}  // namespace wavetank::model
