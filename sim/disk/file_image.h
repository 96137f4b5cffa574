// One version of a file's bytes: what the cache shows, or what is durable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <wavetank/sim/disk/sector.h>

namespace wavetank::sim::disk {

/// Size and sectors. Sectors may lie beyond the size: they are not seen, and a size that grows shows them. Copying
/// costs a reference count a sector.
class file_image {
 public:
  explicit file_image(std::uint32_t sector_bytes = 4096) noexcept : sector_bytes_(sector_bytes) {}

  std::uint64_t size() const noexcept { return size_; }
  std::uint32_t sector_count() const noexcept { return static_cast<std::uint32_t>(sectors_.size()); }
  sector_ref sector(std::uint32_t index) const noexcept { return index < sectors_.size() ? sectors_[index] : nullptr; }

  void set_sector(std::uint32_t index, sector_ref content);
  /// A size below the present one forgets the bytes beyond, so that growing again shows zeros.
  void set_size(std::uint64_t size);
  /// The same size and sectors as `other`, but for those beyond this size.
  void take_sectors_of(const file_image& other);

  /// No sector beyond the size holds bytes.
  bool clipped() const noexcept;
  void clip();

  /// Copies bytes from `offset` on, up to the end of the file; answers how many.
  std::size_t read(std::uint64_t offset, std::span<std::byte> room) const;
  /// The sector as it is after a write of `bytes` at `from` in it.
  sector_ref overwritten(std::uint32_t index, std::size_t from, std::span<const std::byte> bytes) const;

  /// A word for what a reader sees: size and bytes. Linear in the sectors.
  std::uint64_t hash() const;

 private:
  std::uint64_t size_ = 0;
  std::uint32_t sector_bytes_;
  std::vector<sector_ref> sectors_;
};

}  // namespace wavetank::sim::disk
