// The bytes of one sector: immutable, shared, hashed once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace wavetank::sim::disk {

/// A sector without its trailing zeros.
struct sector_bytes {
  std::vector<std::byte> bytes;
  std::uint64_t hash = 0;
};

/// nullptr is a sector of zeros, so that a hole and written zeros are one.
using sector_ref = std::shared_ptr<const sector_bytes>;

/// A word that differs for different bytes, the same on every machine.
std::uint64_t hash_bytes(std::span<const std::byte> bytes) noexcept;

sector_ref make_sector(std::span<const std::byte> bytes);

/// The same sector with zeros from `length` on.
sector_ref cut(const sector_ref& sector, std::size_t length);

/// What stands in blocks that were allocated and never written.
sector_ref garbage(std::uint64_t where, std::uint32_t length);

}  // namespace wavetank::sim::disk
