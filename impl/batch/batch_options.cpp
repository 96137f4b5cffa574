#include <wavetank/impl/batch/batch_options.h>

#include <string>
#include <string_view>

namespace wavetank {

namespace {

tl::expected<void, option_error> at_least(std::uint64_t least, std::string_view option, std::uint64_t value) {
  if (value >= least) return {};
  return out_of_range(option, std::to_string(value), "at least " + std::to_string(least));
}

tl::expected<void, option_error> in_range(std::string_view option, const batch_window& window) {
  if (window.longest.count() < 0 || window.longest > longest_window) {
    return out_of_range(option, std::to_string(window.longest.count()) + " ns", "between 0 ns and 10 s");
  }
  if (window.percent_of_commit <= most_percent_of_commit) return {};
  return out_of_range(option, std::to_string(window.percent_of_commit) + " % of a commit",
                      "at most " + std::to_string(most_percent_of_commit) + " %");
}

}  // namespace

tl::expected<void, option_error> validate(const batch_options& o, bool pipelined) {
  return at_least(1, "max_items", o.max_items)
      .and_then([&] { return at_least(1, "max_bytes", o.max_bytes); })
      .and_then([&] { return at_least(1, "max_work", o.max_work); })
      .and_then([&] { return at_least(o.max_items, "max_pending_items", o.max_pending_items); })
      .and_then([&] { return at_least(o.max_bytes, "max_pending_bytes", o.max_pending_bytes); })
      .and_then([&] { return in_range("generic_window", o.generic_window); })
      .and_then([&] { return in_range("put_window", o.put_window); })
      .and_then([&] { return in_range("delete_window", o.delete_window); })
      .and_then([&]() -> tl::expected<void, option_error> {
        if (o.retry_after.count() >= 0) return {};
        return out_of_range("retry_after", std::to_string(o.retry_after.count()) + " ns", "at least 0 ns");
      })
      .and_then([&] { return at_least(1, "max_commits_in_flight", o.max_commits_in_flight); })
      .and_then([&]() -> tl::expected<void, option_error> {
        if (o.max_commits_in_flight == 1 || pipelined) return {};
        return out_of_range("max_commits_in_flight", std::to_string(o.max_commits_in_flight),
                            "1, for the backend has no begin and finish");
      });
}

}  // namespace wavetank
