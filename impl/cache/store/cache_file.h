// What a cache file says of the row that it holds.
#pragma once

#include <wavetank/impl/cache/cached_row.h>
#include <wavetank/impl/cache/kvc_header.h>
#include <wavetank/impl/cache/kvc_parser.h>
#include <wavetank/impl/cache/kvc_reader.h>
#include <wavetank/impl/cache/store/kvc_file_source.h>
#include <wavetank/impl/cache/store/kvc_scrutiny.h>
#include <wavetank/impl/runtime/file_system.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// The row of a file that was read: its head, what it takes, where it is.
inline row_content row_of(const kvc_head& head, std::uint64_t file_bytes, std::string path) {
  row_content row;
  row.size_bytes = file_bytes;
  row.header = head.first_bytes;
  row.tokens = std::make_shared<const std::vector<token_id>>(head.metadata.tokens);
  row.path = std::move(path);
  row.last_use_s = head.metadata.last_use_s;
  return row;
}

namespace cache_store_detail {

/// How much of a payload passes through memory at a time.
inline constexpr std::size_t buffer_bytes = std::size_t{1} << 20;

inline kvc_error unreadable(const io_error& error) noexcept {
  return {kvc_problem::unreadable, kvc_field::file, 0, static_cast<std::uint64_t>(error.error_number)};
}

}  // namespace cache_store_detail

/// The row in an open file of this key, or what is wrong with it. Memory: the head and one buffer.
template <file_system F>
tl::expected<row_content, kvc_error> read_row(F& files, typename F::file& file, const cache_key& key, std::string path,
                                              kvc_scrutiny scrutiny) {
  using namespace cache_store_detail;
  const auto status = files.stat(file);
  if (!status) return tl::make_unexpected(unreadable(status.error()));
  if (status->kind != file_kind::regular)
    return tl::make_unexpected(kvc_error{kvc_problem::not_a_file, kvc_field::file, 0});
  kvc_file_source<F> source{files, file};
  const auto head = [&] {
    if (scrutiny == kvc_scrutiny::head) return read_kvc_head(source, status->size, key);
    std::vector<std::byte> buffer(static_cast<std::size_t>(std::clamp<std::uint64_t>(status->size, 1, buffer_bytes)));
    return validate_kvc(source, status->size, key, buffer);
  }();
  if (!head) return tl::make_unexpected(head.error());
  return row_of(*head, status->size, std::move(path));
}

}  // namespace wavetank
