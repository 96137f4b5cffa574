#include <wavetank/tools/shard.h>

#include <charconv>

namespace wavetank::tools {

namespace {

bool number(std::string_view text, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

struct variables {
  const char* index;
  const char* count;
  const char* first;  // the lowest index; nullptr: 0
};

constexpr variables known[]{
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"},
    {"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", nullptr},
    {"JOB_COMPLETION_INDEX", "WAVETANK_SHARDS", nullptr},
};

}  // namespace

tl::expected<shard, std::string> parse_shard(std::string_view text) {
  shard s;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !number(text.substr(0, slash), s.index) ||
      !number(text.substr(slash + 1), s.count) || s.index >= s.count) {
    return tl::unexpected("'" + std::string(text) + "' is no shard; use I/N with I from 0 to N-1, as in 0/8");
  }
  return s;
}

tl::expected<shard, std::string> shard_of_environment(
    const std::function<std::optional<std::string>(const char*)>& variable) {
  for (const auto& names : known) {
    const auto index = variable(names.index);
    if (!index) continue;
    const auto count = variable(names.count);
    const auto first = names.first != nullptr ? variable(names.first) : std::nullopt;
    shard s;
    std::uint32_t lowest = 0;
    if (!count || !number(*index, s.index) || !number(*count, s.count) || (first && !number(*first, lowest)) ||
        s.index < lowest || (s.index -= lowest) >= s.count) {
      return tl::unexpected(std::string(names.index) + "=" + *index + " with " + names.count + "=" +
                            count.value_or("(not set)") +
                            " names no shard; set both, or say --shard 0/1 for the whole");
    }
    return s;
  }
  return shard{};
}

}  // namespace wavetank::tools
