// The head of a `.kvc` file, from untrusted bytes.
//
// It promises: every refusal names the field and its offset; nothing is read beyond the bytes given; what is allocated
// is bounded by them. A head that ends with its checksum (tag 0x20, ours do) is refused for every flipped bit, but for
// those of the hit count and the last use.
//
// It leaves out: the payload and the file's name (`kvc_reader.h`). In a head without a checksum (the original's) it
// cannot see that a bit was flipped in the quant bits, the save reason (to another one), the context size, the times,
// the prompt's text, the fingerprint mode (to another one), an optional entry's tag or text; nor in what the key
// covers, but there the name tells.
#pragma once

#include <wavetank/impl/cache/cached_row.h>
#include <wavetank/impl/cache/kvc_error.h>
#include <wavetank/impl/cache/kvc_metadata.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include <tl/expected.hpp>

namespace wavetank {

/// What the head says. A plain value.
struct kvc_head {
  kvc_metadata metadata;
  std::uint64_t payload_offset = 0;
  std::uint64_t payload_bytes = 0;
  std::uint32_t payload_crc32c = 0;
  bool checksummed = false;  ///< the head carries its checksum, and it is right
  row_header first_bytes{};  ///< as they were read

  friend bool operator==(const kvc_head&, const kvc_head&) = default;
};

/// The head of a file of `file_bytes`, from the bytes before its payload; what follows them in `bytes` is ignored.
/// Linear.
tl::expected<kvc_head, kvc_error> parse_kvc_head(std::span<const std::byte> bytes, std::uint64_t file_bytes);

}  // namespace wavetank
