#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/kvc_head_checksum.h>
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/cache/little_endian.h>

#include <algorithm>
#include <array>

namespace wavetank {

std::uint32_t kvc_head_checksum(std::span<const std::byte> before_entry) noexcept {
  using namespace kvc_layout;
  std::array<std::byte, header_bytes> header;
  std::copy_n(before_entry.begin(), header_bytes, header.begin());
  std::fill_n(header.begin() + hit_count_offset, sizeof(std::uint32_t), std::byte{0});
  std::fill_n(header.begin() + last_use_offset, sizeof(std::uint64_t), std::byte{0});

  std::array<std::byte, tlv_head_bytes> entry_head{static_cast<std::byte>(tag::head_checksum)};
  store_little_endian(std::span{entry_head}.subspan(1), std::uint32_t{head_checksum_bytes});

  crc32c stream;
  stream.update(header);
  stream.update(before_entry.subspan(header_bytes));
  stream.update(entry_head);
  return stream.value();
}

}  // namespace wavetank
