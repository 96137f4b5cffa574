// The transition table of one model: interned states, labels made of commands and recorded answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <wavetank/model/lin/refinements.h>
#include <wavetank/model/lin/transitions.h>
#include <wavetank/model/state_machine.h>

namespace wavetank::lin {

/// Words for a part of a model, or `otherwise` where the model has none.
template <class Model, class Part>
std::string words_for(const Model& model, const Part& part, const std::string& otherwise) {
  if constexpr (describes<Model, Part>)
    return model.describe(part);
  else
    return otherwise;
}

template <model::state_machine Model>
class transition_table final : public transitions {
 public:
  using state = typename Model::state;
  using command = typename Model::command;
  using response = typename Model::response;

  /// The model must outlive the table. `check_claims`: see `options`.
  transition_table(const Model& model, bool check_claims) : transitions(0), model_(model), check_claims_(check_claims) {
    grow_index(64);
    intern(model_.initial());
  }

  /// The label of a command with a recorded answer (none: any). Equal ones share a label where commands hash.
  label_id add(const command& request, const std::optional<response>& answer) {
    if constexpr (commands_hash<Model>) {
      const std::size_t hash = static_cast<std::size_t>(hash_value(request)) * 2 + (answer ? 1 : 0);
      const auto [from, to] = by_hash_.equal_range(hash);
      for (auto it = from; it != to; ++it) {
        const label_meaning& known = labels_[it->second];
        if (known.requests.front() == request && known.answer == answer) return it->second;
      }
      by_hash_.emplace(hash, static_cast<label_id>(labels_.size()));
    }
    bool observer = false;
    if constexpr (claims_observers<Model>) observer = model_.observes(request, answer);
    return append({label_meaning::kind::call, {request}, answer, observer});
  }

  /// The label of a crash of the whole system.
  label_id add_crash() { return append({label_meaning::kind::crash, {}, std::nullopt, false}); }

  /// The label that is legal where the model has no step for any of these commands.
  label_id add_all_disabled(std::vector<command> requests) {
    return append({label_meaning::kind::all_disabled, std::move(requests), std::nullopt, true});
  }

  /// Lets the model look ahead at all calls of the subject.
  void look_ahead(const std::vector<foreseen_call<Model>>& calls) requires foresees<Model> {
    outlook_ = model_.look_ahead(calls);
    set_looks_ahead();
  }

  [[nodiscard]] bool observer(label_id id) const { return labels_[id].observer; }

  [[nodiscard]] std::string describe_state(state_id id) const override {
    return words_for(model_, states_[id], "state #" + std::to_string(id));
  }

  [[nodiscard]] std::string describe_label(label_id id) const override {
    const label_meaning& it = labels_[id];
    if (it.what == label_meaning::kind::crash) return "crash";
    if (it.what == label_meaning::kind::all_disabled) {
      std::string text = "still blocked at the end:";
      for (const command& request : it.requests) text += " " + words_for(model_, request, "a command") + ",";
      text.pop_back();
      return text;
    }
    std::string request = words_for(model_, it.requests.front(), "command #" + std::to_string(id));
    if (!it.answer) return request;
    const std::string answer = words_for(model_, *it.answer, "its recorded response");
    return answer.empty() ? request : request + " -> " + answer;
  }

  [[nodiscard]] std::vector<std::string> allowed_answers(state_id id, label_id l) const override {
    std::vector<std::string> answers;
    const auto add_answer = [&](std::string text) {
      for (const std::string& known : answers)
        if (known == text) return;
      answers.push_back(std::move(text));
    };
    const label_meaning& it = labels_[l];
    for (const command& request : it.requests) {
      if (it.what == label_meaning::kind::all_disabled) {
        if (enabled(states_[id], request)) add_answer(words_for(model_, request, "a command") + " to go on");
        continue;
      }
      model_.step(states_[id], request, [&](const response& answer, const state&) {
        add_answer(words_for(model_, answer, "another response"));
      });
    }
    return answers;
  }

 private:
  struct label_meaning {
    enum class kind : std::uint8_t { call, crash, all_disabled } what;
    std::vector<command> requests;  ///< one for a call, none for a crash
    std::optional<response> answer;
    bool observer;
  };

  label_id append(label_meaning it) {
    labels_.push_back(std::move(it));
    set_labels(static_cast<std::uint32_t>(labels_.size()));
    return static_cast<label_id>(labels_.size() - 1);
  }

  bool enabled(const state& from, const command& request) const {
    bool any = false;
    model_.step(from, request, [&](const response&, const state&) { any = true; });
    return any;
  }

  void compute(state_id id, label_id l, std::vector<state_id>& next) override {
    const label_meaning& it = labels_[l];
    const state& from = states_[id];  // a deque: interning leaves it in place
    if (it.what == label_meaning::kind::all_disabled) {
      for (const command& request : it.requests)
        if (enabled(from, request)) return;
      next.push_back(id);
      return;
    }
    if (it.what == label_meaning::kind::crash) {
      if constexpr (changed_by_crashes<Model>) model_.crash(from, [&](const state& to) { next.push_back(intern(to)); });
      return;
    }
    step(from, it.requests.front(), it.answer, next);
    if (check_claims_ && it.observer)
      for (const state_id to : next)
        if (to != id)
          throw std::logic_error("lin: the model claims that '" + describe_label(l) +
                                 "' observes, but it leads from '" + describe_state(id) + "' to '" +
                                 describe_state(to) + "': correct its observes()");
  }

  void step(const state& from, const command& request, const std::optional<response>& wanted,
            std::vector<state_id>& next) {
    if constexpr (steps_expecting<Model>) {
      if (wanted) {
        model_.step_expecting(from, request, *wanted, [&](const state& to) { next.push_back(intern(to)); });
        return;
      }
    }
    model_.step(from, request, [&](const response& answer, const state& to) {
      if (!wanted || answer == *wanted) next.push_back(intern(to));
    });
  }

  state_id intern(const state& value) {
    const std::size_t hash = mix(static_cast<std::size_t>(hash_value(value)));
    std::size_t place = hash & (index_.size() - 1);
    for (; index_[place] != no_state; place = (place + 1) & (index_.size() - 1))
      if (hashes_[index_[place]] == hash && states_[index_[place]] == value) return index_[place];
    const state_id id = static_cast<state_id>(states_.size());
    if (id >= most_states) throw std::length_error("lin: more states than can be numbered; lower limit_bytes");
    states_.push_back(value);
    hashes_.push_back(hash);
    if constexpr (counts_bytes<Model>) footprint_ += model_.footprint_bytes(value);
    index_[place] = id;
    if (2 * states_.size() > index_.size()) grow_index(2 * index_.size());
    return id;
  }

  static std::size_t mix(std::size_t hash) {
    std::uint64_t x = hash;
    x = (x ^ (x >> 32)) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::size_t>(x ^ (x >> 29));
  }

  void grow_index(std::size_t size) {
    index_.assign(size, no_state);
    for (state_id id = 0; id < states_.size(); ++id) {
      std::size_t place = hashes_[id] & (size - 1);
      while (index_[place] != no_state) place = (place + 1) & (size - 1);
      index_[place] = id;
    }
  }

  [[nodiscard]] bool is_barren([[maybe_unused]] state_id id) const override {
    if constexpr (foresees<Model>)
      return outlook_ && model_.barren(states_[id], *outlook_);
    else
      return false;
  }

  [[nodiscard]] std::uint64_t state_bytes() const noexcept override {
    return states_.size() * (sizeof(state) + sizeof(std::size_t)) + index_.size() * sizeof(state_id) + footprint_;
  }
  [[nodiscard]] std::uint32_t state_count() const noexcept override {
    return static_cast<std::uint32_t>(states_.size());
  }

  static constexpr state_id no_state = 0xFFFFFFFFU;
  static constexpr state_id most_states = 0x7FFFFFF0U;

  const Model& model_;
  bool check_claims_;
  std::vector<label_meaning> labels_;
  std::unordered_multimap<std::size_t, label_id> by_hash_;  // looked up, never walked
  std::deque<state> states_;
  std::vector<std::size_t> hashes_;
  std::vector<state_id> index_;
  std::uint64_t footprint_ = 0;

  template <class M>
  struct no_outlook {};
  template <class M>
  static auto outlook_type() {
    if constexpr (foresees<M>)
      return std::optional<typename M::outlook>();
    else
      return no_outlook<M>();
  }
  decltype(outlook_type<Model>()) outlook_ = {};
};

}  // namespace wavetank::lin
