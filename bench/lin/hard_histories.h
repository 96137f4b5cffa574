// Histories that are hard to judge: many clients, long overlaps, few values, so that many orders have to be tried.
//
// Each is recorded from a made-up run: clients call one after the other, every operation takes effect at an instant
// drawn from its interval, so the history is linearizable; `falsify` then changes answers until (usually) it is not.
// All of it is a function of the seed.
#pragma once

#include <cstdint>
#include <string>

namespace wavetank::bench {

/// What makes a history hard.
struct hardness {
  std::string model;          ///< a model of the file format
  std::int64_t clients = 16;  ///< 7 to 28 is where other checkers need seconds
  std::int64_t operations = 200;
  std::int64_t values = 4;   ///< fewer values: more orders look right at first
  std::int64_t limit = 0;    ///< capacity of semaphores
  std::int64_t overlap = 8;  ///< how many calls of others an operation lasts, about
  bool falsify = false;
  std::uint64_t seed = 1;
};

/// The history in the file format.
[[nodiscard]] std::string hard_history(const hardness& wanted);

}  // namespace wavetank::bench
