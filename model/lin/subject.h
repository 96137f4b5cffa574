// From a history of a model to what the search takes: intervals and labels, one subject for each partition.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/lin/history.h>
#include <wavetank/model/lin/transition_table.h>
#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

/// One partition, ready to be searched. Ids past the history's operations are its crash marks, in the order in which
/// they were recorded, and then the look at the final state that stuck operations ask for.
struct subject {
  std::string key;
  std::vector<search_op> ops;
  std::unique_ptr<transitions> table;

  /// The same command with no recorded answer, for explanations (empty unless asked for).
  struct relaxation {
    label_id label;
    bool observer;
  };
  std::vector<relaxation> relaxed;
  std::vector<std::int64_t> clients;
};

/// The deadlines of pending operations under a criterion.
class crash_deadlines {
 public:
  template <class History>
  crash_deadlines(const History& what, criterion meaning) : meaning_(meaning), crashes_(what.crashes()) {
    std::sort(crashes_.begin(), crashes_.end());
    if (meaning != criterion::recoverable || crashes_.empty()) return;
    for (const auto& op : what.operations()) calls_[op.client].push_back(op.call);
    for (auto& [client, calls] : calls_) std::sort(calls.begin(), calls.end());
  }

  /// Fills in by when a pending operation of `client` has taken effect if it ever does.
  void apply(search_op& op, std::int64_t client) const {
    op.deadline = ending::never;
    const auto crash = std::upper_bound(crashes_.begin(), crashes_.end(), op.call);
    if (crash == crashes_.end() || meaning_ == criterion::durable) return;
    instant end = *crash;
    if (meaning_ == criterion::recoverable) {
      const std::vector<instant>& calls = calls_.at(client);
      const auto next = std::upper_bound(calls.begin(), calls.end(), *crash);
      if (next == calls.end()) return;
      end = *next;
    }
    op.deadline = ending::before;
    op.end = end;
  }

 private:
  criterion meaning_;
  std::vector<instant> crashes_;
  std::map<std::int64_t, std::vector<instant>> calls_;
};

/// Builds the subjects of one history. `Model` and history must outlive what it builds.
template <model::state_machine Model>
class subject_builder {
 public:
  subject_builder(const Model& model, const history<Model>& what, const options& how)
      : model_(model), what_(what), how_(how), deadlines_(what, how.crash_means) {
    if (const auto wrong = what.malformed())
      throw std::invalid_argument("lin::check: " +
                                  (wrong->where == no_op ? "crash " + std::to_string(wrong->crash)
                                                         : "operation " + std::to_string(wrong->where)) +
                                  " " + wrong->what);
  }

  /// In the order of the keys.
  [[nodiscard]] std::vector<subject> build(bool with_relaxations) const {
    std::vector<subject> subjects;
    const auto& ops = what_.operations();
    if constexpr (partitioned<Model>) {
      using key = std::remove_cvref_t<decltype(model_.partition(ops.front().request))>;
      std::map<key, std::vector<op_id>> groups;
      for (op_id id = 0; id < ops.size(); ++id) groups[model_.partition(ops[id].request)].push_back(id);
      for (const auto& [name, ids] : groups)
        subjects.push_back(one(words_for(model_, name, key_words(name)), ids, with_relaxations));
    } else {
      std::vector<op_id> ids(ops.size());
      for (op_id id = 0; id < ops.size(); ++id) ids[id] = id;
      subjects.push_back(one("", ids, with_relaxations));
    }
    return subjects;
  }

 private:
  static std::string key_words(const std::string& key) { return key; }
  template <class Key>
  static std::string key_words(const Key& key) {
    if constexpr (std::integral<Key>)
      return std::to_string(key);
    else
      return "?";
  }

  subject one(std::string key, const std::vector<op_id>& ids, bool with_relaxations) const {
    auto table = std::make_unique<transition_table<Model>>(model_, how_.check_claims);
    subject it;
    it.key = std::move(key);
    it.ops.reserve(ids.size() + what_.crashes().size());
    std::vector<typename Model::command> stuck;
    for (const op_id id : ids) {
      const auto& op = what_.operations()[id];
      if (op.stuck)
        stuck.push_back(op.request);
      else
        add_operation(it, *table, id, with_relaxations);
    }
    if constexpr (changed_by_crashes<Model>) add_crashes(it, *table, with_relaxations);
    if (!stuck.empty()) {
      const label_id label = table->add_all_disabled(std::move(stuck));
      add_mark(it, id_after_all(), end_of_time, label, true, with_relaxations);
    }
    if constexpr (foresees<Model>)
      // Explanations ask about histories of which this one is a part: what it does not ask for, those may.
      if (!with_relaxations) table->look_ahead(calls_of(ids));
    it.table = std::move(table);
    return it;
  }

  std::vector<foreseen_call<Model>> calls_of(const std::vector<op_id>& ids) const {
    std::vector<foreseen_call<Model>> calls;
    for (const op_id id : ids) {
      const auto& op = what_.operations()[id];
      calls.push_back({op.request, op.returned ? op.answer : std::nullopt, op.call, op.returned});
    }
    return calls;
  }

  void add_operation(subject& it, transition_table<Model>& table, op_id id, bool with_relaxations) const {
    const auto& op = what_.operations()[id];
    search_op made;
    made.id = id;
    made.call = op.call;
    made.label = table.add(op.request, op.returned ? op.answer : std::nullopt);
    made.observer = table.observer(made.label);
    made.required = op.returned.has_value();
    if (op.returned) {
      made.end = *op.returned;
      made.deadline = ending::at;
    } else {
      deadlines_.apply(made, op.client);
    }
    if constexpr (foresees<Model>) {
      made.demands = model_.demands(op.request, op.returned ? op.answer : std::nullopt);
      made.renews = model_.renews(op.request);
    }
    it.ops.push_back(made);
    if (!with_relaxations) return;
    const label_id any = table.add(op.request, std::nullopt);
    it.relaxed.push_back({any, table.observer(any)});
    it.clients.push_back(op.client);
  }

  void add_crashes(subject& it, transition_table<Model>& table, bool with_relaxations) const {
    if (what_.crashes().empty()) return;
    const label_id label = table.add_crash();
    for (std::size_t i = 0; i < what_.crashes().size(); ++i)
      add_mark(it, static_cast<op_id>(what_.operations().size() + i), what_.crashes()[i], label, false,
               with_relaxations);
  }

  static void add_mark(subject& it, op_id id, instant when, label_id label, bool observer, bool with_relaxations) {
    it.ops.push_back({id, label, when, when, ending::at, true, observer, false, false});
    if (!with_relaxations) return;
    it.relaxed.push_back({label, observer});
    it.clients.push_back(-1);
  }

  op_id id_after_all() const { return static_cast<op_id>(what_.operations().size() + what_.crashes().size()); }

  const Model& model_;
  const history<Model>& what_;
  const options& how_;
  crash_deadlines deadlines_;
};

}  // namespace wavetank::lin
