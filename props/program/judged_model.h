// A semaphore's model with the words that a harness needs beyond it.
//
// A blocking call that ended in `timed_out` or `cancelled` without having been parked either failed at once, as one
// attempt does, or stood in the queue for a moment: an observer can tell neither from the other, so both are allowed.
//
// A death is not one instant: first nobody can make the task an owner any more, then its permits go back, one by one
// where they came to it by transfer. What is held is that each of them goes, once, before the task counts as dead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <wavetank/model/blocking_call.h>
#include <wavetank/model/state_machine.h>

namespace wavetank::props {

/// The model's own words, found by argument-dependent lookup.
template <class Part>
std::string words_of(const Part& part) {
  return describe(part);
}

template <class Model>
struct judged_model : Model {
  using base = Model;
  using state = typename Model::state;
  using response = typename Model::response;
  using result = typename Model::result;

  /// `queued`, now or never: either it waits from here on, or it is decided already, with this outcome.
  struct brief_request {
    typename Model::request asked;
    result outcome;
    friend bool operator==(const brief_request&, const brief_request&) = default;
  };
  /// The first moment of a death: from here on transfers to the task release.
  struct passes_away {
    model::task_number task;
    friend bool operator==(const passes_away&, const passes_away&) = default;
  };
  /// The dead task gives back the permit of this call, if it is its owner.
  struct gives_up {
    model::task_number task;
    model::call_number call;
    friend bool operator==(const gives_up&, const gives_up&) = default;
  };
  using command = std::variant<typename Model::command, brief_request, passes_away, gives_up>;

  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    if (const auto* plain = std::get_if<typename Model::command>(&what)) return Model::step(before, *plain, emit);
    std::visit([&](const auto& own) { take(before, own, emit); }, what);
  }

  [[nodiscard]] std::string describe(const command& what) const {
    if (const auto* plain = std::get_if<typename Model::command>(&what)) return words_of(*plain);
    if (const auto* brief = std::get_if<brief_request>(&what)) {
      return words_of(typename Model::command{brief->asked}) + " (briefly)";
    }
    if (const auto* death = std::get_if<passes_away>(&what)) {
      return "task " + std::to_string(death->task) + " passes away";
    }
    const auto& loss = std::get<gives_up>(what);
    return "dead task " + std::to_string(loss.task) + " gives back permit #" + std::to_string(loss.call);
  }
  [[nodiscard]] std::string describe(const response& said) const { return words_of(said); }
  [[nodiscard]] std::string describe(const state& s) const { return words_of(s); }

 private:
  template <class Emit>
  static void take(const state&, const typename Model::command&, Emit&&) {}

  template <class Emit>
  void take(const state& before, const brief_request& brief, Emit&& emit) const {
    Model::step(before, typename Model::command{brief.asked}, [&](const response& said, const state& queued) {
      if (said.what != result::queued) return;
      emit(said, queued);
      state decided = before;
      decided.unheard.put(brief.asked.call, {brief.asked.task, brief.outcome, brief.asked.waits});
      emit(said, std::as_const(decided));
    });
  }

  template <class Emit>
  void take(const state& before, const passes_away& death, Emit&& emit) const {
    state after = before;
    after.dead.put(death.task, {});
    emit(response{result::done}, std::as_const(after));
  }

  template <class Emit>
  void take(const state& before, const gives_up& loss, Emit&& emit) const {
    if (!before.dead.contains(loss.task)) return;
    if (!owns(before, loss)) return emit(response{result::done}, before);
    state after = before;
    if (Model::carry_out(after, typename Model::release{loss.call})) emit(response{result::done}, std::as_const(after));
  }

  static bool owns(const state& s, const gives_up& loss) {
    if constexpr (requires { s.permits; }) {
      const auto* held = s.permits.find(loss.call);
      return held != nullptr && held->owner == loss.task;
    } else {
      return s.holder && s.holder->generation == loss.call && s.holder->owner == loss.task;
    }
  }
};

}  // namespace wavetank::props
