// What a counting semaphore with owners, weights, deadlines and a movable limit must do: an executable specification.
//
// Source: the rules of the leak-proof counting semaphore (limit, granted permits with owners, FIFO queue, `closed`).
// Promises: every rule as one deterministic transition on a plain value, but for the one choice that the rules leave
// open (see `time_out`). Leaves out: time itself (a time-out is an event), names and ages of holders, memory.
//
// Blocking calls are a request and a later answer, so that FIFO is plain linearizability. How a harness records them
// ---------------------------------------------------------------------------------------------------------------
// Every operation is an interval [from, to] with a command and the response that was observed. Number the calls; the
// permit that a call gets carries the call's number.
//
// View A, request and answer apart (the simulated world can see the moment at which a call is parked in the queue):
//   * A call that returned without having been parked is one `request` over [invoke, return], its response the outcome.
//   * A call that was parked is a `request` over [invoke, parked] with response `queued`, then an `answer` over
//     [parked, return] with the outcome as its response. "Parked" is the suspension in the queue, not one on an
//     internal mutex. A call that never returned has a request and no answer.
//   * A call that ended in `timed_out` after it was parked adds a `time_out` with response `withdrawn` over
//     [deadline, return]: an early time-out cannot be placed. A call that was granted although its timer fired adds
//     `time_out` with response `too_late` over [timer fired, end of its handler]: it is placed only where the grant
//     came before the handler ended.
//   * A stop request is a `cancel` over [request_stop invoked, return of the call], response `withdrawn` if the call
//     returned `cancelled`, `too_late` otherwise.
//   * A call that is unwound by an exception while parked (its task is killed) is an `abandon` over [exception, end
//     of the unwinding]. The death of the task is `owner_dies` over [kill or end of the body, last notice ran].
// View B, calls as closed intervals (real threads, nobody sees the parking): one `acquire` over [invoke, return], a
// partial operation that takes effect only where it can be answered. Waiters are invisible here, so time-outs, stops
// and FIFO are not judged, and a `try_acquire` that was `busy` is recorded as an `acquire` of one attempt that
// `timed_out`.
#pragma once

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
struct counting_semaphore {
  using weight = std::uint64_t;

  /// The limit at the beginning, at least 1.
  weight initial_limit = 1;

  // Commands --------------------------------------------------------------------------------------------------------

  /// Takes a permit now or says why not: `granted`, `busy` (it does not fit, or somebody waits), `closed`, `too_large`,
  /// `zero_weight`. Where several refusals apply: `zero_weight` before `closed` before `too_large` before `busy`.
  struct try_acquire {
    call_number call;
    task_number task;
    weight amount;
    friend bool operator==(const try_acquire&, const try_acquire&) = default;
  };
  /// The first half of a blocking call: `granted` if it fits and nobody waits, else `queued`; `closed`, `too_large`,
  /// `zero_weight` as above; `timed_out` in the place of `queued` for one attempt.
  struct request {
    call_number call;
    task_number task;
    weight amount;
    patience waits;
    friend bool operator==(const request&, const request&) = default;
  };
  /// The second half, of a queued call: enabled once its outcome is decided, and then says it: `granted`, `timed_out`,
  /// `cancelled`, `closed` or `too_large`. Each call is answered once.
  struct answer {
    call_number call;
    friend bool operator==(const answer&, const answer&) = default;
  };
  /// A whole blocking call as one partial operation (view B): `granted` where it fits and nobody waits, `closed`,
  /// `too_large`, `zero_weight` where they apply; unless it waits for ever, `timed_out` always; `cancelled` always.
  struct acquire {
    call_number call;
    task_number task;
    weight amount;
    patience waits;
    friend bool operator==(const acquire&, const acquire&) = default;
  };
  /// The deadline of a queued call has come: `withdrawn` if it still waits, `too_late` if its outcome is decided.
  /// The one choice of this specification: a call that was granted but not yet answered may either keep the permit
  /// (`too_late`) or give it back, whereupon it goes to the next waiter (`withdrawn`). Never lost, never doubled.
  /// Only for calls with a deadline.
  struct time_out {
    call_number call;
    friend bool operator==(const time_out&, const time_out&) = default;
  };
  /// The stop token of a queued call was asked to stop: as `time_out`, with the outcome `cancelled`.
  struct cancel {
    call_number call;
    friend bool operator==(const cancel&, const cancel&) = default;
  };
  /// A queued call ends without an answer (an exception unwinds it): `withdrawn` if it waited, `released` if it had
  /// been granted (the permit goes to the next), `nothing` if it was refused or is not known.
  struct abandon {
    call_number call;
    friend bool operator==(const abandon&, const abandon&) = default;
  };
  /// Gives a permit back: `released`; `nothing` if the permit is dead already. Disabled while its call is unanswered.
  struct release {
    call_number call;
    friend bool operator==(const release&, const release&) = default;
  };
  /// Gives a permit another owner: `transferred`; `released` if that owner is dead; `nothing` if the permit is dead.
  struct transfer {
    call_number call;
    task_number to;
    friend bool operator==(const transfer&, const transfer&) = default;
  };
  /// The task is dead: its waiters leave the queue, all that it holds is released. `done`; a second time `nothing`.
  struct owner_dies {
    task_number task;
    friend bool operator==(const owner_dies&, const owner_dies&) = default;
  };
  /// `done`, or `zero_limit`. Raising grants to the head of the queue while it fits; lowering revokes nothing and
  /// refuses the waiters that can no longer fit.
  struct set_limit {
    weight limit;
    friend bool operator==(const set_limit&, const set_limit&) = default;
  };
  /// Refuses every waiter and all later calls. Permits stay valid. `done`, also the second time.
  struct close {
    friend bool operator==(const close&, const close&) = default;
  };
  /// Closes, then invalidates every permit. Afterwards only `answer`, `abandon`, `release`, `owner_dies` and `valid`
  /// are enabled.
  struct destroy {
    friend bool operator==(const destroy&, const destroy&) = default;
  };
  /// Observers: `value` with the number (`valid`: 0 or 1).
  struct current {
    friend bool operator==(const current&, const current&) = default;
  };
  struct limit {
    friend bool operator==(const limit&, const limit&) = default;
  };
  struct waiting {
    friend bool operator==(const waiting&, const waiting&) = default;
  };
  struct valid {
    call_number call;
    friend bool operator==(const valid&, const valid&) = default;
  };
  /// `value` with the number of permits, and owner and weight of each in ascending order.
  struct holders {
    friend bool operator==(const holders&, const holders&) = default;
  };

  using command = std::variant<try_acquire, request, answer, acquire, time_out, cancel, abandon, release, transfer,
                               owner_dies, set_limit, close, destroy, current, limit, waiting, valid, holders>;

  // Responses -------------------------------------------------------------------------------------------------------

  enum class result : std::uint8_t {
    granted,
    queued,
    busy,
    timed_out,
    cancelled,
    closed,
    too_large,
    zero_weight,
    zero_limit,
    withdrawn,
    too_late,
    released,
    transferred,
    nothing,
    done,
    value,
  };

  struct response {
    result what = result::done;
    std::uint64_t number = 0;                               ///< of an observer
    std::vector<std::pair<task_number, weight>> held_by{};  ///< of `holders`
    friend bool operator==(const response&, const response&) = default;
  };

  // States ----------------------------------------------------------------------------------------------------------

  struct permit {
    task_number owner;
    weight amount;
    friend bool operator==(const permit&, const permit&) = default;
  };
  struct waiter {
    call_number call;
    task_number task;
    weight amount;
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
    weight limit = 1;
    bool closed = false;
    bool destroyed = false;
    sorted_map<call_number, permit> permits;
    std::vector<waiter> queue;  ///< first come, first served: front() is the head
    sorted_map<call_number, verdict> unheard;
    sorted_set<task_number> dead;
    friend bool operator==(const state&, const state&) = default;
  };

  [[nodiscard]] state initial() const;

  /// Cost: linear in permits and waiters.
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    for (std::size_t way = 0; way < ways(what); ++way) {
      state after = before;
      if (const auto said = carry_out(after, what, way)) emit(*said, std::as_const(after));
    }
  }

  /// The sum of the weights of live permits.
  [[nodiscard]] static weight in_use(const state& s);

  /// Hands permits to the head of the queue while it fits.
  static void grant_from_the_head(state& s);

  /// How many ways a command may go at most: 1 but for `time_out` and `cancel` (2) and `acquire` (3).
  [[nodiscard]] static std::size_t ways(const command& what);

  /// Applies a command in one of its ways and returns its response; empty, and `s` unspecified, where that is disabled.
  [[nodiscard]] static std::optional<response> carry_out(state& s, const command& what, std::size_t way = 0);
};

/// Every state as its words; hash and compact storage follow.
template <class Sink>
void for_each_word(const counting_semaphore::state& s, Sink&& sink) {
  sink(s.limit);
  sink((s.closed ? 1U : 0U) | (s.destroyed ? 2U : 0U));
  sink(s.permits.size());
  for (const auto& [call, held] : s.permits) {
    sink(call);
    sink(held.owner);
    sink(held.amount);
  }
  sink(s.queue.size());
  for (const auto& one : s.queue) {
    sink(one.call);
    sink(one.task);
    sink(one.amount);
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
inline std::size_t hash_value(const counting_semaphore::state& s) { return hash_words(s); }

/// For people.
std::string describe(const counting_semaphore::command& what);
std::string describe(const counting_semaphore::response& said);
std::string describe(const counting_semaphore::state& s);
std::ostream& operator<<(std::ostream& out, const counting_semaphore::response& said);
std::ostream& operator<<(std::ostream& out, const counting_semaphore::state& s);

static_assert(state_machine<counting_semaphore>);

}  // namespace wavetank::model
