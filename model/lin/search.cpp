#include <wavetank/model/lin/search.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include <wavetank/model/lin/configurations.h>

namespace wavetank::lin {
namespace {

const auto nobody = [](std::uint32_t) {};

// The ids of the choices with, between them, the observers that settled.
template <class Mask>
std::vector<op_id> order_of(const window<Mask>& masks, transitions& table, const std::vector<choice>& choices) {
  std::vector<op_id> order;
  const timeline& line = masks.line();
  const auto note = [&](std::uint32_t op) { order.push_back(line.ops()[op].id); };
  configuration<Mask> at{0, transitions::initial, Mask(line.width())};
  masks.settle(at, table, true, note);
  for (const choice& chosen : choices) masks.follow(at, chosen, table, note);
  return order;
}

template <class Mask>
class depth_first_search final : public search {
 public:
  depth_first_search(const timeline& line, transitions& table, candidate_order order)
      : masks_(line), table_(table), order_(order), visited_(masks_) {}

  search_status run(std::uint64_t budget) override {
    const std::uint64_t stop = budget > ~configurations_ ? ~std::uint64_t{0} : configurations_ + budget;
    if (!started_) start();
    while (status_ == search_status::running && configurations_ < stop) step();
    return status_;
  }

  std::uint64_t configurations() const noexcept override { return configurations_; }
  std::uint64_t bytes() const noexcept override {
    return masks_.bytes() + visited_.bytes() + frames_.capacity() * sizeof(frame) +
           choices_.capacity() * sizeof(choice) + (path_.capacity() + best_path_.capacity()) * sizeof(choice);
  }
  std::uint32_t deepest() const noexcept override { return deepest_; }
  std::vector<op_id> order() const override { return order_of(masks_, table_, best_path_); }

 private:
  // A configuration whose choices are being tried: those from `first_choice` on, last first.
  struct frame {
    configuration<Mask> at;
    std::size_t first_choice;
  };

  void start() {
    started_ = true;
    configuration<Mask> root{0, transitions::initial, Mask(masks_.line().width())};
    masks_.settle(root, table_, true, nobody);
    arrive(std::move(root));
  }

  void step() {
    if (frames_.empty()) {
      status_ = search_status::exhausted;
      return;
    }
    const frame& top = frames_.back();
    if (choices_.size() == top.first_choice) {
      frames_.pop_back();
      if (!path_.empty()) path_.pop_back();
      shared_ = std::min(shared_, path_.size());
      return;
    }
    const choice chosen = choices_.back();
    choices_.pop_back();
    configuration<Mask> next = top.at;
    masks_.follow(next, chosen, table_, nobody);
    path_.push_back(chosen);
    if (!arrive(std::move(next))) {
      path_.pop_back();
      shared_ = std::min(shared_, path_.size());
    }
  }

  // Opens a frame for a settled configuration; false if it needs none.
  bool arrive(configuration<Mask> at) {
    if (at.step > deepest_ || configurations_ == 0) remember(at.step);
    if (at.step == masks_.line().steps()) {
      status_ = search_status::found;
      return true;
    }
    if (table_.looks_ahead() && masks_.hopeless(at, table_)) return false;
    if (!visited_.insert(at)) return false;
    ++configurations_;
    const std::size_t first = choices_.size();
    masks_.choices(at, table_, order_, choices_);
    std::reverse(choices_.begin() + static_cast<std::ptrdiff_t>(first), choices_.end());
    frames_.push_back({std::move(at), first});
    return true;
  }

  // Keeps the path to the deepest step so far; what it shares with the last one kept is not copied again.
  void remember(std::uint32_t step) {
    deepest_ = step;
    best_path_.resize(shared_);
    best_path_.insert(best_path_.end(), path_.begin() + static_cast<std::ptrdiff_t>(shared_), path_.end());
    shared_ = path_.size();
  }

  window<Mask> masks_;
  transitions& table_;
  candidate_order order_;
  visited_set<Mask> visited_;
  std::vector<frame> frames_;
  std::vector<choice> choices_;
  std::vector<choice> path_;
  std::vector<choice> best_path_;
  std::size_t shared_ = 0;  ///< `path_` and `best_path_` are equal up to here
  std::uint64_t configurations_ = 0;
  std::uint32_t deepest_ = 0;
  search_status status_ = search_status::running;
  bool started_ = false;
};

template <class Mask>
class breadth_first_search final : public layered_search {
 public:
  breadth_first_search(const timeline& line, transitions& table)
      : masks_(line), table_(table), seen_(masks_), mask_bytes_(Mask(line.width()).heap_bytes()) {
    configuration<Mask> root{0, transitions::initial, Mask(line.width())};
    masks_.settle(root, table_, true, nobody);
    if (root.step == line.steps())
      found();
    else
      layers_[root.step].push_back(std::move(root));
  }

  search_status run(std::uint64_t budget) override {
    const std::uint64_t stop = budget > ~configurations_ ? ~std::uint64_t{0} : configurations_ + budget;
    while (status_ == search_status::running && configurations_ < stop) step();
    return status_;
  }

  std::uint64_t configurations() const noexcept override { return configurations_; }
  std::uint64_t bytes() const noexcept override {
    return masks_.bytes() + seen_.bytes() + waiting_ * (sizeof(configuration<Mask>) + mask_bytes_);
  }
  std::uint32_t deepest() const noexcept override { return deepest_; }
  std::vector<op_id> order() const override { return {}; }

  std::vector<reached> layer() const override {
    std::vector<reached> all;
    const timeline& line = masks_.line();
    if (deepest_ == line.steps()) return all;
    const std::vector<std::uint32_t> open = line.open_at(deepest_);
    seen_.for_each([&](const configuration<Mask>& at) {
      reached one{at.state, {}};
      for (const std::uint32_t op : open)
        if (at.done.test(line.slot(op))) one.open_and_done.push_back(line.ops()[op].id);
      all.push_back(std::move(one));
    });
    std::sort(all.begin(), all.end(), [](const reached& a, const reached& b) {
      return a.state != b.state ? a.state < b.state : a.open_and_done < b.open_and_done;
    });
    return all;
  }

 private:
  void found() {
    deepest_ = masks_.line().steps();
    status_ = search_status::found;
  }

  void step() {
    if (layers_.empty()) {
      status_ = search_status::exhausted;
      return;
    }
    const auto first = layers_.begin();
    if (first->first != deepest_ || configurations_ == 0) {
      deepest_ = first->first;
      seen_.clear();
    }
    // First in, first out: what spent fewer optional operations comes before what it dominates.
    configuration<Mask> at = std::move(first->second.front());
    first->second.pop_front();
    --waiting_;
    expand(at);
    if (first->second.empty()) layers_.erase(first);
  }

  void expand(const configuration<Mask>& at) {
    if (!seen_.insert(at)) return;
    ++configurations_;
    choices_.clear();
    masks_.choices(at, table_, candidate_order::by_return, choices_);
    for (const choice& chosen : choices_) {
      configuration<Mask> next = at;
      masks_.follow(next, chosen, table_, nobody);
      if (next.step == masks_.line().steps()) return found();
      layers_[next.step].push_back(std::move(next));
      ++waiting_;
    }
  }

  window<Mask> masks_;
  transitions& table_;
  visited_set<Mask> seen_;  ///< of the current layer
  std::uint64_t mask_bytes_;
  std::map<std::uint32_t, std::deque<configuration<Mask>>> layers_;  ///< by step, waiting to be expanded
  std::uint64_t waiting_ = 1;
  std::vector<choice> choices_;
  std::uint64_t configurations_ = 0;
  std::uint32_t deepest_ = 0;
  search_status status_ = search_status::running;
};

}  // namespace

std::unique_ptr<search> depth_first(const timeline& line, transitions& table, candidate_order order) {
  if (line.width() <= 64) return std::make_unique<depth_first_search<narrow_mask<1>>>(line, table, order);
  if (line.width() <= 128) return std::make_unique<depth_first_search<narrow_mask<2>>>(line, table, order);
  return std::make_unique<depth_first_search<wide_mask>>(line, table, order);
}

std::unique_ptr<layered_search> breadth_first(const timeline& line, transitions& table) {
  if (line.width() <= 64) return std::make_unique<breadth_first_search<narrow_mask<1>>>(line, table);
  if (line.width() <= 128) return std::make_unique<breadth_first_search<narrow_mask<2>>>(line, table);
  return std::make_unique<breadth_first_search<wide_mask>>(line, table);
}

}  // namespace wavetank::lin
