// Deciders for tests: one that follows a script, one that follows a seed.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include <wavetank/sim/disk/decider.h>
#include <wavetank/sim/random.h>

namespace wavetank::sim::disk {

/// Answers a label with what was scripted for it, in order, and calmly when nothing is left.
class scripted_decider final : public decider {
 public:
  scripted_decider& then(std::string_view label, std::uint32_t answer, std::size_t times = 1) {
    auto& answers = script_[std::string{label}];
    answers.insert(answers.end(), times, answer);
    return *this;
  }
  std::uint32_t choose(std::uint32_t alternatives, std::string_view label) override {
    asked_ += std::string{label} + "\n";
    auto& answers = script_[std::string{label}];
    if (answers.empty()) return 0;
    const std::uint32_t answer = answers.front();
    answers.pop_front();
    if (answer >= alternatives) throw std::out_of_range("script: " + std::string{label});
    return answer;
  }
  /// Every question so far, a line each.
  const std::string& asked() const { return asked_; }

 private:
  std::map<std::string, std::deque<std::uint32_t>, std::less<>> script_;
  std::string asked_;
};

class random_decider final : public decider {
 public:
  explicit random_decider(std::uint64_t seed) : random_(seed) {}
  std::uint32_t choose(std::uint32_t alternatives, std::string_view) override {
    return static_cast<std::uint32_t>(random_() % alternatives);
  }

 private:
  generator random_;
};

}  // namespace wavetank::sim::disk
