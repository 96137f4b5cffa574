#include <wavetank/impl/cache/crc32c.h>

#include <algorithm>

#include <isa-l/crc.h>

namespace wavetank {

void crc32c::update(std::span<const std::byte> bytes) noexcept {
  // The library counts in int.
  constexpr std::size_t piece_bytes = std::size_t{1} << 30;
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), piece_bytes));
    // It takes a pointer to mutable bytes, and reads only.
    auto* data = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(piece.data()));
    register_ = crc32_iscsi(data, static_cast<int>(piece.size()), register_);
    bytes = bytes.subspan(piece.size());
  }
}

}  // namespace wavetank
