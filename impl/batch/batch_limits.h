// What a request may ask for: the limits that no moment changes.
#pragma once

#include <wavetank/impl/batch/batch_options.h>
#include <wavetank/impl/batch/write_error.h>

#include <cstdint>
#include <optional>

namespace wavetank::batch_detail {

inline write_error too_large(std::uint64_t limit, std::uint64_t asked) {
  return {write_problem::too_large, write_cause::none, {}, limit, asked};
}

/// Why the request could never fit a slot, whatever its route. `Request` is a `write_request`.
template <class Request>
std::optional<write_error> oversize(const Request& one, const batch_options& options) {
  if (one.commands.size() > options.max_items) return too_large(options.max_items, one.commands.size());
  if (one.bytes > options.max_bytes) return too_large(options.max_bytes, one.bytes);
  if (one.work > options.max_work) return too_large(options.max_work, one.work);
  return std::nullopt;
}

}  // namespace wavetank::batch_detail
