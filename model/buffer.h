// What one partition of a buffer must answer, call by call: a queue, or a map with versions.
//
// Puts go to the current table. `swap` makes it the table in flight; `give` hands the next chunk of that to the
// processor; `settle` says what became of the chunk. Promises: accepted = delivered + failed + dropped + returned +
// superseded + erased + buffered + in flight (D1); a producer's records are given in its order (D2); a flush answers
// when nothing is left that was accepted before it (D4); nothing is accepted after a stop (D5); bounds (D6); no version
// is given after a newer one that was accepted before it and not yet delivered when it came (D8).
//
// How to record it. A call that does not wait is one command. A put under the policy `block` is one as well: it takes
// effect when there is room, or, with the answer `deadline`, while there is none. A flush is a request (`flush`)
// and, later, `flush_answers`; a stop is `stop` and `stop_answers`, which carries what was given back. `swap` is seen
// by nobody: it takes effect between the end of the table before and the first chunk of its own. `settle` takes effect
// after the processor returned and before the next chunk. Leaves out: shards and stragglers
// (model/double_buffer_swap.h), sort keys, bytes, the cache of version floors, routing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/sorted_map.h>
#include <wavetank/model/state_machine.h>
#include <wavetank/model/words.h>

namespace wavetank::model {

/// What a put does where a bound is reached. The oldest to be dropped is the producer's own, or else the oldest of all;
/// where the current table has none, the newest is dropped.
enum class overflow : std::uint8_t { reject, block, drop_newest, drop_oldest, coalesce };

/// The specification of one partition. A value.
struct buffer {
  static constexpr std::uint64_t unlimited = 0;
  static constexpr std::uint64_t whole_table = 0;

  bool keyed = false;                     ///< a map; else a queue
  std::uint64_t max_records = unlimited;  ///< in all tables
  overflow policy = overflow::reject;
  std::uint64_t batch_size = whole_table;

  /// A record of a queue (key 0), or an entry of a map.
  struct entry {
    std::uint64_t producer = 0;
    std::uint64_t key = 0;
    std::uint64_t value = 0;
    std::uint64_t version = 0;  ///< 0: by a plain put
    friend bool operator==(const entry&, const entry&) = default;
  };
  /// An entry in a table.
  struct held : entry {
    std::uint64_t number = 0;  ///< in the order of acceptance, from 1
    bool hidden = false;       ///< erased, and in flight all the same
    friend bool operator==(const held&, const held&) = default;
  };

  enum class count : std::uint8_t {
    accepted,
    delivered,
    failed,
    dropped_newest,
    dropped_oldest,
    returned,
    superseded,
    erased,
    buffered,
    in_flight
  };
  using counts = std::array<std::uint64_t, 10>;

  struct state {
    std::vector<held> buffered;
    std::vector<held> in_flight;                         ///< and not with the processor
    std::vector<held> batch;                             ///< with the processor, or to be given again
    bool given = false;                                  ///< the batch is with the processor
    counts so_far{};                                     ///< all but buffered and in_flight
    sorted_map<std::uint64_t, std::uint64_t> flushes{};  ///< call -> the last record before it
    bool closing = false;
    bool stopped = false;
    friend bool operator==(const state&, const state&) = default;
  };

  enum class event : std::uint8_t {
    put,        ///< accepted; of a map inserted, replaced. With a `batch`: these records of one producer, all or none
    put_newer,  ///< of a map: inserted, replaced, stale
    get,        ///< of a map: value, miss
    erase,      ///< of a map: erased, miss
    swap,
    give,    ///< `batch`: what the processor was given
    settle,  ///< `outcome`
    flush,   ///< `call`
    flush_answers,
    stop,
    stop_answers,  ///< `batch`: what it gave back
    read_counts,
  };
  enum class outcome : std::uint8_t {
    delivered,
    failed,
    again,  ///< kept, to be given once more
  };
  struct command {
    event what = event::swap;
    entry record{};
    std::uint64_t call = 0;
    outcome came_to = outcome::delivered;
    std::vector<entry> batch{};
    friend bool operator==(const command&, const command&) = default;
  };

  enum class result : std::uint8_t {
    done,
    accepted,
    inserted,
    replaced,
    stale,
    full,       ///< not accepted
    too_large,  ///< it never fits
    deadline,   ///< not accepted: no room came
    closed,
    value,
    miss,
    erased,
    drained,  ///< of a stop
    left_over
  };
  struct response {
    result what = result::done;
    std::uint64_t value = 0;
    counts seen{};
    friend bool operator==(const response&, const response&) = default;
  };

  [[nodiscard]] state initial() const { return {}; }
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    state after = before;
    if (const auto said = carry_out(after, what)) emit(*said, std::as_const(after));
  }

  /// Empty where the command is disabled.
  [[nodiscard]] std::optional<response> carry_out(state& s, const command& what) const;

  [[nodiscard]] static counts counts_of(const state& s);
  [[nodiscard]] static std::uint64_t size_of(const state& s) {
    return s.buffered.size() + s.in_flight.size() + s.batch.size();
  }
};

template <class Sink>
void for_each_word(const buffer::state& s, Sink&& sink) {
  const auto all = [&](const std::vector<buffer::held>& some) {
    sink(some.size());
    for (const auto& one : some) {
      sink(one.producer);
      sink(one.key);
      sink(one.value);
      sink(one.version << 1U | (one.hidden ? 1U : 0U));
      sink(one.number);
    }
  };
  all(s.buffered);
  all(s.in_flight);
  all(s.batch);
  for (const auto one : s.so_far) sink(one);
  sink(s.flushes.size());
  for (const auto& [call, last] : s.flushes) {
    sink(call);
    sink(last);
  }
  sink((s.given ? 1U : 0U) | (s.closing ? 2U : 0U) | (s.stopped ? 4U : 0U));
}
inline std::size_t hash_value(const buffer::state& s) { return hash_words(s); }

static_assert(state_machine<buffer>);

std::string describe(const buffer::entry& one);
std::string describe(const buffer::command& what);
std::string describe(const buffer::response& said);
std::string describe(const buffer::state& s);

}  // namespace wavetank::model
