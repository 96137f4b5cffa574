// What a window batcher must do with one shard's requests, in a small closed world.
//
// Promises: at most one open slot a kind; sealed slots go in order, before open ones; commits in flight are bounded in
// number and answered in the order in which they were begun, in whichever they end; what is durable is a prefix of what
// was begun, but for commits that were lost; what a submitter writes to another kind goes behind what it wrote before;
// a flush is a barrier by acceptance; everything accepted is answered once. Time is left out: a timer is an event that
// may come whenever its slot is open. Leaves out: bytes, windows, replies, the direct route, retries of rejected
// batches.
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

struct window_batcher_bounds {
  std::uint64_t submitters = 1;
  std::uint64_t kinds = 2;
  std::uint64_t requests = 4;   ///< in a run
  std::uint64_t max_items = 2;  ///< of a slot
  std::uint64_t commits = 1;    ///< in flight
};

/// A closed machine: the specification and its environment.
struct window_batcher {
  using request_number = std::uint64_t;  ///< in the order of acceptance, from 1

  enum class fate : std::uint8_t { pending, committed, not_committed, unknown };
  struct request {
    std::uint64_t submitter;
    std::uint64_t kind;
    fate is = fate::pending;
    friend bool operator==(const request&, const request&) = default;
  };
  using slot = std::vector<request_number>;
  /// A commit in flight.
  struct flight {
    slot requests;
    std::uint64_t kind = 0;
    bool logged = false;            ///< durable, though it may not know yet
    fate ended_as = fate::pending;  ///< what its requests will be answered
    friend bool operator==(const flight&, const flight&) = default;
  };

  struct state {
    std::vector<request> requests;  ///< request n at n - 1
    std::vector<slot> open;         ///< by kind; empty: none
    std::vector<std::uint8_t> due;  ///< by kind: its timer has come, or it went behind a commit of its kind
    std::vector<slot> sealed;       ///< front() goes first
    std::vector<flight> in_flight;  ///< in the order in which they were begun
    std::vector<request_number> log;
    std::optional<request_number> barrier;  ///< of a flush that waits: the last request before it
    bool stopping = false;
    bool destroyed = false;
    friend bool operator==(const state&, const state&) = default;
  };

  enum class event : std::uint8_t {
    submit,    ///< `a` submits to kind `b`: accepted, `overloaded`, `shutting_down`
    timer,     ///< of the open slot of kind `a`
    take,      ///< the next batch is in flight
    done,      ///< commit `a` of those in flight is durable
    fails,     ///< nothing of it was submitted: the one that was begun last
    is_lost,   ///< the outcome of commit `a` is unknown; `b`: it is in the log
    deadline,  ///< of request `a`
    flush,     ///< a barrier
    flush_answers,
    stop,  ///< refuses, and sends everything
    destroy,
  };
  struct command {
    event what;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    friend bool operator==(const command&, const command&) = default;
  };
  enum class response : std::uint8_t { done, accepted, overloaded, shutting_down };

  window_batcher_bounds bounds{};

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
};

template <class Sink>
void for_each_word(const window_batcher::state& s, Sink&& sink) {
  const auto all = [&](const std::vector<window_batcher::request_number>& some) {
    sink(some.size());
    for (const auto one : some) sink(one);
  };
  sink(s.requests.size());
  for (const auto& one : s.requests) {
    sink(one.submitter);
    sink(one.kind);
    sink(static_cast<std::uint64_t>(one.is));
  }
  for (const auto& one : s.open) all(one);
  for (const auto one : s.due) sink(one);
  sink(s.sealed.size());
  for (const auto& one : s.sealed) all(one);
  sink(s.in_flight.size());
  for (const auto& one : s.in_flight) {
    all(one.requests);
    sink(one.kind);
    sink(one.logged ? 1 : 0);
    sink(static_cast<std::uint64_t>(one.ended_as));
  }
  all(s.log);
  sink(s.barrier ? *s.barrier + 1 : 0);
  sink((s.stopping ? 1U : 0U) | (s.destroyed ? 2U : 0U));
}
inline std::size_t hash_value(const window_batcher::state& s) { return hash_words(s); }

std::string describe(const window_batcher::command& what);
std::string describe(const window_batcher::response& said);
std::string describe(const window_batcher::state& s);

/// B1 to B3 and B5 to B7, and what must be possible.
properties_of<window_batcher> window_batcher_properties(const window_batcher_bounds& bounds);

}  // namespace wavetank::model
