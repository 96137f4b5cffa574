#include <wavetank/model/lin/explain.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <wavetank/model/lin/program_order.h>
#include <wavetank/model/lin/search.h>
#include <wavetank/model/lin/timeline.h>

namespace wavetank::lin {
namespace {

enum class answer_to_question : std::uint8_t { legal, illegal, unanswered };

answer_to_question ask(const std::vector<search_op>& ops, transitions& table, std::uint64_t budget) {
  const timeline line(ops);
  const auto answer = [](search_status status) {
    return status == search_status::running ? answer_to_question::unanswered
           : status == search_status::found ? answer_to_question::legal
                                            : answer_to_question::illegal;
  };
  // A legal relaxation is mostly found at once; of an illegal one, with much that is optional, layers see least.
  const auto quick = depth_first(line, table, candidate_order::by_return);
  const auto first = answer(quick->run(budget / 16));
  if (first != answer_to_question::unanswered) return first;
  const auto second = answer(breadth_first(line, table)->run(budget / 2));
  return second != answer_to_question::unanswered ? second : answer(quick->run(budget / 2));
}

// The part of a subject up to the failing return. What had not returned by then is optional.
class failing_prefix {
 public:
  failing_prefix(const subject& what, op_id stopped_at) {
    const timeline line(what.ops);
    std::uint32_t stop = 0;
    while (line.ops()[line.at(stop).op].id != stopped_at || !line.at(stop).required) ++stop;
    std::map<op_id, std::size_t> place;
    for (std::size_t i = 0; i < what.ops.size(); ++i) place[what.ops[i].id] = i;
    std::set<op_id> ended;
    for (std::uint32_t k = 0; k <= stop; ++k) ended.insert(line.ops()[line.at(k).op].id);
    for (std::uint32_t k = 0; k <= stop; ++k)
      for (const std::uint32_t op : line.called_before(k)) {
        search_op it = line.ops()[op];
        if (ended.count(it.id) == 0) {
          it.required = false;
          it.deadline = ending::never;
        }
        ops_.push_back(it);
        relaxed_.push_back(what.relaxed[place.at(it.id)]);
      }
    for (std::size_t i = 0; i < ops_.size(); ++i)
      if (ops_[i].id == stopped_at) failing_ = i;
  }

  [[nodiscard]] const std::vector<search_op>& ops() const { return ops_; }
  [[nodiscard]] std::size_t failing() const { return failing_; }
  [[nodiscard]] label_id relaxed_label(std::size_t i) const { return relaxed_[i].label; }

  [[nodiscard]] std::vector<search_op> with_relaxed(const std::vector<bool>& relax) const {
    std::vector<search_op> some = ops_;
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (!relax[i]) continue;
      some[i].required = false;
      some[i].deadline = ending::never;
      some[i].label = relaxed_[i].label;
      some[i].observer = relaxed_[i].observer;
    }
    return some;
  }

 private:
  std::vector<search_op> ops_;
  std::vector<subject::relaxation> relaxed_;
  std::size_t failing_ = 0;
};

// Relaxes as much as the contradiction bears: large blocks first, then smaller ones down to single operations. What
// bears no relaxation once bears none later (relaxing only allows more), so one pass over the single ones suffices.
class core_finder {
 public:
  core_finder(const failing_prefix& prefix, transitions& table, std::uint64_t budget)
      : prefix_(prefix), table_(table), budget_(budget), relax_(prefix.ops().size(), false) {
    for (std::size_t i = 0; i < relax_.size(); ++i) {
      // What is optional with any answer is relaxed as it stands.
      const search_op& op = prefix.ops()[i];
      const bool says_something = op.required || op.label != prefix.relaxed_label(i);
      if (i != prefix.failing() && says_something) left_.push_back(i);
    }
  }

  void run() {
    for (std::size_t block = std::max<std::size_t>(left_.size() / 2, 1);; block /= 2) {
      pass(block);
      if (block == 1) break;
    }
  }

  [[nodiscard]] bool minimal() const { return minimal_; }
  [[nodiscard]] const std::vector<std::size_t>& left() const { return left_; }

 private:
  void pass(std::size_t block) {
    std::vector<std::size_t> kept;
    for (std::size_t begin = 0; begin < left_.size(); begin += block) {
      const std::size_t end = std::min(begin + block, left_.size());
      std::vector<bool> more = relax_;
      for (std::size_t i = begin; i < end; ++i) more[left_[i]] = true;
      const answer_to_question answer = ask(prefix_.with_relaxed(more), table_, budget_);
      if (answer == answer_to_question::illegal) {
        relax_ = std::move(more);
        continue;
      }
      if (block == 1 && answer == answer_to_question::unanswered) minimal_ = false;
      for (std::size_t i = begin; i < end; ++i) kept.push_back(left_[i]);
    }
    left_ = std::move(kept);
  }

  const failing_prefix& prefix_;
  transitions& table_;
  std::uint64_t budget_;
  std::vector<bool> relax_;
  std::vector<std::size_t> left_;
  bool minimal_ = true;
};

void find_core(const failing_prefix& prefix, transitions& table, const explain_limits& limits, explanation& why) {
  core_finder finder(prefix, table, limits.configurations_a_question);
  finder.run();
  std::vector<std::size_t> places = finder.left();
  places.push_back(prefix.failing());
  std::sort(places.begin(), places.end());
  for (const std::size_t i : places) why.core.push_back(prefix.ops()[i].id);
  why.core_is_minimal = finder.minimal();
}

// Every state in which the failing return can be met, with the refusals of the operations that are still open.
void find_states(const failing_prefix& prefix, transitions& table, const explain_limits& limits, explanation& why) {
  const timeline line(prefix.ops());
  const auto search = breadth_first(line, table);
  why.states_are_all = search->run(limits.configurations_for_states) == search_status::exhausted;
  if (!why.states_are_all) return;
  std::map<state_id, std::set<op_id>> done_in;  // operations that have gone in every configuration with that state
  for (const reached& one : search->layer()) {
    const std::set<op_id> done(one.open_and_done.begin(), one.open_and_done.end());
    const auto [at, is_new] = done_in.emplace(one.state, done);
    if (!is_new) std::erase_if(at->second, [&](op_id id) { return done.count(id) == 0; });
  }
  std::map<op_id, label_id> open;
  for (const std::uint32_t op : line.open_at(search->deepest()))
    if (line.ops()[op].id != why.stopped_at) open[line.ops()[op].id] = line.ops()[op].label;
  const label_id failing = prefix.ops()[prefix.failing()].label;
  for (const auto& [state, done] : done_in) {
    explanation::surviving_state shown{table.describe_state(state), {}};
    if (!table.legal(state, failing)) shown.refusals.push_back({why.stopped_at, table.allowed_answers(state, failing)});
    for (const auto& [id, label] : open)
      if (done.count(id) == 0 && !table.legal(state, label))
        shown.refusals.push_back({id, table.allowed_answers(state, label)});
    why.states.push_back(std::move(shown));
  }
}

// Looks for two operations of the core whose order in real time is what fails.
void find_pair(const subject& what, const explain_limits& limits, explanation& why) {
  std::vector<const search_op*> core;
  for (const op_id id : why.core)
    for (const search_op& op : what.ops)
      if (op.id == id && op.deadline == ending::at && op.end != end_of_time) core.push_back(&op);
  std::size_t tried = 0;
  for (const search_op* before : core)
    for (const search_op* after : core) {
      if (after->call <= before->end || tried == limits.most_pairs) continue;
      ++tried;
      std::vector<search_op> ops = what.ops;
      for (search_op& op : ops)
        if (op.id == before->id) op.end = after->call;
      if (ask(ops, *what.table, limits.configurations_a_question) != answer_to_question::legal) continue;
      why.but_for = explanation::pair{before->id, after->id};
      return;
    }
}

// The first return that no order passes. The search that gave the verdict may have looked ahead and turned back before
// it; this one does not. Where it takes too long the last return stands in: no order passes that one either.
void find_stop(subject& what, const explain_limits& limits, explanation& why) {
  const timeline line(what.ops);
  std::uint32_t stop = line.steps() - 1;
  const auto by_return = depth_first(line, *what.table, candidate_order::by_return);
  const auto by_layer = breadth_first(line, *what.table);
  const auto ended = [&](search& one, std::uint64_t budget) {
    if (one.run(budget) != search_status::exhausted) return false;
    stop = one.deepest();
    return true;
  };
  const std::uint64_t budget = limits.configurations_for_states;
  if (ended(*by_return, budget / 8) || ended(*by_layer, budget / 2) || ended(*by_return, budget / 2)) {
    std::vector<op_id> order = by_return->order();
    if (by_return->deepest() == stop) why.order = std::move(order);
  }
  why.stopped_at = line.ops()[line.at(stop).op].id;
  why.stopped_when = line.ops()[line.at(stop).op].end;
}

}  // namespace

explanation explain_subject(subject& what, const partition_report& report, const explain_limits& limits) {
  explanation why;
  why.key = what.key;
  why.order = report.order;
  find_stop(what, limits, why);

  const failing_prefix prefix(what, why.stopped_at);
  why.prefix_operations = prefix.ops().size();
  const std::set<op_id> placed(why.order.begin(), why.order.end());
  why.not_placed.push_back(why.stopped_at);
  for (const search_op& op : prefix.ops())
    if (!op.required && op.deadline == ending::never && placed.count(op.id) == 0) why.not_placed.push_back(op.id);

  find_core(prefix, *what.table, limits, why);
  find_states(prefix, *what.table, limits, why);
  find_pair(what, limits, why);
  why.sequentially_consistent = in_program_order(what, limits.configurations_a_question);
  return why;
}

}  // namespace wavetank::lin
