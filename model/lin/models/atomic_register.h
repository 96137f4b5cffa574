// A register of integers, initially null: read, write, compare-and-set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <wavetank/model/lin/models/answer.h>

namespace wavetank::lin::models {

class atomic_register {
 public:
  struct state {
    std::optional<std::int64_t> value;
    friend bool operator==(const state&, const state&) = default;
    friend std::size_t hash_value(const state& s) { return s.value ? hash_with(1, *s.value) : 0; }
  };

  struct command {
    enum class kind : std::uint8_t { read, write, cas } op;
    std::int64_t value = 0;     ///< written, or expected by cas
    std::int64_t replaced = 0;  ///< cas: what takes its place
    friend bool operator==(const command&, const command&) = default;
    friend std::size_t hash_value(const command& c) {
      return hash_with(hash_with(static_cast<std::size_t>(c.op), c.value), c.replaced);
    }
  };
  using response = answer;

  [[nodiscard]] state initial() const { return {}; }

  template <class Emit>
  void step(const state& s, const command& c, Emit&& emit) const {
    switch (c.op) {
      case command::kind::read:
        return emit(s.value ? answer::number(*s.value) : answer::null(), s);
      case command::kind::write:
        return emit(answer(), state{c.value});
      case command::kind::cas:
        if (s.value == c.value) return emit(answer::truth(true), state{c.replaced});
        return emit(answer::truth(false), s);
    }
  }

  [[nodiscard]] bool observes(const command& c, const std::optional<answer>& a) const {
    if (c.op == command::kind::read) return true;
    return c.op == command::kind::cas && ((a && a->is_false()) || c.value == c.replaced);
  }

  [[nodiscard]] std::string describe(const state& s) const { return s.value ? std::to_string(*s.value) : "null"; }
  [[nodiscard]] std::string describe(const command& c) const {
    switch (c.op) {
      case command::kind::read:
        return "read";
      case command::kind::write:
        return "write " + std::to_string(c.value);
      case command::kind::cas:
        return "cas " + std::to_string(c.value) + " to " + std::to_string(c.replaced);
    }
    return "?";
  }
  [[nodiscard]] std::string describe(const answer& a) const { return a.words(); }
};

}  // namespace wavetank::lin::models
