// What a merge semaphore must do: capacity one, the holder named by its shard. An executable specification.
//
// Source: the state table of the merge semaphore. Promises: each row of the table as one transition on a plain value,
// deterministic but for the choice of a time-out that meets a grant (as in `counting_semaphore`). Leaves out: time, the
// age of a hold, the warning that a death logs.
//
// The generation of a hold is the number of the call that got it: generations are identities, and nothing but equality
// is asked of them. How a harness records runs is said in `counting_semaphore.h`; here view B records a whole blocking
// call as `acquire_until`, and `acquire` as it is, since a free semaphore never has waiters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <wavetank/model/blocking_call.h>
#include <wavetank/model/sorted_map.h>
#include <wavetank/model/state_machine.h>
#include <wavetank/model/words.h>

namespace wavetank::model {

/// The specification. A value; every function may be called from any thread.
struct merge_semaphore {
  using shard_number = std::uint64_t;

  // Commands --------------------------------------------------------------------------------------------------------

  /// The permit now: `granted`, `busy` with the holder's shard (not re-entrant), `closed`.
  struct acquire {
    call_number call;
    task_number task;
    shard_number shard;
    friend bool operator==(const acquire&, const acquire&) = default;
  };
  /// The first half of `acquire_until`: `granted`, `closed`, else `queued`; `timed_out` for one attempt.
  struct request {
    call_number call;
    task_number task;
    shard_number shard;
    patience waits;
    friend bool operator==(const request&, const request&) = default;
  };
  /// The second half, of a queued call: enabled once its outcome is decided, and then says it, once.
  struct answer {
    call_number call;
    friend bool operator==(const answer&, const answer&) = default;
  };
  /// A whole blocking call as one partial operation (view B): `granted` where it is free, `closed`; unless it waits for
  /// ever `timed_out` always; `cancelled` always.
  struct acquire_until {
    call_number call;
    task_number task;
    shard_number shard;
    patience waits;
    friend bool operator==(const acquire_until&, const acquire_until&) = default;
  };
  /// The deadline of a queued call: `withdrawn` if it still waits, else `too_late`; of a granted call whose caller has
  /// not heard, either `too_late` (it keeps the permit) or `withdrawn` (the permit goes to the next).
  struct time_out {
    call_number call;
    friend bool operator==(const time_out&, const time_out&) = default;
  };
  /// A stop request: as `time_out`, with the outcome `cancelled`.
  struct cancel {
    call_number call;
    friend bool operator==(const cancel&, const cancel&) = default;
  };
  /// A queued call is unwound without an answer: `withdrawn` if it waited, `ok` if it had the permit (which goes to the
  /// next), else `nothing`.
  struct abandon {
    call_number call;
    friend bool operator==(const abandon&, const abandon&) = default;
  };
  /// By permit: `ok` if it is the hold of this call, else `not_holder`. Disabled while the call is unanswered.
  struct release {
    call_number call;
    friend bool operator==(const release&, const release&) = default;
  };
  /// By name: `ok` if `task` holds for `shard` (and has heard of it), else `not_holder`.
  struct release_by_name {
    task_number task;
    shard_number shard;
    friend bool operator==(const release_by_name&, const release_by_name&) = default;
  };
  /// `transferred`; `released` if `to` is dead; `nothing` if the hold has ended.
  struct transfer {
    call_number call;
    task_number to;
    friend bool operator==(const transfer&, const transfer&) = default;
  };
  /// The task is dead: its waiters leave the queue, its hold ends. `done`; a second time `nothing`.
  struct owner_dies {
    task_number task;
    friend bool operator==(const owner_dies&, const owner_dies&) = default;
  };
  /// Refuses every waiter and all later calls; the hold goes on. `done`.
  struct close {
    friend bool operator==(const close&, const close&) = default;
  };
  /// Closes, then ends the hold. Afterwards only `answer`, `abandon`, `release`, `owner_dies`, `valid` are enabled.
  struct destroy {
    friend bool operator==(const destroy&, const destroy&) = default;
  };
  /// Observers. `status`: `free`, or `held` with the shard. `waiting`, `valid`: `value`.
  struct status {
    friend bool operator==(const status&, const status&) = default;
  };
  struct waiting {
    friend bool operator==(const waiting&, const waiting&) = default;
  };
  struct valid {
    call_number call;
    friend bool operator==(const valid&, const valid&) = default;
  };

  using command = std::variant<acquire, request, answer, acquire_until, time_out, cancel, abandon, release,
                               release_by_name, transfer, owner_dies, close, destroy, status, waiting, valid>;

  // Responses -------------------------------------------------------------------------------------------------------

  enum class result : std::uint8_t {
    granted,
    queued,
    busy,
    timed_out,
    cancelled,
    closed,
    withdrawn,
    too_late,
    ok,
    not_holder,
    transferred,
    released,
    nothing,
    done,
    free,
    held,
    value,
  };

  struct response {
    result what = result::done;
    std::uint64_t number = 0;  ///< the holder's shard for `busy` and `held`; the number for `value`
    friend bool operator==(const response&, const response&) = default;
  };

  // States ----------------------------------------------------------------------------------------------------------

  /// The hold of a call: held(s, p, g) of the table, `generation` being the call.
  struct hold {
    call_number generation;
    task_number owner;
    shard_number shard;
    friend bool operator==(const hold&, const hold&) = default;
  };
  struct waiter {
    call_number call;
    task_number task;
    shard_number shard;
    patience waits;
    friend bool operator==(const waiter&, const waiter&) = default;
  };
  /// The outcome of a queued call that its caller has not heard yet.
  struct verdict {
    task_number task;
    result outcome;
    patience waits;
    friend bool operator==(const verdict&, const verdict&) = default;
  };
  struct state {
    std::optional<hold> holder;
    bool closed = false;
    bool destroyed = false;
    std::vector<waiter> queue;  ///< first come, first served: front() is the head
    sorted_map<call_number, verdict> unheard;
    sorted_set<task_number> dead;
    friend bool operator==(const state&, const state&) = default;
  };

  [[nodiscard]] state initial() const { return {}; }

  /// Cost: linear in the waiters.
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    for (std::size_t way = 0; way < ways(what); ++way) {
      state after = before;
      if (const auto said = carry_out(after, what, way)) emit(*said, std::as_const(after));
    }
  }

  /// How many ways a command may go at most: 1 but for `time_out` and `cancel` (2) and `acquire_until` (3).
  [[nodiscard]] static std::size_t ways(const command& what);

  /// Applies a command in one of its ways and returns its response; empty, and `s` unspecified, where that is disabled.
  [[nodiscard]] static std::optional<response> carry_out(state& s, const command& what, std::size_t way = 0);
};

/// Every state as its words; hash and compact storage follow.
template <class Sink>
void for_each_word(const merge_semaphore::state& s, Sink&& sink) {
  sink((s.holder ? 1U : 0U) | (s.closed ? 2U : 0U) | (s.destroyed ? 4U : 0U));
  if (s.holder) {
    sink(s.holder->generation);
    sink(s.holder->owner);
    sink(s.holder->shard);
  }
  sink(s.queue.size());
  for (const auto& one : s.queue) {
    sink(one.call);
    sink(one.task);
    sink(one.shard);
    sink(static_cast<std::uint64_t>(one.waits));
  }
  sink(s.unheard.size());
  for (const auto& [call, one] : s.unheard) {
    sink(call);
    sink(one.task);
    sink(static_cast<std::uint64_t>(one.outcome));
    sink(static_cast<std::uint64_t>(one.waits));
  }
  sink(s.dead.size());
  for (const auto& entry : s.dead) sink(entry.first);
}
inline std::size_t hash_value(const merge_semaphore::state& s) { return hash_words(s); }

/// For people.
std::string describe(const merge_semaphore::command& what);
std::string describe(const merge_semaphore::response& said);
std::string describe(const merge_semaphore::state& s);
std::ostream& operator<<(std::ostream& out, const merge_semaphore::response& said);
std::ostream& operator<<(std::ostream& out, const merge_semaphore::state& s);

static_assert(state_machine<merge_semaphore>);

}  // namespace wavetank::model
