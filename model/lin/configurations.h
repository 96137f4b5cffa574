// Configurations of the windowed search: how they settle, what they lead to, which have been seen. For search.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <wavetank/model/lin/mask.h>
#include <wavetank/model/lin/timeline.h>
#include <wavetank/model/lin/transitions.h>
#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

template <class Mask>
struct configuration {
  std::uint32_t step = 0;
  state_id state = transitions::initial;
  Mask done;  ///< slots of open operations that have been linearized
};

/// A way on from a configuration: this operation goes next and leads to that state.
struct choice {
  std::uint32_t op;
  state_id next;
};

/// In place of an operation: the optional operation that expires at the current step never takes effect.
inline constexpr std::uint32_t let_it_expire = 0xFFFFFFFFU;

/// The masks of a timeline, step by step.
template <class Mask>
class window {
 public:
  explicit window(const timeline& line) : line_(line) {
    Mask bound(line.width());
    Mask observers(line.width());
    std::vector<std::uint32_t> open;
    for (std::uint32_t k = 0; k < line.steps(); ++k) {
      new_observers_begin_.push_back(new_observers_.size());
      for (const std::uint32_t op : line.called_before(k)) {
        const search_op& it = line.ops()[op];
        if (it.observer) {
          observers.set(line.slot(op));
          open.push_back(op);
          new_observers_.push_back(op);
        } else if (it.required) {
          bound.set(line.slot(op));
        }
      }
      bound_.push_back(bound);
      observers_.push_back(observers);
      open_observers_begin_.push_back(open_observers_.size());
      open_observers_.insert(open_observers_.end(), open.begin(), open.end());
      bound.reset(line.at(k).slot);
      observers.reset(line.at(k).slot);
      std::erase(open, line.at(k).op);
    }
    new_observers_begin_.push_back(new_observers_.size());
    open_observers_begin_.push_back(open_observers_.size());
    seen_.resize(line.labels(), {0, false});
    look_ahead();
  }

  [[nodiscard]] const timeline& line() const noexcept { return line_; }
  /// Open operations that change states and must happen: these tell configurations apart.
  [[nodiscard]] const Mask& bound(std::uint32_t step) const noexcept { return bound_[step]; }
  [[nodiscard]] const Mask& observers(std::uint32_t step) const noexcept { return observers_[step]; }

  /// Lets every legal observer go and passes every step that is already done. `note(op)` hears of the observers.
  template <class Note>
  void settle(configuration<Mask>& at, transitions& table, bool state_is_new, Note&& note) const {
    if (at.step == line_.steps()) return;
    if (state_is_new) observe(open_observers_, open_observers_begin_, at, table, note);
    while (at.done.test(line_.at(at.step).slot)) {
      pass(at);
      if (at.step == line_.steps()) return;
      observe(new_observers_, new_observers_begin_, at, table, note);
    }
  }

  /// Goes on by a choice and settles. `note(op)` hears of every operation that went, in order.
  template <class Note>
  void follow(configuration<Mask>& at, const choice& chosen, transitions& table, Note&& note) const {
    if (chosen.op == let_it_expire) {
      pass(at);
      if (at.step == line_.steps()) return;
      observe(new_observers_, new_observers_begin_, at, table, note);
      settle(at, table, false, note);
      return;
    }
    note(chosen.op);
    const bool moved = at.state != chosen.next;
    at.done.set(line_.slot(chosen.op));
    at.state = chosen.next;
    if (!line_.at(at.step).required) at.done.set(line_.promise_slot());
    settle(at, table, moved, note);
  }

  /// True if the state can satisfy no demand without a renewal, and the next demand returns before any renewal is
  /// called: nothing can follow. Only for tables that look ahead.
  [[nodiscard]] bool hopeless(const configuration<Mask>& at, transitions& table) const {
    if (!table.barren(at.state)) return false;
    std::uint32_t demand = next_demand_[at.step];
    std::uint32_t renewal = next_renewal_[at.step];
    const auto look = [&](std::uint32_t op) {
      const search_op& it = line_.ops()[op];
      if (at.done.test(line_.slot(op))) return;
      if (it.demands && it.required) demand = std::min(demand, line_.end_step(op));
      if (it.renews) renewal = at.step;
    };
    for (std::size_t i = open_observers_begin_[at.step]; i < open_observers_begin_[at.step + 1]; ++i)
      look(open_observers_[i]);
    for (const std::uint32_t op : line_.ending_at(at.step)) look(op);
    for (const std::uint32_t op : line_.endless_at(at.step)) look(op);
    return demand != out_of_sight && renewal > demand;
  }

  /// Adds the choices of a settled configuration in the order in which they are to be tried.
  void choices(const configuration<Mask>& at, transitions& table, candidate_order order, std::vector<choice>& out) {
    const timeline::step& now = line_.at(at.step);
    if (!now.required && !at.done.test(line_.promise_slot())) out.push_back({let_it_expire, at.state});
    candidates_.clear();
    ++stamp_;
    for (const std::uint32_t op : line_.ending_at(at.step)) consider(op, at);
    for (const std::uint32_t op : line_.endless_at(at.step)) consider(op, at);
    if (order == candidate_order::by_call) std::sort(candidates_.begin(), candidates_.end());
    for (const std::uint32_t op : candidates_) {
      const bool required = line_.ops()[op].required;
      table.each(at.state, line_.ops()[op].label, [&](state_id next) {
        // An optional operation that changes nothing here is better kept.
        if (required || next != at.state) out.push_back({op, next});
      });
    }
  }

  [[nodiscard]] std::uint64_t bytes() const noexcept {
    const std::uint64_t mask = sizeof(Mask) + (bound_.empty() ? 0 : bound_.front().heap_bytes());
    return 2 * bound_.capacity() * mask +
           (open_observers_.capacity() + new_observers_.capacity()) * sizeof(std::uint32_t) +
           (open_observers_begin_.capacity() + new_observers_begin_.capacity()) * sizeof(std::size_t);
  }

 private:
  static constexpr std::uint32_t out_of_sight = 0xFFFFFFFFU;

  // For each step: the first end of a demand that is called after it, the first step that has a renewal called before
  // it.
  void look_ahead() {
    next_demand_.assign(line_.steps() + 1, out_of_sight);
    next_renewal_.assign(line_.steps() + 1, out_of_sight);
    for (std::uint32_t k = line_.steps(); k-- > 0;) {
      next_demand_[k] = next_demand_[k + 1];
      next_renewal_[k] = next_renewal_[k + 1];
      if (k + 1 == line_.steps()) continue;
      for (const std::uint32_t op : line_.called_before(k + 1)) {
        if (line_.ops()[op].renews) next_renewal_[k] = k + 1;
        if (line_.ops()[op].demands && line_.ops()[op].required)
          next_demand_[k] = std::min(next_demand_[k], line_.end_step(op));
      }
    }
  }

  void pass(configuration<Mask>& at) const {
    const timeline::step& now = line_.at(at.step);
    at.done.reset(now.slot);
    if (!now.required) at.done.reset(line_.promise_slot());
    ++at.step;
  }

  template <class Note>
  void observe(const std::vector<std::uint32_t>& observers, const std::vector<std::size_t>& begin,
               configuration<Mask>& at, transitions& table, Note&& note) const {
    for (std::size_t i = begin[at.step]; i < begin[at.step + 1]; ++i) {
      const std::uint32_t op = observers[i];
      const std::uint32_t slot = line_.slot(op);
      if (at.done.test(slot) || !table.legal(at.state, line_.ops()[op].label)) continue;
      at.done.set(slot);
      note(op);
    }
  }

  void consider(std::uint32_t op, const configuration<Mask>& at) {
    if (at.done.test(line_.slot(op))) return;
    const search_op& it = line_.ops()[op];
    seen& same = seen_[it.label];
    if (same.stamp == stamp_ && (same.required || !it.required)) return;
    same = {stamp_, it.required};
    candidates_.push_back(op);
  }

  const timeline& line_;
  std::vector<Mask> bound_;
  std::vector<Mask> observers_;
  // Concatenated lists, one for each step, with where each begins.
  std::vector<std::uint32_t> open_observers_;
  std::vector<std::size_t> open_observers_begin_;
  std::vector<std::uint32_t> new_observers_;
  std::vector<std::size_t> new_observers_begin_;
  std::vector<std::uint32_t> next_demand_;
  std::vector<std::uint32_t> next_renewal_;
  struct seen {
    std::uint64_t stamp;
    bool required;
  };
  std::vector<seen> seen_;  ///< by label: an operation of this label that stands for those after it
  std::uint64_t stamp_ = 0;
  std::vector<std::uint32_t> candidates_;
};

/// The configurations that were seen, without those that another dominates.
template <class Mask>
class visited_set {
 public:
  explicit visited_set(const window<Mask>& masks)
      : masks_(masks), places_(first_size, configuration<Mask>{vacant, 0, Mask{}}) {}

  /// False if this configuration, or one that can do all that it can, has been seen.
  bool insert(const configuration<Mask>& it) {
    const Mask& bound = masks_.bound(it.step);
    const Mask& observers = masks_.observers(it.step);
    std::size_t place = home(it);
    for (; places_[place].step != vacant; place = (place + 1) & (places_.size() - 1)) {
      configuration<Mask>& known = places_[place];
      if (known.step != it.step || known.state != it.state || !known.done.equal_within(bound, it.done)) continue;
      if (known.done.dominates(it.done, bound, observers)) return false;
      if (it.done.dominates(known.done, bound, observers)) {
        known.done = it.done;
        return true;
      }
    }
    places_[place] = it;
    heap_bytes_ += it.done.heap_bytes();
    if (++size_ * 2 > places_.size()) grow();
    return true;
  }

  /// Forgets all and keeps room for about as many again.
  void clear() {
    std::size_t room = first_size;
    while (room < 4 * size_) room *= 2;
    places_.assign(room, configuration<Mask>{vacant, 0, Mask{}});
    size_ = 0;
    heap_bytes_ = 0;
  }

  template <class F>
  void for_each(F&& f) const {
    for (const configuration<Mask>& place : places_)
      if (place.step != vacant) f(place);
  }

  /// With the room that the next growth will take.
  [[nodiscard]] std::uint64_t bytes() const noexcept {
    const std::uint64_t table = places_.size() * sizeof(configuration<Mask>);
    return (size_ * 20 > places_.size() * 9 ? 3 * table : table) + heap_bytes_;
  }

 private:
  static constexpr std::uint32_t vacant = 0xFFFFFFFFU;
  static constexpr std::size_t first_size = 64;

  [[nodiscard]] std::size_t home(const configuration<Mask>& it) const noexcept {
    const std::uint64_t start = (static_cast<std::uint64_t>(it.step) << 32) | it.state;
    const std::uint64_t hash = it.done.hash_within(masks_.bound(it.step), mix_bits(0, start));
    return static_cast<std::size_t>(mix_bits(hash, hash >> 17)) & (places_.size() - 1);
  }

  void grow() {
    std::vector<configuration<Mask>> old(2 * places_.size(), configuration<Mask>{vacant, 0, Mask{}});
    old.swap(places_);
    for (configuration<Mask>& it : old) {
      if (it.step == vacant) continue;
      std::size_t place = home(it);
      while (places_[place].step != vacant) place = (place + 1) & (places_.size() - 1);
      places_[place] = std::move(it);
    }
  }

  const window<Mask>& masks_;
  std::vector<configuration<Mask>> places_;
  std::size_t size_ = 0;
  std::uint64_t heap_bytes_ = 0;
};

}  // namespace wavetank::lin
