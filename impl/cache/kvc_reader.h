// A `.kvc` file read through a source: its head alone, or all of it, validated completely.
//
// A source is whatever gives the bytes at an offset: a file, memory. Each byte of the file is read once.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/kvc_error.h>
#include <wavetank/impl/cache/kvc_header.h>
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/cache/kvc_parser.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// `read(offset, into)` gives how many bytes it put into `into`, at least one; 0 at the end of the file; or an errno.
template <class S>
concept kvc_source = requires(S& source, std::uint64_t offset, std::span<std::byte> into) {
  { source.read(offset, into) } -> std::same_as<tl::expected<std::size_t, int>>;
};

namespace kvc_detail {

/// Fills `into` from `offset`, or says why it cannot.
template <kvc_source S>
std::optional<kvc_error> read_all(S& source, std::uint64_t offset, std::span<std::byte> into, kvc_field field) {
  const std::uint64_t wanted = into.size();
  std::uint64_t have = 0;
  while (!into.empty()) {
    const auto read = source.read(offset + have, into);
    if (!read)
      return kvc_error{kvc_problem::unreadable, field, offset + have, static_cast<std::uint64_t>(read.error())};
    if (*read == 0) return kvc_error{kvc_problem::truncated, field, offset, have, wanted};
    have += *read;
    into = into.subspan(*read);
  }
  return std::nullopt;
}

/// The payload's bytes have the checksum that the head says.
template <kvc_source S>
std::optional<kvc_error> check_payload(S& source, const kvc_head& head, std::span<std::byte> buffer) {
  crc32c sum;
  for (std::uint64_t done = 0; done < head.payload_bytes;) {
    const auto piece =
        buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), head.payload_bytes - done)));
    if (auto wrong = read_all(source, head.payload_offset + done, piece, kvc_field::payload)) return wrong;
    sum.update(piece);
    done += piece.size();
  }
  if (sum.value() == head.payload_crc32c) return std::nullopt;
  return kvc_error{kvc_problem::checksum, kvc_field::payload, head.payload_offset, sum.value(), head.payload_crc32c};
}

}  // namespace kvc_detail

/// The head of a file of `file_bytes`; reads nothing of the payload. Memory: the head, at most
/// `kvc_layout::most_head_bytes` and only if the file has as many.
template <kvc_source S>
tl::expected<kvc_head, kvc_error> read_kvc_head(S& source, std::uint64_t file_bytes) {
  using kvc_layout::header_bytes;
  if (file_bytes < header_bytes) {
    return tl::make_unexpected(kvc_error{kvc_problem::truncated, kvc_field::file, 0, file_bytes, header_bytes});
  }
  std::vector<std::byte> head(header_bytes);
  if (const auto wrong = kvc_detail::read_all(source, 0, head, kvc_field::file)) return tl::make_unexpected(*wrong);
  const auto header = load_kvc_header(std::span{std::as_const(head)}.template first<header_bytes>(), file_bytes);
  if (!header) return tl::make_unexpected(header.error());

  head.resize(static_cast<std::size_t>(header->payload_offset));
  const auto rest = std::span{head}.subspan(header_bytes);
  if (const auto wrong = kvc_detail::read_all(source, header_bytes, rest, kvc_field::file)) {
    return tl::make_unexpected(*wrong);
  }
  return parse_kvc_head(head, file_bytes);
}

/// As `read_kvc_head`, and the key derived from the fields is `name`, what the file is called.
template <kvc_source S>
tl::expected<kvc_head, kvc_error> read_kvc_head(S& source, std::uint64_t file_bytes, const cache_key& name) {
  auto head = read_kvc_head(source, file_bytes);
  if (head && key_of(head->metadata) != name) {
    return tl::make_unexpected(kvc_error{kvc_problem::mismatch, kvc_field::key, 0});
  }
  return head;
}

/// As `read_kvc_head` with the name, and the payload has its checksum: everything is as it was written. `buffer` is
/// where the payload passes through; `std::invalid_argument` if it is empty.
template <kvc_source S>
tl::expected<kvc_head, kvc_error> validate_kvc(S& source, std::uint64_t file_bytes, const cache_key& name,
                                               std::span<std::byte> buffer) {
  if (buffer.empty()) throw std::invalid_argument("validate_kvc: the buffer is empty");
  auto head = read_kvc_head(source, file_bytes, name);
  if (!head) return head;
  if (const auto wrong = kvc_detail::check_payload(source, *head, buffer)) return tl::make_unexpected(*wrong);
  return head;
}

}  // namespace wavetank
