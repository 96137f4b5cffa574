#include <wavetank/model/lin/portfolio.h>

#include <algorithm>
#include <memory>

#include <wavetank/model/lin/search.h>

namespace wavetank::lin {
namespace {

// How often memory and time are looked at.
constexpr std::uint64_t configurations_between_checks = 1024;
// Most histories are decided in the first slice of the first order.
constexpr std::uint64_t first_slice = 8192;
constexpr std::uint64_t first_round = 2048;

// One partition and its searches.
class contest {
 public:
  contest(subject& what, const options& how) : what_(what), how_(how), line_(what.ops) {
    switch (how.search) {
      case strategy::breadth_first:
        widen();
        break;
      case strategy::depth_first_by_call:
        searches_.push_back(depth_first(line_, *what.table, candidate_order::by_call));
        break;
      default:
        searches_.push_back(depth_first(line_, *what.table, candidate_order::by_return));
    }
  }

  // Goes on for about so many configurations, in one slice of one search.
  void run(std::uint64_t budget) {
    const std::uint64_t before = searches_[turn_]->configurations();
    const search_status status = searches_[turn_]->run(std::min(budget, slice_left_));
    const std::uint64_t used = searches_[turn_]->configurations() - before;
    configurations_ += used;
    slice_left_ -= std::min(used, slice_left_);
    if (status != search_status::running) {
      result_ = status == search_status::found ? outcome::linearizable : outcome::not_linearizable;
      keep(*searches_[turn_]);
      return;
    }
    if (slice_left_ == 0) next_slice();
  }

  // Makes do with less memory; false if nothing is left to give up.
  bool shrink() {
    for (const auto& one : searches_) keep(*one);
    if (how_.search != strategy::alternate || widened_) return false;
    turn_ = 0;
    if (searches_.size() > 1) {
      searches_.resize(1);
    } else {
      searches_.clear();
      widen();
    }
    frozen_ = true;
    slice_left_ = ~std::uint64_t{0};
    return true;
  }

  // Frees the searches and, when the partition is decided, the states.
  void finish() {
    for (const auto& one : searches_) keep(*one);
    searches_.clear();
    done_ = true;
  }

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] bool decided() const { return result_ != outcome::undecided; }
  [[nodiscard]] outcome result() const { return result_; }
  [[nodiscard]] std::uint64_t configurations() const { return configurations_; }
  [[nodiscard]] std::uint64_t bytes() const {
    std::uint64_t sum = line_.bytes() + what_.table->bytes();
    for (const auto& one : searches_) sum += one->bytes();
    return sum;
  }

  [[nodiscard]] partition_report report() const {
    partition_report it;
    it.key = what_.key;
    it.result = result_;
    it.order = best_order_;
    if (result_ != outcome::linearizable && best_step_ < line_.steps()) {
      const search_op& op = line_.ops()[line_.at(best_step_).op];
      it.stopped_at = op.id;
      it.stopped_when = op.end;
    }
    return it;
  }

 private:
  void widen() {
    searches_.push_back(breadth_first(line_, *what_.table));
    widened_ = true;
  }

  void next_slice() {
    if (how_.search != strategy::alternate || frozen_) {
      slice_left_ = ~std::uint64_t{0};
      return;
    }
    if (searches_.size() == 1) {
      searches_.push_back(depth_first(line_, *what_.table, candidate_order::by_call));
      if (line_.has_optional()) searches_.push_back(breadth_first(line_, *what_.table));
    }
    turn_ = (turn_ + 1) % searches_.size();
    if (turn_ == 0) slice_ *= 2;
    slice_left_ = slice_;
  }

  void keep(const search& one) {
    if (one.deepest() < best_step_) return;
    std::vector<op_id> order = one.order();
    // The breadth-first search keeps no orders: the longest of the others stays, unless it would pass for a proof.
    if (!order.empty() || result_ == outcome::linearizable) best_order_ = std::move(order);
    best_step_ = one.deepest();
  }

  subject& what_;
  const options& how_;
  timeline line_;
  std::vector<std::unique_ptr<search>> searches_;
  std::size_t turn_ = 0;
  std::uint64_t slice_ = first_slice;
  std::uint64_t slice_left_ = first_slice;
  bool widened_ = false;
  bool frozen_ = false;
  bool done_ = false;
  outcome result_ = outcome::undecided;
  std::uint64_t configurations_ = 0;
  std::uint32_t best_step_ = 0;
  std::vector<op_id> best_order_;
};

// Runs the contests in turns until all are decided, one fails, or a limit is reached.
class tournament {
 public:
  tournament(std::vector<subject>& subjects, const options& how) : how_(how) {
    for (subject& one : subjects) contests_.push_back(std::make_unique<contest>(one, how));
    held_.assign(contests_.size(), 0);
    for (std::size_t i = 0; i < contests_.size(); ++i) account(i);
  }

  verdict run() {
    std::uint64_t budget = first_round;
    while (!over_) {
      bool all_done = true;
      for (std::size_t i = 0; i < contests_.size() && !over_; ++i) {
        if (contests_[i]->done()) continue;
        give_turn(i, budget);
        all_done = all_done && contests_[i]->done();
      }
      if (all_done) break;
      budget *= 2;
    }
    return conclude();
  }

 private:
  void give_turn(std::size_t i, std::uint64_t budget) {
    contest& one = *contests_[i];
    const std::uint64_t end = one.configurations() + budget;
    while (!over_ && !one.done() && one.configurations() < end) {
      if (bytes_ > how_.limit_bytes && !make_room(i)) return;
      const std::uint64_t left = how_.limit_configurations - std::min(how_.limit_configurations, configurations_);
      if (left == 0) return stop(limit_reached::configurations);
      if (how_.out_of_time && how_.out_of_time()) return stop(limit_reached::time);
      const std::uint64_t before = one.configurations();
      one.run(std::min({left, end - before, configurations_between_checks}));
      configurations_ += one.configurations() - before;
      account(i);
      if (!one.decided()) continue;
      one.finish();
      account(i);
      if (one.result() == outcome::not_linearizable) over_ = true;
    }
  }

  // False if this contest had to be given up.
  bool make_room(std::size_t i) {
    while (bytes_ > how_.limit_bytes) {
      if (!contests_[i]->shrink()) {
        limit_ = limit_reached::memory;
        contests_[i]->finish();
        account(i);
        return false;
      }
      account(i);
    }
    return true;
  }

  void account(std::size_t i) {
    bytes_ -= held_[i];
    held_[i] = contests_[i]->bytes();
    bytes_ += held_[i];
    most_bytes_ = std::max(most_bytes_, bytes_);
  }

  void stop(limit_reached why) {
    limit_ = why;
    over_ = true;
  }

  verdict conclude() {
    verdict it;
    it.configurations = configurations_;
    it.bytes = most_bytes_;
    it.result = outcome::linearizable;
    for (std::size_t i = 0; i < contests_.size(); ++i) {
      contests_[i]->finish();
      it.partitions.push_back(contests_[i]->report());
      const outcome here = it.partitions.back().result;
      const bool worse = (here == outcome::not_linearizable && it.result != outcome::not_linearizable) ||
                         (here == outcome::undecided && it.result == outcome::linearizable);
      if (!worse) continue;
      it.result = here;
      it.decisive = i;
    }
    if (it.result == outcome::undecided) it.limit = limit_;
    return it;
  }

  const options& how_;
  std::vector<std::unique_ptr<contest>> contests_;
  std::vector<std::uint64_t> held_;
  std::uint64_t bytes_ = 0;
  std::uint64_t most_bytes_ = 0;
  std::uint64_t configurations_ = 0;
  limit_reached limit_ = limit_reached::none;
  bool over_ = false;
};

}  // namespace

verdict decide(std::vector<subject>& subjects, const options& how) { return tournament(subjects, how).run(); }

}  // namespace wavetank::lin
