#include <wavetank/impl/batch/disk_log_options.h>

#include <string>
#include <string_view>

namespace wavetank {

namespace {

tl::expected<void, option_error> between(std::string_view option, std::uint64_t value, std::uint64_t least,
                                         std::uint64_t most) {
  if (value >= least && value <= most) return {};
  return out_of_range(option, std::to_string(value) + " bytes",
                      "between " + std::to_string(least) + " and " + std::to_string(most));
}

}  // namespace

tl::expected<void, option_error> validate(const disk_log_options& o) {
  return between("segment_bytes", o.segment_bytes, 1, largest_segment_bytes)
      .and_then([&] { return between("max_batch_bytes", o.max_batch_bytes, 1, largest_batch_bytes); })
      .and_then([&] { return between("reserve_bytes", o.reserve_bytes, 0, largest_reserve_bytes); });
}

}  // namespace wavetank
