#include <wavetank/sim/disk/file_image.h>
#include <wavetank/sim/random.h>

#include <algorithm>
#include <utility>

namespace wavetank::sim::disk {

void file_image::set_sector(std::uint32_t index, sector_ref content) {
  if (index >= sectors_.size()) {
    if (content == nullptr) return;
    sectors_.resize(std::size_t{index} + 1);
  }
  sectors_[index] = std::move(content);
}

void file_image::set_size(std::uint64_t size) {
  const bool shrinks = size < size_;
  size_ = size;
  if (shrinks) clip();
}

void file_image::take_sectors_of(const file_image& other) {
  sectors_ = other.sectors_;
  clip();
}

bool file_image::clipped() const noexcept {
  for (std::size_t i = sectors_.size(); i-- > 0 && (i + 1) * sector_bytes_ > size_;) {
    if (sectors_[i] != nullptr && i * sector_bytes_ + sectors_[i]->bytes.size() > size_) return false;
  }
  return true;
}

void file_image::clip() {
  const std::uint64_t whole = size_ / sector_bytes_;
  const std::uint64_t rest = size_ % sector_bytes_;
  if (sectors_.size() > whole + (rest != 0 ? 1 : 0)) sectors_.resize(static_cast<std::size_t>(whole + (rest != 0)));
  if (rest != 0 && sectors_.size() > whole) sectors_.back() = cut(sectors_.back(), static_cast<std::size_t>(rest));
}

std::size_t file_image::read(std::uint64_t offset, std::span<std::byte> room) const {
  if (offset >= size_) return 0;
  const std::size_t length = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), size_ - offset));
  std::fill_n(room.begin(), length, std::byte{0});
  for (std::size_t done = 0; done < length;) {
    const std::uint64_t at = offset + done;
    const std::size_t from = static_cast<std::size_t>(at % sector_bytes_);
    const std::size_t wanted = std::min<std::size_t>(sector_bytes_ - from, length - done);
    const sector_ref held = sector(static_cast<std::uint32_t>(at / sector_bytes_));
    if (held != nullptr && held->bytes.size() > from) {
      std::copy_n(held->bytes.begin() + static_cast<std::ptrdiff_t>(from), std::min(wanted, held->bytes.size() - from),
                  room.begin() + static_cast<std::ptrdiff_t>(done));
    }
    done += wanted;
  }
  return length;
}

sector_ref file_image::overwritten(std::uint32_t index, std::size_t from, std::span<const std::byte> bytes) const {
  if (from == 0 && bytes.size() == sector_bytes_) return make_sector(bytes);
  std::vector<std::byte> whole(sector_bytes_);
  if (const sector_ref held = sector(index)) std::copy(held->bytes.begin(), held->bytes.end(), whole.begin());
  std::copy(bytes.begin(), bytes.end(), whole.begin() + static_cast<std::ptrdiff_t>(from));
  return make_sector(whole);
}

std::uint64_t file_image::hash() const {
  std::uint64_t sum = mix(size_);
  for (std::size_t i = 0; i < sectors_.size() && i * sector_bytes_ < size_; ++i) {
    const std::uint64_t seen = size_ - i * sector_bytes_;
    const sector_ref& held = sectors_[i];
    if (held == nullptr) continue;
    if (held->bytes.size() <= seen) {
      sum += mix(held->hash ^ mix(i));
    } else if (const sector_ref part = cut(held, static_cast<std::size_t>(seen))) {
      sum += mix(part->hash ^ mix(i));
    }
  }
  return sum;
}

}  // namespace wavetank::sim::disk
