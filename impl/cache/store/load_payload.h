// The payload of a row's file, checked as it is read.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/kvc_reader.h>
#include <wavetank/impl/cache/store/cache_file.h>
#include <wavetank/impl/cache/store/kvc_file_source.h>
#include <wavetank/impl/runtime/file_system.h>

#include <cstddef>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// The bytes under a key, or what is wrong with the file. Each byte is read once. Memory: the payload and the head;
/// nothing is allocated for lengths that the file's size does not bear out.
template <file_system F>
tl::expected<std::vector<std::byte>, kvc_error> load_payload(F& files, const cache_key& key, const std::string& path) {
  auto file = files.open(path, open_mode::read);
  if (!file) return tl::make_unexpected(cache_store_detail::unreadable(file.error()));
  const auto status = files.stat(*file);
  if (!status) return tl::make_unexpected(cache_store_detail::unreadable(status.error()));
  kvc_file_source<F> source{files, *file};
  const auto head = read_kvc_head(source, status->size, key);
  if (!head) return tl::make_unexpected(head.error());
  std::vector<std::byte> payload(static_cast<std::size_t>(head->payload_bytes));
  if (const auto wrong = kvc_detail::read_all(source, head->payload_offset, payload, kvc_field::payload)) {
    return tl::make_unexpected(*wrong);
  }
  crc32c sum;
  sum.update(payload);
  if (sum.value() == head->payload_crc32c) return payload;
  return tl::make_unexpected(
      kvc_error{kvc_problem::checksum, kvc_field::payload, head->payload_offset, sum.value(), head->payload_crc32c});
}

}  // namespace wavetank
