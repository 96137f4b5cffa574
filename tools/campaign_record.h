// What a verification found, as plain values: what tables, JSON and JUnit are made of, and what shards are merged from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wavetank::tools {

/// One property. docs/results.md says the same of its JSON.
struct property_record {
  std::string name;
  std::string strategy;
  /// `passed`, a kind of sim::verdict, or `not_reached`: nothing failed, but the campaign did not reach what it must.
  std::string verdict = "passed";
  std::string message;
  std::uint64_t schedules = 0;
  std::uint64_t redundant = 0;  // of an exhaustive search
  bool exhausted = false;
  std::uint64_t steps = 0;
  std::uint64_t decisions = 0;
  double seconds = 0;
  std::optional<std::uint64_t> found_after;  // schedules until the failure, itself included
  std::string trace;                         // path of the smallest failing trace
  std::string story;
  /// In how many schedules; what must be reached and was not is here with 0.
  std::map<std::string, std::uint64_t> reached;
  std::vector<std::string> warnings;

  bool passed() const noexcept { return verdict == "passed"; }
};

struct campaign_record {
  std::string version;
  std::uint64_t seed = 0;
  /// A signal ended it: some properties may be missing or short.
  bool interrupted = false;
  std::vector<property_record> properties;  // ordered by name

  std::size_t failed() const noexcept;
};

/// A campaign shorter than this is not blamed for what it did not reach.
inline constexpr std::uint64_t schedules_that_must_reach = 20'000;

/// What was not reached although the campaign was long enough, in one line; nothing if all is well. An exhaustive
/// search is long enough when it is exhausted.
std::optional<std::string> missed_coverage(const property_record& r);

/// `7/9`, or `-` where nothing is to be reached.
std::string reached_in_short(const property_record& r);

}  // namespace wavetank::tools
