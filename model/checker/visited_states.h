// The set of states that a search has met, each with a small number: compact, and without false equality.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <wavetank/model/words.h>

namespace wavetank::model {

/// An open-addressing table from hashes to small numbers; whoever owns the elements compares them. Eight bytes a slot,
/// at most seven eighths of the slots taken. Never iterated.
class number_table {
 public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  /// The number under `hash` for which `is_equal(number)`; if there is none, enters `fresh` and returns it. Equal
  /// hashes prove nothing: `is_equal` decides. Expected constant time. `fresh` must be below `none`.
  template <class IsEqual>
  std::uint32_t find_or_enter(std::uint64_t hash, std::uint32_t fresh, IsEqual&& is_equal) {
    if ((entered_ + 1) * 8 > slots_.size() * 7) grow();
    const auto tag = static_cast<std::uint32_t>(hash ^ (hash >> 32U));
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = tag & mask;; at = (at + 1) & mask) {
      slot& here = slots_[at];
      if (here.number == none) {
        here = {tag, fresh};
        ++entered_;
        return fresh;
      }
      if (here.tag == tag && is_equal(here.number)) return here.number;
    }
  }

  [[nodiscard]] std::size_t memory_bytes() const { return slots_.capacity() * sizeof(slot); }

 private:
  struct slot {
    std::uint32_t tag = 0;
    std::uint32_t number = none;
  };

  void grow() {
    std::vector<slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    const std::size_t mask = slots_.size() - 1;
    for (const slot& one : old) {
      if (one.number == none) continue;
      std::size_t at = one.tag & mask;
      while (slots_[at].number != none) at = (at + 1) & mask;
      slots_[at] = one;
    }
  }

  std::vector<slot> slots_;
  std::size_t entered_ = 0;
};

/// States numbered 0, 1, … in the order of their first `enter`. A state that can be listed as words is kept as a few
/// bytes in one row; any other as itself. Not thread-safe.
template <class State>
class visited_states {
 public:
  /// The number of `state`, and whether it is new. At most 2^32 - 1 states.
  std::pair<std::uint32_t, bool> enter(const State& state) {
    const auto fresh = static_cast<std::uint32_t>(size());
    if constexpr (worded<State>) {
      key_.clear();
      append_words(state, key_);
      const auto number =
          table_.find_or_enter(hash_value(state), fresh, [&](std::uint32_t n) { return key_at(n) == key_; });
      if (number != fresh) return {number, false};
      bytes_ += key_;
      ends_.push_back(bytes_.size());
    } else {
      const auto number =
          table_.find_or_enter(hash_value(state), fresh, [&](std::uint32_t n) { return whole_[n] == state; });
      if (number != fresh) return {number, false};
      whole_.push_back(state);
    }
    return {fresh, true};
  }

  [[nodiscard]] std::size_t size() const {
    if constexpr (worded<State>) {
      return ends_.size();
    } else {
      return whole_.size();
    }
  }

  /// What the set takes. Of states that are kept as themselves only `sizeof(State)` is known.
  [[nodiscard]] std::size_t memory_bytes() const {
    return table_.memory_bytes() + bytes_.capacity() + ends_.capacity() * sizeof(std::uint64_t) +
           whole_.capacity() * sizeof(State);
  }

 private:
  [[nodiscard]] std::string_view key_at(std::uint32_t number) const {
    const std::uint64_t from = number == 0 ? 0 : ends_[number - 1];
    return std::string_view{bytes_}.substr(from, ends_[number] - from);
  }

  number_table table_;
  std::string key_;
  std::string bytes_;
  std::vector<std::uint64_t> ends_;
  std::vector<State> whole_;
};

}  // namespace wavetank::model
