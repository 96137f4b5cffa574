// How long a write may wait for others to share its commit.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace wavetank {

/// Writes to a namespace with this window are committed directly.
inline constexpr std::chrono::nanoseconds default_window = std::chrono::milliseconds{1};
inline constexpr std::chrono::nanoseconds longest_window = std::chrono::seconds{10};

inline constexpr std::uint32_t most_percent_of_commit = 10'000;

/// Fixed, natural or adaptive. Counted from the first write of a batch, and never pushed back.
struct batch_window {
  std::chrono::nanoseconds longest{0};
  /// 0: it lasts `longest`. Else so much of the time that commits have taken of late, at most `longest`, and nothing
  /// once nobody else has written for `longest`: a lone writer does not wait for company that never comes.
  std::uint32_t percent_of_commit = 0;

  constexpr batch_window() = default;
  constexpr batch_window(std::chrono::nanoseconds fixed) noexcept : longest(fixed) {}

  /// Goes as soon as the commit in flight is done.
  static constexpr batch_window natural() noexcept { return {}; }
  static constexpr batch_window adaptive(std::uint32_t percent_of_commit, std::chrono::nanoseconds longest) noexcept {
    batch_window made{longest};
    made.percent_of_commit = percent_of_commit;
    return made;
  }

  /// Without a window at all, by its settings rather than by the moment.
  constexpr bool is_natural() const noexcept { return longest.count() <= 0; }

  /// The window of a write that comes so long after company was last seen.
  constexpr std::chrono::nanoseconds now(std::chrono::nanoseconds usual_commit,
                                         std::chrono::nanoseconds alone_for) const noexcept {
    if (percent_of_commit == 0) return longest;
    if (alone_for > longest) return std::chrono::nanoseconds{0};
    return std::min(longest, usual_commit * percent_of_commit / 100);
  }
};

}  // namespace wavetank
