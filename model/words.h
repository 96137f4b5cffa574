// One way to see a state: as a row of words. Hash and compact storage follow from it.
//
// A state type that offers `for_each_word(state, sink)` (found by argument-dependent lookup) names its content as a
// sequence of 64-bit words, `sink(word)` for each. The sequence must be injective: equal sequences only for equal
// states, so every list starts with its length. From it come `hash_words` and, in the model checker, storage in a few
// bytes a state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace wavetank::model {

/// States whose whole content can be listed as words.
template <class State>
concept worded = requires(const State& s) {
  for_each_word(s, [](std::uint64_t) {});
};

/// A 64-bit hash of the words of `state`, the same on every machine. Linear in their number.
template <worded State>
std::size_t hash_words(const State& state) {
  std::uint64_t hash = 0x9e3779b97f4a7c15U;
  for_each_word(state, [&](std::uint64_t word) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdU;
    hash ^= hash >> 32U;
  });
  return static_cast<std::size_t>(hash);
}

/// Appends the words of `state` in base 128, the low digits first: small numbers take one byte. Injective, since the
/// words are and each number marks its own last byte. Returns the number of words.
template <worded State>
std::size_t append_words(const State& state, std::string& bytes) {
  std::size_t words = 0;
  for_each_word(state, [&](std::uint64_t word) {
    ++words;
    for (; word >= 128; word >>= 7U) bytes.push_back(static_cast<char>(128U | (word & 127U)));
    bytes.push_back(static_cast<char>(word));
  });
  return words;
}

}  // namespace wavetank::model
