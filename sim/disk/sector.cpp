#include <wavetank/sim/disk/sector.h>
#include <wavetank/sim/random.h>

#include <algorithm>
#include <cstring>

namespace wavetank::sim::disk {

std::uint64_t hash_bytes(std::span<const std::byte> bytes) noexcept {
  std::uint64_t hash = mix(bytes.size());
  while (!bytes.empty()) {
    const std::size_t taken = std::min<std::size_t>(bytes.size(), 8);
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < taken; ++i) word |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    hash = mix(hash ^ word);
    bytes = bytes.subspan(taken);
  }
  return hash;
}

sector_ref make_sector(std::span<const std::byte> bytes) {
  while (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
  if (bytes.empty()) return nullptr;
  return std::make_shared<const sector_bytes>(sector_bytes{{bytes.begin(), bytes.end()}, hash_bytes(bytes)});
}

sector_ref cut(const sector_ref& sector, std::size_t length) {
  if (sector == nullptr || sector->bytes.size() <= length) return sector;
  return make_sector(std::span{sector->bytes}.first(length));
}

sector_ref garbage(std::uint64_t where, std::uint32_t length) {
  std::vector<std::byte> bytes(length);
  generator words{where};
  for (std::byte& one : bytes) one = static_cast<std::byte>(words() | 1u);
  return make_sector(bytes);
}

}  // namespace wavetank::sim::disk
