// The recorded backend with several commits on their way, as a log has them: what is durable is a prefix.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <wavetank/props/batch/recorded_backend.h>
#include <wavetank/props/running.h>

namespace wavetank::props {

/// To begin is to take a place, and every second commit takes twice as long to finish as the others, so that they end
/// in another order than they were begun in. A commit whose outcome is unknown takes effect, and those behind it are
/// lost.
class pipelined_recorded_backend : public recorded_backend {
  struct place {
    std::uint64_t commit = 0;
    std::vector<command> commands{};
    std::vector<result> results{};
    enum class fate : std::uint8_t { pending, durable, lost } is = fate::pending;
  };

 public:
  using ticket = std::shared_ptr<place>;

  tl::expected<ticket, commit_error> begin(shard_number, std::span<const command> batch) {
    const std::uint64_t mine = next_commit(batch);
    if (auto rejected = rejection(batch)) return tl::make_unexpected(std::move(*rejected));
    sim::runtime::point("begins");
    const auto failure = failure_of(mine);
    if (failure == commit_error::kind::failed) return tl::make_unexpected(told_to(*failure));
    note_submitted(batch);
    if (!places_.empty()) reached("begun behind another");
    auto made = std::make_shared<place>(place{mine, {batch.begin(), batch.end()}});
    places_.push_back(made);
    sim::runtime::point("begun");
    return made;
  }

  tl::expected<std::vector<result>, commit_error> finish(const ticket& begun) {
    const auto lasts = takes * (1 + begun->commit % 2);
    if (takes.count() != 0) sim::runtime{}.sleep_until(clock_now() + lasts);
    make_durable(*begun);
    if (begun->is == place::fate::lost) reached("lost with the one before it");
    if (begun->is == place::fate::lost) return tl::make_unexpected(told_to(commit_error::kind::unknown));
    if (const auto failure = failure_of(begun->commit)) {
      for (const ticket& behind : places_) behind->is = place::fate::lost;
      places_.clear();
      return tl::make_unexpected(told_to(*failure));
    }
    sim::runtime::point("finished");
    return std::move(begun->results);
  }

 private:
  /// With all that were begun before it.
  void make_durable(const place& last) {
    while (last.is == place::fate::pending) {
      place& first = *places_.front();
      if (&first != &last) reached("finished before the one before it");
      first.results = apply(first.commands);
      first.is = place::fate::durable;
      places_.pop_front();
    }
  }

  std::deque<ticket> places_;  ///< pending, in their order
};

}  // namespace wavetank::props
