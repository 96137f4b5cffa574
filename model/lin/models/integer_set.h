// A set of integers: add, remove (true iff it changed the set), contains. The elements are independent of each other,
// so the checker searches element by element.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/model/lin/models/answer.h>

namespace wavetank::lin::models {

class integer_set {
 public:
  struct state {
    std::vector<std::int64_t> elements;  ///< ascending
    friend bool operator==(const state&, const state&) = default;
    friend std::size_t hash_value(const state& s) {
      std::size_t hash = s.elements.size();
      for (const std::int64_t element : s.elements) hash = hash_with(hash, element);
      return hash;
    }
  };

  struct command {
    enum class kind : std::uint8_t { add, remove, contains } op;
    std::int64_t element = 0;
    friend bool operator==(const command&, const command&) = default;
    friend std::size_t hash_value(const command& c) { return hash_with(static_cast<std::size_t>(c.op), c.element); }
  };
  using response = answer;

  [[nodiscard]] state initial() const { return {}; }

  template <class Emit>
  void step(const state& s, const command& c, Emit&& emit) const {
    const auto at = std::lower_bound(s.elements.begin(), s.elements.end(), c.element);
    const bool there = at != s.elements.end() && *at == c.element;
    if (c.op == command::kind::contains) return emit(answer::truth(there), s);
    if (there == (c.op == command::kind::add)) return emit(answer::truth(false), s);
    state next = s;
    const auto place = next.elements.begin() + (at - s.elements.begin());
    if (there)
      next.elements.erase(place);
    else
      next.elements.insert(place, c.element);
    emit(answer::truth(true), next);
  }

  [[nodiscard]] bool observes(const command& c, const std::optional<answer>& a) const {
    return c.op == command::kind::contains || (a && a->is_false());
  }
  [[nodiscard]] std::int64_t partition(const command& c) const { return c.element; }
  [[nodiscard]] std::size_t footprint_bytes(const state& s) const {
    return s.elements.capacity() * sizeof(std::int64_t);
  }

  [[nodiscard]] std::string describe(const state& s) const { return list_words(s.elements); }
  [[nodiscard]] std::string describe(const command& c) const {
    const std::string element = std::to_string(c.element);
    switch (c.op) {
      case command::kind::add:
        return "add " + element;
      case command::kind::remove:
        return "remove " + element;
      case command::kind::contains:
        return "contains " + element;
    }
    return "?";
  }
  [[nodiscard]] std::string describe(const answer& a) const { return a.words(); }
};

}  // namespace wavetank::lin::models
