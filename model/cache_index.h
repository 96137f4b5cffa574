// Which rows a cache has, which of them go first and how many bytes that frees: an executable specification.
//
// Source: rules 5 to 7 and 12 of the save pipeline, and its eviction. Promises: the LRU order, pins by generation,
// bytes of each tier, quotas, each rule as a transition on a plain value; nondeterministic only in whether an unlink
// fails. Leaves out: reservations, waiters and what is on the disk (`reservation.h` has them; together they would be
// one model of two subjects, and too large to exhaust), how an unlink is done off the lock, the clock (its readings
// come with the commands, and may go back).
//
// What the rules leave to be decided, and how it is decided here
// ---------------------------------------------------------------------------------------------------------------
//   * Bytes are in use until they are gone: those of a row, of an older generation that is claimed, and of a row whose
//     unlink failed. Quotas and the counters go by that.
//   * A key has one file in a file tier: generations there share it, its bytes count once, and it is pinned by a claim
//     on any of them. A `ram` row put over a row in a file keeps the file *behind* it: both go together, and until then
//     the file counts in its tier, for whose quota it cannot be evicted.
//   * An install that cannot meet its quota evicts nothing, but where an unlink fails.
//   * A row whose unlink failed is no row any more; its key is `evicting` until the unlink is done by `retry`, which is
//     when its bytes count as freed.
//
// How a harness records runs: each command over [invoke, return] with the observed response; the caller numbers keys,
// claims and generations. `evict_bytes` and `gc` are one command if nothing else ran meanwhile (lockstep), else one
// `evict_oldest` for each row, over [the row before is gone, this one is]. Nothing is partitioned by key: the order is
// one for all of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <wavetank/model/cache_words.h>
#include <wavetank/model/sorted_map.h>
#include <wavetank/model/state_machine.h>
#include <wavetank/model/words.h>

namespace wavetank::model {

/// The specification. A value; every function may be called from any thread.
struct cache_index {
  using byte_count = std::uint64_t;
  using seconds = std::uint64_t;
  using tier_set = std::uint8_t;  ///< bit i: tier i

  static constexpr tier_set all_tiers = 7;
  [[nodiscard]] static constexpr tier_set only(tier where) {
    return static_cast<tier_set>(1U << static_cast<unsigned>(where));
  }

  /// The quota of each tier in bytes; none where empty.
  std::array<std::optional<byte_count>, 3> quotas{};

  // Commands --------------------------------------------------------------------------------------------------------

  /// A row, in the place of an older one if there is one: `ok`, with what was evicted for it; `over_quota` where the
  /// quota cannot be met; `conflict` while the key is evicting. Disabled for a size that is not that of the file there.
  struct install {
    key_number key;
    generation_number generation;
    tier where;
    byte_count size;
    seconds last_use;
    friend bool operator==(const install&, const install&) = default;
  };
  /// `row` with its generation, pinned and used at `now`; `miss`; `busy` while the key is evicting.
  struct checkout {
    claim_number claim;
    key_number key;
    seconds now;
    friend bool operator==(const checkout&, const checkout&) = default;
  };
  /// `ok`; `no_op` the second time or for an unknown claim.
  struct checkin {
    claim_number claim;
    friend bool operator==(const checkin&, const checkin&) = default;
  };
  /// `row` with its generation, or `miss`. No use: the order stays.
  struct lookup_exact {
    key_number key;
    friend bool operator==(const lookup_exact&, const lookup_exact&) = default;
  };
  /// Oldest first, unpinned rows of these tiers until `target` bytes are freed or none is left: `freed`.
  struct evict_bytes {
    byte_count target;
    tier_set tiers;
    friend bool operator==(const evict_bytes&, const evict_bytes&) = default;
  };
  /// One step of it: the oldest unpinned row of these tiers: `freed`, of nothing if there is none.
  struct evict_oldest {
    tier_set tiers;
    friend bool operator==(const evict_oldest&, const evict_oldest&) = default;
  };
  /// Every unpinned row: `freed`.
  struct gc {
    friend bool operator==(const gc&, const gc&) = default;
  };
  /// The unlink of a key that is evicting is tried again: `freed`. Else disabled.
  struct retry {
    key_number key;
    friend bool operator==(const retry&, const retry&) = default;
  };
  /// `bytes` in use of a tier.
  struct bytes_in_use {
    tier where;
    friend bool operator==(const bytes_in_use&, const bytes_in_use&) = default;
  };

  using command =
      std::variant<install, checkout, checkin, lookup_exact, evict_bytes, evict_oldest, gc, retry, bytes_in_use>;

  // Responses -------------------------------------------------------------------------------------------------------

  enum class result : std::uint8_t { ok, over_quota, conflict, row, miss, busy, no_op, freed, bytes };

  struct response {
    result what = result::ok;
    generation_number generation = 0;   ///< of `row`
    byte_count bytes = 0;               ///< of `bytes`; of the others: what is really gone
    std::vector<key_number> evicted{};  ///< in the order in which they went
    std::vector<key_number> failed{};   ///< whose unlink failed
    friend bool operator==(const response&, const response&) = default;
  };

  // States ----------------------------------------------------------------------------------------------------------

  struct generation_of {
    key_number key;
    generation_number generation;
    friend bool operator==(const generation_of&, const generation_of&) = default;
    friend bool operator<(const generation_of& a, const generation_of& b) {
      return std::tie(a.key, a.generation) < std::tie(b.key, b.generation);
    }
  };
  struct row {
    generation_number generation;
    seconds last_use;
    generation_number behind = 0;  ///< of a `ram` row: the generation whose file lies behind it
    friend bool operator==(const row&, const row&) = default;
  };
  /// The bytes of a row, or of one that was replaced and is still claimed.
  struct blob {
    tier where;
    byte_count size;
    std::uint64_t pins = 0;
    friend bool operator==(const blob&, const blob&) = default;
  };
  /// Bytes whose unlink failed.
  struct leftover {
    tier where;
    byte_count size;
    friend bool operator==(const leftover&, const leftover&) = default;
  };
  struct age {
    seconds last_use;
    key_number key;
    friend bool operator==(const age&, const age&) = default;
    friend bool operator<(const age& a, const age& b) {
      return std::tie(a.last_use, a.key) < std::tie(b.last_use, b.key);
    }
  };
  struct state {
    sorted_map<key_number, row> rows;
    sorted_map<generation_of, blob> blobs;
    sorted_map<claim_number, generation_of> claims;
    sorted_map<key_number, leftover> evicting;
    sorted_set<age> order;  ///< the oldest first
    std::array<byte_count, 3> in_use{};
    friend bool operator==(const state&, const state&) = default;
  };

  [[nodiscard]] state initial() const { return {}; }

  /// Cost: rows times claims.
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    for (std::size_t way = 0; way < ways(before, what); ++way) {
      state after = before;
      if (const auto said = carry_out(after, what, way)) emit(*said, std::as_const(after));
    }
  }

  /// How many ways a command may go at most: bit i of a way says whether the i-th unlink of the command fails.
  [[nodiscard]] static std::size_t ways(const state& s, const command& what);

  /// Applies a command in one of its ways and returns its response; empty, and `s` unspecified, where that is disabled.
  [[nodiscard]] std::optional<response> carry_out(state& s, const command& what, std::size_t way = 0) const;
};

/// Every state as its words; hash and compact storage follow.
template <class Sink>
void for_each_word(const cache_index::state& s, Sink&& sink) {
  const auto word = [](auto value) { return static_cast<std::uint64_t>(value); };
  sink(s.rows.size());
  for (const auto& [key, one] : s.rows) {
    sink(key);
    sink(one.generation);
    sink(one.last_use);
    sink(one.behind);
  }
  sink(s.blobs.size());
  for (const auto& [name, one] : s.blobs) {
    sink(name.key);
    sink(name.generation);
    sink(word(one.where));
    sink(one.size);
    sink(one.pins);
  }
  sink(s.claims.size());
  for (const auto& [claim, name] : s.claims) {
    sink(claim);
    sink(name.key);
    sink(name.generation);
  }
  sink(s.evicting.size());
  for (const auto& [key, one] : s.evicting) {
    sink(key);
    sink(word(one.where));
    sink(one.size);
  }
  sink(s.order.size());
  for (const auto& entry : s.order) {
    sink(entry.first.last_use);
    sink(entry.first.key);
  }
  for (const auto bytes : s.in_use) sink(bytes);
}
inline std::size_t hash_value(const cache_index::state& s) { return hash_words(s); }

/// For people.
std::string describe(const cache_index::command& what);
std::string describe(const cache_index::response& said);
std::string describe(const cache_index::state& s);
std::ostream& operator<<(std::ostream& out, const cache_index::response& said);
std::ostream& operator<<(std::ostream& out, const cache_index::state& s);

static_assert(state_machine<cache_index>);

}  // namespace wavetank::model
