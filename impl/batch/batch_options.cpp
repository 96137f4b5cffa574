#include <wavetank/impl/batch/batch_options.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace wavetank {

namespace {

struct limit {
  std::string_view name;
  std::uint64_t value;
  std::uint64_t least = 1;
};
struct window {
  std::string_view name;
  batch_window value;
};

option_error out_of_range(std::string_view name, std::string is, std::string must) {
  return {name, "is " + std::move(is) + ": it must be " + std::move(must)};
}

std::optional<option_error> fault_of(const limit& one) {
  if (one.value >= one.least) return std::nullopt;
  return out_of_range(one.name, std::to_string(one.value), "at least " + std::to_string(one.least));
}

std::optional<option_error> fault_of(const window& one) {
  const auto longest = one.value.longest;
  if (longest.count() < 0 || longest > longest_window) {
    return out_of_range(one.name, std::to_string(longest.count()) + " ns", "between 0 ns and 10 s");
  }
  if (one.value.percent_of_commit > most_percent_of_commit) {
    return out_of_range(one.name, std::to_string(one.value.percent_of_commit) + " % of a commit",
                        "at most " + std::to_string(most_percent_of_commit) + " %");
  }
  return std::nullopt;
}

std::optional<option_error> fault_of_commits(std::uint32_t most, bool pipelined) {
  constexpr std::string_view name = "max_commits_in_flight";
  if (auto fault = fault_of(limit{name, most})) return fault;
  if (most == 1 || pipelined) return std::nullopt;
  return out_of_range(name, std::to_string(most), "1, for the backend has no begin and finish");
}

}  // namespace

tl::expected<void, option_error> validate(const batch_options& options, bool pipelined) {
  const limit limits[] = {{"max_items", options.max_items},
                          {"max_bytes", options.max_bytes},
                          {"max_work", options.max_work},
                          {"max_pending_items", options.max_pending_items, options.max_items},
                          {"max_pending_bytes", options.max_pending_bytes, options.max_bytes}};
  for (const limit& one : limits) {
    if (auto fault = fault_of(one)) return tl::make_unexpected(std::move(*fault));
  }
  const window windows[] = {{"generic_window", options.generic_window},
                            {"put_window", options.put_window},
                            {"delete_window", options.delete_window}};
  for (const window& one : windows) {
    if (auto fault = fault_of(one)) return tl::make_unexpected(std::move(*fault));
  }
  if (options.retry_after.count() < 0) {
    return tl::make_unexpected(
        out_of_range("retry_after", std::to_string(options.retry_after.count()) + " ns", "at least 0 ns"));
  }
  if (auto fault = fault_of_commits(options.max_commits_in_flight, pipelined)) {
    return tl::make_unexpected(std::move(*fault));
  }
  return {};
}

}  // namespace wavetank
