// A FIFO queue of integers: enqueue, and dequeue, which answers null iff the queue is empty. Values may repeat.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/lin/models/answer.h>

namespace wavetank::lin::models {

class fifo_queue {
 public:
  struct state {
    std::vector<std::int64_t> values;  ///< head first
    std::int64_t taken = 0;            ///< dequeued so far: with it each value knows its rank among all enqueued ones
    friend bool operator==(const state&, const state&) = default;
    friend std::size_t hash_value(const state& s) {
      std::size_t hash = hash_with(s.values.size(), s.taken);
      for (const std::int64_t value : s.values) hash = hash_with(hash, value);
      return hash;
    }
  };

  struct command {
    enum class kind : std::uint8_t { enqueue, dequeue } op;
    std::int64_t value = 0;
    friend bool operator==(const command&, const command&) = default;
    friend std::size_t hash_value(const command& c) { return hash_with(static_cast<std::size_t>(c.op), c.value); }
  };
  using response = answer;

  [[nodiscard]] state initial() const { return {}; }

  template <class Emit>
  void step(const state& s, const command& c, Emit&& emit) const {
    if (c.op == command::kind::enqueue) return emit(answer(), enqueued(s, c.value));
    if (s.values.empty()) return emit(answer::null(), s);
    emit(answer::number(s.values.front()), dequeued(s));
  }

  /// Looks at the head before it copies the rest: most candidates for a dequeue want another value.
  template <class Emit>
  void step_expecting(const state& s, const command& c, const answer& a, Emit&& emit) const {
    if (c.op == command::kind::enqueue) {
      if (a == answer()) emit(enqueued(s, c.value));
    } else if (s.values.empty()) {
      if (a == answer::null()) emit(s);
    } else if (a == answer::number(s.values.front())) {
      emit(dequeued(s));
    }
  }

  [[nodiscard]] bool observes(const command& c, const std::optional<answer>& a) const {
    return c.op == command::kind::dequeue && a && a->is(answer::kind::null);
  }
  /// For each value the ranks, among all dequeues that took one, that real time leaves to those that took this value.
  struct outlook {
    std::map<std::int64_t, std::vector<std::pair<std::int64_t, std::int64_t>>> ranks;
    std::int64_t dequeues = 0;
  };

  /// With a dequeue that may or may not take any value, ranks say nothing: the outlook is empty.
  template <class Calls>
  [[nodiscard]] outlook look_ahead(const Calls& calls) const {
    outlook ahead;
    std::vector<std::int64_t> called;
    std::vector<std::int64_t> returned;
    for (const auto& one : calls) {
      if (one.request.op == command::kind::enqueue) continue;
      if (!one.returned || !one.answer) return {};
      if (!demands(one.request, one.answer)) continue;
      called.push_back(one.call);
      returned.push_back(*one.returned);
    }
    std::sort(called.begin(), called.end());
    std::sort(returned.begin(), returned.end());
    ahead.dequeues = static_cast<std::int64_t>(called.size());
    for (const auto& one : calls) {
      if (!demands(one.request, one.answer)) continue;
      const auto before = std::lower_bound(returned.begin(), returned.end(), one.call) - returned.begin();
      const auto not_after = std::upper_bound(called.begin(), called.end(), *one.returned) - called.begin();
      ahead.ranks[one.answer->value()].emplace_back(before, not_after - 1);
    }
    return ahead;
  }
  /// The newest value sits at a rank that will be dequeued, and no dequeue of this value can have that rank. (Those
  /// before it were newest once.)
  [[nodiscard]] bool barren(const state& s, const outlook& ahead) const {
    const std::int64_t rank = s.taken + static_cast<std::int64_t>(s.values.size()) - 1;
    if (s.values.empty() || rank >= ahead.dequeues) return false;
    const auto known = ahead.ranks.find(s.values.back());
    if (known == ahead.ranks.end()) return true;
    return std::none_of(known->second.begin(), known->second.end(),
                        [&](const auto& range) { return range.first <= rank && rank <= range.second; });
  }
  [[nodiscard]] bool demands(const command& c, const std::optional<answer>& a) const {
    return c.op == command::kind::dequeue && a && a->is(answer::kind::number);
  }
  [[nodiscard]] bool renews(const command&) const { return false; }

  [[nodiscard]] std::size_t footprint_bytes(const state& s) const { return s.values.capacity() * sizeof(std::int64_t); }

  [[nodiscard]] std::string describe(const state& s) const { return list_words(s.values); }
  [[nodiscard]] std::string describe(const command& c) const {
    return c.op == command::kind::enqueue ? "enq " + std::to_string(c.value) : "deq";
  }
  [[nodiscard]] std::string describe(const answer& a) const { return a.words(); }

 private:
  static state enqueued(const state& s, std::int64_t value) {
    state next;
    next.taken = s.taken;
    next.values.reserve(s.values.size() + 1);
    next.values = s.values;
    next.values.push_back(value);
    return next;
  }
  static state dequeued(const state& s) { return {{s.values.begin() + 1, s.values.end()}, s.taken + 1}; }
};

}  // namespace wavetank::lin::models
