#include <wavetank/impl/buffer/buffer_options.h>

#include <bit>
#include <string>
#include <string_view>

namespace wavetank {
namespace {

tl::expected<void, option_error> not_zero(std::string_view option, const std::optional<std::uint64_t>& value) {
  if (value != std::uint64_t{0}) return {};
  return out_of_range(option, "0", "at least 1, or not set");
}

tl::expected<void, option_error> validate_retries(const partition_options& o) {
  if (o.max_attempts == 0) return out_of_range("max_attempts", "0", "at least 1");
  return in_range("first_backoff", o.first_backoff)
      .and_then([&] { return in_range("max_backoff", o.max_backoff); })
      .and_then([&]() -> tl::expected<void, option_error> {
        if (o.max_backoff >= o.first_backoff) return {};
        return out_of_range("max_backoff", std::to_string(o.max_backoff.count()) + " ns", "at least first_backoff");
      });
}

}  // namespace

tl::expected<void, option_error> validate(const partition_options& o) {
  return in_range("processing_interval", o.processing_interval)
      .and_then([&] { return in_range("processing_timeout", o.processing_timeout); })
      .and_then([&] { return not_zero("drain_threshold", o.drain_threshold); })
      .and_then([&] { return not_zero("max_records", o.max_records); })
      .and_then([&] { return not_zero("max_bytes", o.max_bytes); })
      .and_then([&] { return validate_retries(o); })
      .and_then([&]() -> tl::expected<void, option_error> {
        if (std::has_single_bit(o.shards) && o.shards <= max_shards) return {};
        return out_of_range("shards", std::to_string(o.shards), "a power of two up to " + std::to_string(max_shards));
      });
}

tl::expected<void, option_error> validate(const buffer_options& o) {
  if (o.partitions > max_partitions) {
    return out_of_range("partitions", std::to_string(o.partitions), "at most " + std::to_string(max_partitions));
  }
  return not_zero("max_records", o.max_records)
      .and_then([&] { return not_zero("max_bytes", o.max_bytes); })
      .and_then([&] { return validate(o.each); });
}

}  // namespace wavetank
