// A counting semaphore as a number of available permits, initially the limit. No order among waiters.
//
// `acquire` is a partial operation: it has no step while too few permits are available. A timed-out `acquire_for` is
// always legal and changes nothing. For the order of waiters and exact time-outs see fair_semaphore.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <wavetank/model/lin/models/answer.h>

namespace wavetank::lin::models {

class semaphore {
 public:
  struct state {
    std::int64_t available = 0;
    friend bool operator==(const state&, const state&) = default;
    friend std::size_t hash_value(const state& s) { return hash_with(0, s.available); }
  };

  struct command {
    enum class kind : std::uint8_t { acquire, try_acquire, acquire_for, release, available } op;
    std::int64_t permits = 0;  ///< not negative
    friend bool operator==(const command&, const command&) = default;
    friend std::size_t hash_value(const command& c) { return hash_with(static_cast<std::size_t>(c.op), c.permits); }
  };
  using response = answer;

  /// `limit` >= 0.
  explicit semaphore(std::int64_t limit) : limit_(limit) {}
  [[nodiscard]] state initial() const { return {limit_}; }

  template <class Emit>
  void step(const state& s, const command& c, Emit&& emit) const {
    const bool fits = s.available >= c.permits;
    switch (c.op) {
      case command::kind::acquire:
        if (fits) emit(answer(), state{s.available - c.permits});
        return;
      case command::kind::try_acquire:
        return emit(answer::truth(fits), state{fits ? s.available - c.permits : s.available});
      case command::kind::acquire_for:
        if (fits) emit(answer::truth(true), state{s.available - c.permits});
        return emit(answer::truth(false), s);
      case command::kind::release:
        if (c.permits <= limit_ - s.available) emit(answer(), state{s.available + c.permits});
        return;
      case command::kind::available:
        return emit(answer::number(s.available), s);
    }
  }

  [[nodiscard]] bool observes(const command& c, const std::optional<answer>& a) const {
    return c.op == command::kind::available || c.permits == 0 || (a && a->is_false());
  }

  [[nodiscard]] std::string describe(const state& s) const { return std::to_string(s.available) + " available"; }
  [[nodiscard]] std::string describe(const command& c) const {
    const std::string permits = " " + std::to_string(c.permits);
    switch (c.op) {
      case command::kind::acquire:
        return "acquire" + permits;
      case command::kind::try_acquire:
        return "try_acquire" + permits;
      case command::kind::acquire_for:
        return "acquire_for" + permits;
      case command::kind::release:
        return "release" + permits;
      case command::kind::available:
        return "available";
    }
    return "?";
  }
  [[nodiscard]] std::string describe(const answer& a) const { return a.words(); }

 private:
  std::int64_t limit_;
};

}  // namespace wavetank::lin::models
