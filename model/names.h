// How what models number is called in stories.
#pragma once

#include <cstdint>
#include <string>

#include <wavetank/model/blocking_call.h>
#include <wavetank/model/cache_words.h>

namespace wavetank::model::names {

inline std::string number(std::uint64_t n) { return std::to_string(n); }
inline std::string task_name(task_number task) { return "task " + number(task); }
inline std::string call_name(call_number call) { return "call #" + number(call); }
inline std::string permit_name(call_number call) { return "permit #" + number(call); }
inline std::string key_name(key_number key) { return "key " + number(key); }
inline std::string token_name(token_number token) { return "token #" + number(token); }
inline std::string claim_name(claim_number claim) { return "claim #" + number(claim); }
inline std::string generation_name(generation_number generation) { return "g" + number(generation); }

/// "with a deadline"
inline std::string how_long(patience waits) {
  switch (waits) {
    case patience::one_attempt:
      return "in one attempt";
    case patience::until_deadline:
      return "with a deadline";
    case patience::forever:
      return "without a deadline";
  }
  return "?";
}

inline std::string tier_name(tier where) {
  switch (where) {
    case tier::ram:
      return "ram";
    case tier::ram_file:
      return "ram_file";
    case tier::disk:
      return "disk";
  }
  return "?";
}

/// Adds an item to a list for people: "a, b".
inline void append(std::string& list, const std::string& item) {
  if (!list.empty()) list += ", ";
  list += item;
}

}  // namespace wavetank::model::names
