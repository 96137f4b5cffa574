// A register behind a buffer (buffered durability: after a crash a prefix that reaches at least the last sync
// survives): reads show the newest value; a crash leaves any one of the values written since the last sync, or the
// value synced then.
//
// The state keeps the values that may survive as a set: their order changes nothing that anyone can see, except which
// is newest.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/model/lin/models/answer.h>

namespace wavetank::lin::models {

class buffered_register {
 public:
  struct state {
    std::int64_t newest = 0;
    std::vector<std::int64_t> may_survive;  ///< ascending, each once; `newest` is one of them
    friend bool operator==(const state&, const state&) = default;
    friend std::size_t hash_value(const state& s) {
      std::size_t hash = hash_with(s.may_survive.size(), s.newest);
      for (const std::int64_t value : s.may_survive) hash = hash_with(hash, value);
      return hash;
    }
  };

  struct command {
    enum class kind : std::uint8_t { write, read, sync } op;
    std::int64_t value = 0;
    friend bool operator==(const command&, const command&) = default;
    friend std::size_t hash_value(const command& c) { return hash_with(static_cast<std::size_t>(c.op), c.value); }
  };
  using response = answer;

  [[nodiscard]] state initial() const { return alone(0); }

  template <class Emit>
  void step(const state& s, const command& c, Emit&& emit) const {
    switch (c.op) {
      case command::kind::write:
        return emit(answer(), written(s, c.value));
      case command::kind::read:
        return emit(answer::number(s.newest), s);
      case command::kind::sync:
        return emit(answer(), alone(s.newest));
    }
  }

  template <class Emit>
  void crash(const state& s, Emit&& emit) const {
    for (const std::int64_t value : s.may_survive) emit(alone(value));
  }

  [[nodiscard]] bool observes(const command& c, const std::optional<answer>&) const {
    return c.op == command::kind::read;
  }
  [[nodiscard]] std::size_t footprint_bytes(const state& s) const {
    return s.may_survive.capacity() * sizeof(std::int64_t);
  }

  [[nodiscard]] std::string describe(const state& s) const {
    return std::to_string(s.newest) + ", after a crash any of " + list_words(s.may_survive);
  }
  [[nodiscard]] std::string describe(const command& c) const {
    switch (c.op) {
      case command::kind::write:
        return "write " + std::to_string(c.value);
      case command::kind::read:
        return "read";
      case command::kind::sync:
        return "sync";
    }
    return "?";
  }
  [[nodiscard]] std::string describe(const answer& a) const { return a.words(); }

 private:
  static state alone(std::int64_t value) { return {value, {value}}; }
  static state written(state s, std::int64_t value) {
    s.newest = value;
    const auto place = std::lower_bound(s.may_survive.begin(), s.may_survive.end(), value);
    if (place == s.may_survive.end() || *place != value) s.may_survive.insert(place, value);
    return s;
  }
};

}  // namespace wavetank::lin::models
