// A FIFO queue of integers: enqueue, and dequeue, which answers null iff the queue is empty. Values may repeat.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/model/lin/models/answer.h>

namespace wavetank::lin::models {

class fifo_queue {
 public:
  struct state {
    std::vector<std::int64_t> values;  ///< head first
    friend bool operator==(const state&, const state&) = default;
    friend std::size_t hash_value(const state& s) {
      std::size_t hash = s.values.size();
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
  [[nodiscard]] std::size_t footprint_bytes(const state& s) const { return s.values.capacity() * sizeof(std::int64_t); }

  [[nodiscard]] std::string describe(const state& s) const { return list_words(s.values); }
  [[nodiscard]] std::string describe(const command& c) const {
    return c.op == command::kind::enqueue ? "enq " + std::to_string(c.value) : "deq";
  }
  [[nodiscard]] std::string describe(const answer& a) const { return a.words(); }

 private:
  static state enqueued(const state& s, std::int64_t value) {
    state next;
    next.values.reserve(s.values.size() + 1);
    next.values = s.values;
    next.values.push_back(value);
    return next;
  }
  static state dequeued(const state& s) { return {{s.values.begin() + 1, s.values.end()}}; }
};

}  // namespace wavetank::lin::models
