// A semaphore's model with the one word that a harness needs beyond it: a call that failed before anybody saw it wait.
//
// A blocking call that ended in `timed_out` or `cancelled` without having been parked either failed at once, as one
// attempt does, or stood in the queue for a moment: an observer can tell neither from the other, so both are allowed.
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
  using command = std::variant<typename Model::command, brief_request>;

  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    if (const auto* plain = std::get_if<typename Model::command>(&what)) return Model::step(before, *plain, emit);
    const auto& brief = std::get<brief_request>(what);
    Model::step(before, typename Model::command{brief.asked}, [&](const response& said, const state& queued) {
      if (said.what != result::queued) return;
      emit(said, queued);
      state decided = before;
      decided.unheard.put(brief.asked.call, {brief.asked.task, brief.outcome, brief.asked.waits});
      emit(said, std::as_const(decided));
    });
  }

  [[nodiscard]] std::string describe(const command& what) const {
    if (const auto* plain = std::get_if<typename Model::command>(&what)) return model::describe(*plain);
    return model::describe(typename Model::command{std::get<brief_request>(what).asked}) + " (briefly)";
  }
  [[nodiscard]] std::string describe(const response& said) const { return model::describe(said); }
  [[nodiscard]] std::string describe(const state& s) const { return model::describe(s); }
};

}  // namespace wavetank::props
