// What a model may offer beyond `state_machine` to be checked faster. Each is optional; without any of them the verdict
// is the same and the search longer. A wrong claim makes wrong verdicts: `options::check_claims` tests the observer
// claim, and tests/lin holds every shipped model against brute force.
//
//   m.observes(command, optional<response>)  true only if no allowed pair with that response (any response, when it is
//                                            not known) changes any state. Such operations never branch the search.
//   m.partition(command)                     an ordered key; operations with different keys neither see nor change each
//                                            other's part of the state. Each key is searched alone (Herlihy & Wing
//                                            1990: linearizability is local).
//   m.crash(state, emit)                     what a crash of the whole system makes of a state, `emit(next)` for each
//                                            possibility. Without it a crash leaves states alone.
//   m.step_expecting(s, c, response, emit)   emits the next states of exactly the pairs with that response; saves the
//   making of responses. hash_value(command)                      equal commands are found by hash (needs ==). Equal
//   commands with equal
//                                            recorded responses are interchangeable (the symmetry reduction).
//   m.look_ahead(calls)                      what the whole history will ask of states, an `outlook` of the model's
//   own; m.demands(command, answer)               which calls ask, m.barren(state, outlook)                 true only
//   if some such call that has not gone yet cannot be satisfied from
//                                            this state, unless none is left or an
//   m.renews(command)                        operation goes before. The search turns back from barren states where no
//                                            renewal can come before the next demand returns.
//   m.footprint_bytes(state)                 heap bytes behind a state, for the memory limit.
//   m.describe(state | command | response)   words for reports.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/model/state_machine.h>

namespace wavetank::lin {

template <class M>
concept claims_observers = requires(const M& m, const typename M::command& c,
                                    const std::optional<typename M::response>& r) {
  { m.observes(c, r) } -> std::same_as<bool>;
};

template <class M>
concept partitioned = requires(const M& m, const typename M::command& c) {
  requires std::totally_ordered<std::remove_cvref_t<decltype(m.partition(c))>>;
};

template <class M>
concept changed_by_crashes = requires(const M& m, const typename M::state& s) {
  m.crash(s, [](const typename M::state&) {});
};

template <class M>
concept steps_expecting = requires(const M& m, const typename M::state& s, const typename M::command& c,
                                   const typename M::response& r) {
  m.step_expecting(s, c, r, [](const typename M::state&) {});
};

template <class M>
concept commands_hash = requires(const typename M::command& c) {
  requires std::equality_comparable<typename M::command>;
  { hash_value(c) } -> std::convertible_to<std::size_t>;
};

/// A call as a model sees it that looks ahead. No answer: pending, or not known.
template <class M>
struct foreseen_call {
  typename M::command request;
  std::optional<typename M::response> answer;
  std::int64_t call;
  std::optional<std::int64_t> returned;
};

template <class M>
concept foresees = requires(const M& m, const typename M::state& s, const typename M::command& c,
                            const std::optional<typename M::response>& r, const typename M::outlook& ahead) {
  { m.look_ahead(std::vector<foreseen_call<M>>()) } -> std::same_as<typename M::outlook>;
  { m.barren(s, ahead) } -> std::same_as<bool>;
  { m.demands(c, r) } -> std::same_as<bool>;
  { m.renews(c) } -> std::same_as<bool>;
};

template <class M>
concept counts_bytes = requires(const M& m, const typename M::state& s) {
  { m.footprint_bytes(s) } -> std::convertible_to<std::size_t>;
};

template <class M, class Part>
concept describes = requires(const M& m, const Part& part) {
  { m.describe(part) } -> std::convertible_to<std::string>;
};

}  // namespace wavetank::lin
