// What a window batcher must do with one shard's requests, in a small closed world.
//
// Promises: at most one open slot a kind; what a slot holds, and what has no answer, is bounded in items, bytes and
// work, and a slot that is full of one of them waits for nothing; sealed slots go in order, before open ones; commits
// in flight are bounded in number and answered in the order in which they were begun, in whichever they end; what is
// durable is a prefix of what was begun, but for commits that were lost; what a submitter writes to another kind goes
// behind what it wrote before; a flush is a barrier by acceptance; everything accepted is answered once. A direct write
// waits until what its own submitter wrote is settled. Time is left out: a timer is an event that may come whenever its
// slot is open.
//
// How to record it. What a call of `submit` did, and what went at once because of it, are events of their own, in this
// order. `take` is seen where the backend is given a batch, `done` and its like where it has answered, before anybody
// is told. Leaves out: windows, replies, the answers of direct writes, retries of rejected batches.
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

/// What requests weigh, each in its own unit.
struct window_batcher_load {
  std::uint64_t items = 1;
  std::uint64_t bytes = 0;
  std::uint64_t work = 0;
  friend bool operator==(const window_batcher_load&, const window_batcher_load&) = default;
};

/// Of items, bytes and work 0 means no bound.
struct window_batcher_bounds {
  std::uint64_t submitters = 1;
  std::uint64_t kinds = 2;
  std::uint64_t requests = 4;           ///< in a run
  std::uint64_t max_items = 2;          ///< of a slot
  std::uint64_t commits = 1;            ///< in flight
  std::uint64_t max_pending_items = 0;  ///< that have no answer
  std::uint64_t max_pending_bytes = 0;
  std::uint64_t max_bytes = 0;  ///< of a slot
  std::uint64_t max_work = 0;   ///< of a slot
};

/// A closed machine: the specification and its environment.
struct window_batcher {
  using request_number = std::uint64_t;  ///< in the order of acceptance, from 1
  using load = window_batcher_load;

  enum class fate : std::uint8_t { pending, committed, not_committed, unknown };
  struct request {
    std::uint64_t submitter;
    std::uint64_t kind;
    load weighs{};
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
    std::vector<request> requests;       ///< request n at n - 1
    std::vector<slot> open;              ///< by kind; empty: none
    std::vector<request_number> opened;  ///< by kind: the first of its open slot, which may have been withdrawn
    std::vector<std::uint64_t> due;      ///< kinds whose timers have come, or that went behind a commit, in that order
    std::vector<std::uint64_t> latest;   ///< by submitter: 1 + the kind whose open slot got its latest request; 0: none
    std::vector<slot> sealed;            ///< front() goes first
    std::vector<flight> in_flight;       ///< in the order in which they were begun
    std::vector<request_number> log;
    std::optional<request_number> barrier;  ///< of a flush that waits: the last request before it
    bool stopping = false;
    bool destroyed = false;
    friend bool operator==(const state&, const state&) = default;
  };

  enum class event : std::uint8_t {
    submit,  ///< `a` submits what `weighs` so much to kind `b`: accepted, `overloaded`, `too_large`, `shutting_down`
    direct,  ///< `a` writes directly: accepted, `too_large`, `shutting_down`; what it has queued goes
    direct_commit,  ///< of `a`, which has nothing unanswered
    timer,          ///< of the open slot of kind `a`
    take,           ///< the next batch is in flight
    done,           ///< commit `a` of those in flight is durable
    fails,          ///< nothing of it was submitted: the one that was begun last
    is_lost,        ///< the outcome of commit `a` is unknown; `b`: it is in the log
    deadline,       ///< of request `a`
    flush,          ///< a barrier
    flush_answers,
    flush_gives_up,
    stop,           ///< refuses, and sends everything
    stop_gives_up,  ///< withdraws what is queued
    destroy,
  };
  struct command {
    event what;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    load weighs{};
    friend bool operator==(const command&, const command&) = default;
  };
  enum class response : std::uint8_t { done, accepted, overloaded, too_large, shutting_down };

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

  [[nodiscard]] static load load_of(const state& s, const slot& some);
  /// Of what has no answer.
  [[nodiscard]] static load pending_load(const state& s);
  [[nodiscard]] bool fits_a_slot(const load& all) const;

  /// Every request up to this one has its answer.
  [[nodiscard]] static bool answered_up_to(const state& s, request_number last);
  /// And the commit of each has ended, even if its deadline answered it before.
  [[nodiscard]] static bool settled_up_to(const state& s, request_number last);
  /// Not settled.
  [[nodiscard]] static bool has_unsettled(const state& s, std::uint64_t submitter);
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
    sink(one.weighs.items);
    sink(one.weighs.bytes);
    sink(one.weighs.work);
    sink(static_cast<std::uint64_t>(one.is));
  }
  for (const auto& one : s.open) all(one);
  all(s.opened);
  all(s.due);
  all(s.latest);
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
