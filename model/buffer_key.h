// One key of a map partition, as the linearizability checker judges it.
//
// `buffer.h` is the specification of a whole partition, table by table; here is what can be said of a key alone, with
// the swaps that nobody sees: a shard of a table may wait for its writer while the next table is current already, so
// that the key has an older entry that waits. Commands carry their key; `swap`, `complete`, `die` and `stop` are
// recorded once for each key, with the interval in which they must have happened. Whoever records leaves out puts that
// a bound refused or dropped. A put is `inserted` where the current table has no entry of the key. With floors, the
// version that was delivered last counts once its table is done with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/state_machine.h>
#include <wavetank/model/words.h>

namespace wavetank::model {

struct buffer_key {
  using key_number = std::uint64_t;

  struct entry {
    std::uint64_t value = 0;
    std::uint64_t version = 0;
    std::uint64_t updates = 0;
    friend bool operator==(const entry&, const entry&) = default;
  };
  /// In a table before the current one. Hidden: erased since.
  struct older : entry {
    bool hidden = false;
    friend bool operator==(const older&, const older&) = default;
  };
  struct state {
    std::optional<entry> current;
    std::vector<older> waiting;  ///< for writers of their shard; the oldest first
    std::optional<older> in_flight;
    bool given = false;
    bool settled = false;
    bool delivered = false;  ///< its call has succeeded
    std::optional<std::uint64_t> floor{};
    bool closing = false;
    friend bool operator==(const state&, const state&) = default;
  };

  enum class event : std::uint8_t {
    put,
    put_newer,
    get,
    erase,
    swap,
    give,
    settle,  ///< delivered
    fail,    ///< its call has failed: it is lost, or given again
    die,     ///< the processing task has: its call has failed, which nobody may have seen begin, or it had been settled
    complete,
    drop,  ///< for want of room an entry went that was not in flight, of this key or of another one
    stop
  };
  struct command {
    key_number key = 0;
    event what = event::get;
    entry record{};
    friend bool operator==(const command&, const command&) = default;
  };
  enum class result : std::uint8_t { done, inserted, replaced, stale, value, miss, erased, closed };
  struct response {
    result what = result::done;
    std::uint64_t value = 0;
    friend bool operator==(const response&, const response&) = default;
  };
  struct outcome {
    response said;
    state after;
  };

  bool keeps_floors = false;   ///< of all keys
  bool at_least_once = false;  ///< what failed is given again

  [[nodiscard]] state initial() const { return {}; }
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    for (const outcome& one : outcomes(before, what)) emit(one.said, one.after);
  }
  [[nodiscard]] std::vector<outcome> outcomes(const state& before, const command& what) const;
  [[nodiscard]] key_number partition(const command& c) const { return c.key; }

  [[nodiscard]] std::string describe(const state& s) const;
  [[nodiscard]] std::string describe(const command& c) const;
  [[nodiscard]] std::string describe(const response& said) const;
};

template <class Sink>
void for_each_word(const buffer_key::state& s, Sink&& sink) {
  const auto one = [&](const buffer_key::entry& e) {
    sink(e.value);
    sink(e.version);
    sink(e.updates);
  };
  sink((s.current ? 1U : 0U) | (s.in_flight ? 2U : 0U) | (s.given ? 4U : 0U) | (s.settled ? 8U : 0U) |
       (s.closing ? 16U : 0U) | (s.delivered ? 32U : 0U));
  sink(s.floor ? *s.floor + 1 : 0);
  if (s.current) one(*s.current);
  sink(s.waiting.size());
  for (const auto& each : s.waiting) {
    one(each);
    sink(each.hidden ? 1 : 0);
  }
  if (!s.in_flight) return;
  one(*s.in_flight);
  sink(s.in_flight->hidden ? 1 : 0);
}
inline std::size_t hash_value(const buffer_key::state& s) { return hash_words(s); }

static_assert(state_machine<buffer_key>);

}  // namespace wavetank::model
