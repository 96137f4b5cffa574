// The checksum of a `.kvc` file's head, which catches what the format of itself does not: flips in the header, the
// prompt and those TLVs that the key does not depend on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wavetank {

/// The value of the head's last entry: CRC32C of every byte of the head before it. `before_entry` is the head without
/// that entry, at least a header; the entry's own tag and length are counted as they must be. The hit count and the
/// last use count as zero, since they change in place. Linear.
std::uint32_t kvc_head_checksum(std::span<const std::byte> before_entry) noexcept;

}  // namespace wavetank
