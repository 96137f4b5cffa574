// What a cache's directory holds while one process after the other takes it over and dies in it: an executable
// specification of the start-up scan, call by call.
//
// Source: the start-up scan of the save pipeline, its R8, and the rules of the disk for names. The other models of the
// cache take a restart as one step (`reservation.h`); that is sound because of what is claimed here: each step of a
// scan leaves what a whole scan would find, so that one that is cut short has changed nothing. Promises: each call of a
// start and of a save that changes or reads a name is a transition, and before each of them its process may die or the
// power may fail, which undoes any of the changes of names that were not synced (the mode `posix`, which has the states
// of the others). Nondeterministic besides, where `calls_may_fail`. Leaves out: bytes (a file is whole or damaged),
// reservations and claims, the directory's own name, several tiers, quotas, how files are published without hard links
// where the kernel cannot rename exclusively.
//
// What the page leaves to be decided, and how it is decided here
// ---------------------------------------------------------------------------------------------------------------
//   * What a scan cannot move, remove or read stays, and is not indexed: `left`.
//   * A row is adopted when its name is durable. Where names cannot be made durable any more, rows are adopted all the
//     same: they can be read, and nothing is acknowledged.
//   * The quarantine is durable before anything is moved into it; what was moved there is durable before the start is
//     over, or it would be lost with a loss of power that keeps the next save of its key and not the move.
//   * A process without the lock looks, and changes nothing.
//
// How a harness records runs: one command a call, in the order in which the calls took effect, with what was answered;
// `adopt` for each row that an open cache has, then `serve`. A number for each temporary name, for each process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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
struct directory_scan {
  using process_number = std::uint64_t;

  /// Whether a call may fail, and a process be kept from taking the lock.
  bool calls_may_fail = false;

  enum class place : std::uint8_t { final_name, temporary, quarantined, quarantine };
  struct name {
    place in;
    key_number key;        ///< 0 of the quarantine itself
    std::uint64_t number;  ///< of a temporary name; of a quarantined file: which of its name
    friend bool operator==(const name&, const name&) = default;
    friend bool operator<(const name& a, const name& b) {
      return std::tie(a.in, a.key, a.number) < std::tie(b.in, b.key, b.number);
    }
  };
  static constexpr name the_quarantine{place::quarantine, 0, 0};
  static constexpr name final_name_of(key_number key) { return {place::final_name, key, 0}; }

  // Commands of a start ---------------------------------------------------------------------------------------------

  /// A process tries to take the lock: `locked`; `refused`, another has it; `unlocked`, it may only look.
  struct start {
    process_number by;
    friend bool operator==(const start&, const start&) = default;
  };
  /// `listed`, with the final and temporary names; `failed`, and the process gives up.
  struct list {
    process_number by;
    friend bool operator==(const list&, const list&) = default;
  };
  /// The head of a file that was listed: `whole`, `damaged`, `unreadable`.
  struct look {
    process_number by;
    key_number key;
    friend bool operator==(const look&, const look&) = default;
  };
  /// A place for the damaged file of this key: `made`, `exists`, `failed`.
  struct make_quarantine {
    process_number by;
    key_number key;
    friend bool operator==(const make_quarantine&, const make_quarantine&) = default;
  };
  /// The damaged file of the key gets a name in the quarantine: `moved`, `exists` (the name is taken), `failed`.
  struct set_aside {
    process_number by;
    key_number key;
    std::uint64_t number;
    friend bool operator==(const set_aside&, const set_aside&) = default;
  };
  /// A temporary file of the process itself, or of one that is gone, goes: `removed`, `gone`, `failed`.
  struct remove {
    process_number by;
    name what;
    friend bool operator==(const remove&, const remove&) = default;
  };
  /// All names become durable: `synced`; `failed`, and the process never trusts the directory again.
  struct sync {
    process_number by;
    friend bool operator==(const sync&, const sync&) = default;
  };
  /// A row that was found is indexed, when everything that was listed has been dealt with: `row`.
  struct adopt {
    process_number by;
    key_number key;
    friend bool operator==(const adopt&, const adopt&) = default;
  };
  /// The start is over: `serving`.
  struct serve {
    process_number by;
    friend bool operator==(const serve&, const serve&) = default;
  };

  // Commands of saves -----------------------------------------------------------------------------------------------

  /// `made`, `failed`.
  struct create {
    process_number by;
    name what;
    friend bool operator==(const create&, const create&) = default;
  };
  /// The bytes of a temporary file are complete and durable: `synced`, `failed`.
  struct finish {
    process_number by;
    name what;
    friend bool operator==(const finish&, const finish&) = default;
  };
  /// A complete temporary file gets its final name, and keeps its own unless it `moves`: `linked`, `exists`, `failed`.
  struct link {
    process_number by;
    name from;
    bool moves = false;
    friend bool operator==(const link&, const link&) = default;
  };
  /// Somebody is told that the key is saved: `acknowledged`. Disabled while its name is not durable.
  struct acknowledge {
    process_number by;
    key_number key;
    friend bool operator==(const acknowledge&, const acknowledge&) = default;
  };
  /// A final name goes, because its row was evicted or a save was given up: `removed`, `gone`, `failed`.
  struct evict {
    process_number by;
    key_number key;
    friend bool operator==(const evict&, const evict&) = default;
  };

  // Events of the world -----------------------------------------------------------------------------------------------

  /// A durable file that nobody has looked at becomes damaged: `done`.
  struct rot {
    key_number key;
    friend bool operator==(const rot&, const rot&) = default;
  };
  /// `done`. What it wrote stays.
  struct dies {
    process_number who;
    friend bool operator==(const dies&, const dies&) = default;
  };
  /// `done`. Everybody dies, and any of the changes that are pending are undone.
  struct power_fails {
    friend bool operator==(const power_fails&, const power_fails&) = default;
  };

  using command = std::variant<start, list, look, make_quarantine, set_aside, remove, sync, adopt, serve, create,
                               finish, link, acknowledge, evict, rot, dies, power_fails>;

  // Responses -------------------------------------------------------------------------------------------------------

  enum class result : std::uint8_t {
    locked,
    refused,
    unlocked,
    listed,
    whole,
    damaged,
    unreadable,
    made,
    exists,
    moved,
    removed,
    gone,
    synced,
    linked,
    row,
    serving,
    acknowledged,
    failed,
    done,
  };
  struct response {
    result what = result::done;
    std::vector<name> names{};  ///< of `listed`, in their order
    friend bool operator==(const response&, const response&) = default;
  };

  // States ----------------------------------------------------------------------------------------------------------

  enum class content : std::uint8_t { nothing, unfinished, whole, damaged };
  using names = sorted_map<name, content>;
  struct change {
    name of;
    content becomes;
    friend bool operator==(const change&, const change&) = default;
  };
  /// All of these or none.
  using operation = std::vector<change>;

  enum class stage : std::uint8_t { opening, scanning, serving };
  /// A process at the directory.
  struct life {
    stage is = stage::opening;
    bool locked = false;
    bool trusted = true;           ///< names can be made durable
    sorted_set<name> ahead{};      ///< listed, and not dealt with
    sorted_set<key_number> bad{};  ///< of these: seen to be damaged
    sorted_set<key_number> found{};
    sorted_set<key_number> rows{};
    sorted_set<name> left{};
    friend bool operator==(const life&, const life&) = default;
  };
  struct state {
    names durable;
    std::vector<operation> pending;  ///< those of one name in their order
    sorted_map<process_number, life> lives;
    sorted_map<name, process_number> owners;  ///< of temporary files: those of the living
    friend bool operator==(const state&, const state&) = default;
  };

  [[nodiscard]] state initial() const { return {}; }

  /// Cost: linear in the names; of `power_fails` in the different directories that it may leave.
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    if (std::holds_alternative<power_fails>(what)) {
      for (const names& left : left_without_power(before)) emit(response{}, state{left, {}, {}, {}});
      return;
    }
    for (std::size_t way = 0; way < ways(what); ++way) {
      state after = before;
      if (const auto said = carry_out(after, what, way)) emit(*said, std::as_const(after));
    }
  }

  /// How many ways a command may go at most.
  [[nodiscard]] std::size_t ways(const command& what) const;

  /// Applies a command other than `power_fails` in one of its ways and returns its response; empty, and `s`
  /// unspecified, where it is disabled.
  [[nodiscard]] std::optional<response> carry_out(state& s, const command& what, std::size_t way = 0) const;

  /// The directories that a loss of power may leave, each once: any of the changes that are pending, in their order.
  [[nodiscard]] static std::vector<names> left_without_power(const state& s);

  /// What the kernel shows.
  [[nodiscard]] static names shown(const state& s);

  /// The name is there, with this content, whenever the power fails.
  [[nodiscard]] static bool is_durable(const state& s, const name& which, content what);
};

/// Every state as its words; hash and compact storage follow.
template <class Sink>
void for_each_word(const directory_scan::state& s, Sink&& sink) {
  const auto word = [](auto value) { return static_cast<std::uint64_t>(value); };
  const auto put_name = [&](const directory_scan::name& one) {
    sink(word(one.in) | one.key << 2U | one.number << 32U);
  };
  const auto put_names = [&](const auto& all) {
    sink(all.size());
    for (const auto& entry : all) put_name(entry.first);
  };
  const auto put_keys = [&](const sorted_set<key_number>& all) {
    sink(all.size());
    for (const auto& entry : all) sink(entry.first);
  };
  put_names(s.durable);
  for (const auto& entry : s.durable) sink(word(entry.second));
  sink(s.pending.size());
  for (const auto& one : s.pending) {
    sink(one.size());
    for (const auto& part : one) {
      put_name(part.of);
      sink(word(part.becomes));
    }
  }
  sink(s.lives.size());
  for (const auto& [who, one] : s.lives) {
    sink(who);
    sink(word(one.is) | word(one.locked) << 2U | word(one.trusted) << 3U);
    put_names(one.ahead);
    put_keys(one.bad);
    put_keys(one.found);
    put_keys(one.rows);
    put_names(one.left);
  }
  put_names(s.owners);
  for (const auto& entry : s.owners) sink(entry.second);
}
inline std::size_t hash_value(const directory_scan::state& s) { return hash_words(s); }

/// For people.
std::string describe(const directory_scan::command& what);
std::string describe(const directory_scan::response& said);
std::string describe(const directory_scan::state& s);

static_assert(state_machine<directory_scan>);

}  // namespace wavetank::model
