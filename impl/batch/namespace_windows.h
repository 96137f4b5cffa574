// How long the writes of a namespace may wait to be coalesced: one window a prefix of keys.
#pragma once

#include <wavetank/impl/batch/batch_window.h>
#include <wavetank/impl/runtime.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// The namespace of a key: the text before its first ':', `_root` if there is none.
constexpr std::string_view prefix_of(std::string_view key) noexcept {
  const auto colon = key.find(':');
  return colon == std::string_view::npos ? std::string_view{"_root"} : key.substr(0, colon);
}

enum class window_error : std::uint8_t {
  negative,    ///< less than 0
  too_long,    ///< above `longest_window`
  bad_prefix,  ///< no prefix has a ':' in it
};

constexpr std::string_view to_string(window_error error) noexcept {
  switch (error) {
    case window_error::negative:
      return "a window is at least 0";
    case window_error::too_long:
      return "a window is at most 10 s";
    case window_error::bad_prefix:
      return "a prefix is the text before the first ':' of a key; it has none itself";
  }
  return "unknown";
}

/// Any task at any time. Reading takes no lock: a change makes a new table, and old ones stay until the end.
template <runtime R>
class namespace_windows {
 public:
  tl::expected<void, window_error> set(std::string_view prefix, std::chrono::nanoseconds window) {
    if (prefix.find(':') != std::string_view::npos) return tl::make_unexpected(window_error::bad_prefix);
    if (window.count() < 0) return tl::make_unexpected(window_error::negative);
    if (window > longest_window) return tl::make_unexpected(window_error::too_long);
    const std::lock_guard lock{mutex_};
    auto next = tables_.empty() ? std::make_unique<table>() : std::make_unique<table>(*tables_.back());
    (*next)[std::string{prefix}] = window;
    tables_.push_back(std::move(next));
    current_.store(tables_.back().get(), std::memory_order_release);
    return {};
  }

  std::chrono::nanoseconds of(std::string_view prefix) const {
    const table* const now = current_.load(std::memory_order_acquire);
    if (now == nullptr) return default_window;
    const auto found = now->find(prefix);
    return found == now->end() ? default_window : found->second;
  }

 private:
  using table = std::map<std::string, std::chrono::nanoseconds, std::less<>>;

  typename R::template atomic<const table*> current_{nullptr};
  typename R::mutex mutex_;
  std::vector<std::unique_ptr<const table>> tables_;
};

}  // namespace wavetank
