// Bytes of files: what reads see, what writes leave pending, what decays.
#include <wavetank/sim/disk/disk.h>

#include <algorithm>
#include <cassert>

namespace wavetank::sim::disk {

namespace {
/// Images are dense vectors of sectors.
constexpr std::uint64_t file_bytes_max = std::uint64_t{1} << 32;

bool holds(const std::vector<std::uint32_t>& sectors, std::uint32_t sector) {
  return std::ranges::find(sectors, sector) != sectors.end();
}
}  // namespace

file_image disk::medium(inode_number number) const {
  file_image image = *at(number).durable;
  for (const operation& op : operations_) {
    if (op.what != operation::kind::names && op.inode == number) replay(image, op, true, options_);
  }
  return image;
}

std::uint64_t disk::medium_size(inode_number number) const {
  const inode& file = at(number);
  return file.cache_differs ? medium(number).size() : file.cached->size();
}

void disk::evict(inode_number number) {
  if (!at(number).cache_differs) return;
  const file_image image = medium(number);
  inode& file = modify(number);
  file.cached.write().take_sectors_of(image);
  file.cache_differs = image.size() != file.cached->size();
}

void disk::drop_caches() {
  for (const auto& [number, file] : inodes_) evict(number);
}

result<void> disk::drop_cache(descriptor file) {
  const open_description* const opened = description(file);
  if (opened == nullptr) return tl::make_unexpected(EBADF);
  evict(opened->file);
  return {};
}

// Reads ---------------------------------------------------------------------------------------------------------------

std::size_t disk::shortened(std::size_t length, decider& choices) {
  if (length < 2) return length;
  if (length == 2) return 1;
  return length - 1 - choices.choose(static_cast<std::uint32_t>(length - 1), "disk: bytes cut off a transfer");
}

bool disk::can_decay(const inode& file, std::uint32_t sector) const noexcept {
  return file.durable->sector(sector) != nullptr && file.durable->sector(sector) == file.cached->sector(sector);
}

void disk::decay(fault_kind kind, inode_number number, std::uint64_t offset, std::size_t length, decider& choices) {
  std::vector<std::uint32_t> clean;
  const std::uint64_t end = std::min<std::uint64_t>(offset + length, at(number).cached->size());
  for (std::uint64_t byte = offset; byte < end; byte = (byte / options_.sector_bytes + 1) * options_.sector_bytes) {
    const auto sector = static_cast<std::uint32_t>(byte / options_.sector_bytes);
    if (can_decay(at(number), sector)) clean.push_back(sector);
  }
  if (clean.empty()) return;
  const auto pick = [&](std::size_t ways, std::string_view label) {
    return ways < 2 ? 0 : choices.choose(static_cast<std::uint32_t>(ways), label);
  };
  const std::uint32_t sector = clean[pick(clean.size(), "disk: sector that decays")];
  inode& file = modify(number);
  if (kind == fault_kind::latent_sector_error) {
    if (!holds(file.unreadable_sectors, sector)) file.unreadable_sectors.push_back(sector);
    return;
  }
  std::vector<std::byte> bytes = file.durable->sector(sector)->bytes;
  const std::uint32_t bit = pick(bytes.size() * 8, "disk: bit that flips");
  bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
  const sector_ref rotten = make_sector(bytes);
  file.durable.write().set_sector(sector, rotten);
  file.cached.write().set_sector(sector, rotten);
}

result<std::size_t> disk::read(descriptor file, std::uint64_t offset, std::span<std::byte> room, decider& choices) {
  const open_description* const opened = description(file);
  if (opened == nullptr) return tl::make_unexpected(EBADF);
  const inode_number number = opened->file;
  if (at(number).kind == file_kind::directory) return tl::make_unexpected(EISDIR);
  if (const auto readable = may_read(); !readable) return tl::make_unexpected(readable.error());
  const auto fault = strike({fault_kind::eio_read, fault_kind::eintr, fault_kind::short_read, fault_kind::bit_rot,
                             fault_kind::latent_sector_error},
                            choices, "disk: fault at read");
  if (fault == fault_kind::eio_read || fault == fault_kind::eintr) return tl::make_unexpected(error_of(*fault));
  if (fault == fault_kind::bit_rot || fault == fault_kind::latent_sector_error) {
    decay(*fault, number, offset, room.size(), choices);
  }
  if (fault == fault_kind::short_read) room = room.first(shortened(room.size(), choices));

  const inode& source = at(number);
  for (std::uint64_t byte = offset; byte < std::min<std::uint64_t>(offset + room.size(), source.cached->size());
       byte = (byte / options_.sector_bytes + 1) * options_.sector_bytes) {
    if (!holds(source.unreadable_sectors, static_cast<std::uint32_t>(byte / options_.sector_bytes))) continue;
    if (byte == offset) return tl::make_unexpected(EIO);
    room = room.first(static_cast<std::size_t>(byte - offset));
  }
  if (opened->mode != open_mode::read_medium || !source.cache_differs) return source.cached->read(offset, room);
  file_image image = *source.cached;  // the size that the kernel knows, the sectors of the medium
  image.take_sectors_of(medium(number));
  if (choices.choose(2, "disk: a read of the medium drops the pages that it passes") == 1) evict(number);
  return image.read(offset, room);
}

// Writes --------------------------------------------------------------------------------------------------------------

void disk::write_sector(inode_number number, std::uint32_t index, std::size_t from, std::span<const std::byte> bytes) {
  inode& file = modify(number);
  std::erase(file.unreadable_sectors, index);
  const sector_ref content = file.cached->overwritten(index, from, bytes);
  file.cached.write().set_sector(index, content);
  operation op;
  op.what = operation::kind::chunk;
  op.inode = number;
  op.sector = index;
  op.content = content;
  operations_.push_back(std::move(op));
}

result<std::size_t> disk::write(descriptor file, std::uint64_t offset, std::span<const std::byte> bytes,
                                decider& choices) {
  const open_description* const opened = description(file);
  if (opened == nullptr || opened->mode == open_mode::read || opened->mode == open_mode::read_medium) {
    return tl::make_unexpected(EBADF);
  }
  const inode_number number = opened->file;
  if (const auto changeable = may_change(); !changeable) return tl::make_unexpected(changeable.error());
  const auto fault = strike({fault_kind::eio_write, fault_kind::enospc, fault_kind::edquot, fault_kind::erofs,
                             fault_kind::eintr, fault_kind::short_write},
                            choices, "disk: fault at write");
  if (fault && fault != fault_kind::short_write) return tl::make_unexpected(error_of(*fault));
  if (fault) bytes = bytes.first(shortened(bytes.size(), choices));
  if (bytes.empty()) return 0;
  if (offset > file_bytes_max || bytes.size() > file_bytes_max - offset) return tl::make_unexpected(EFBIG);

  const std::uint64_t known_size = medium_size(number);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto index = static_cast<std::uint32_t>((offset + done) / options_.sector_bytes);
    const auto from = static_cast<std::size_t>((offset + done) % options_.sector_bytes);
    const std::size_t length = std::min<std::size_t>(options_.sector_bytes - from, bytes.size() - done);
    if (length < options_.sector_bytes && holds(at(number).unreadable_sectors, index)) break;
    write_sector(number, index, from, bytes.subspan(done, length));
    done += length;
  }
  if (done == 0) return tl::make_unexpected(EIO);
  const std::uint64_t end = offset + done;
  if (end > at(number).cached->size()) modify(number).cached.write().set_size(end);
  if (end > known_size) {
    operation op;
    op.what = operation::kind::size;
    op.inode = number;
    op.size = end;
    operations_.push_back(std::move(op));
  }
  return done;
}

result<void> disk::truncate(descriptor file, std::uint64_t size, decider& choices) {
  const open_description* const opened = description(file);
  if (opened == nullptr) return tl::make_unexpected(EBADF);
  if (opened->mode == open_mode::read || opened->mode == open_mode::read_medium) return tl::make_unexpected(EINVAL);
  if (const auto changeable = may_change(); !changeable) return changeable;
  if (const auto fault =
          strike({fault_kind::eio_write, fault_kind::erofs, fault_kind::eintr}, choices, "disk: fault at truncate")) {
    return tl::make_unexpected(error_of(*fault));
  }
  if (size > file_bytes_max) return tl::make_unexpected(EFBIG);
  const inode_number number = opened->file;
  if (size == at(number).cached->size() && !at(number).cache_differs) return {};
  operation op;
  op.what = operation::kind::size;
  op.inode = number;
  op.size = size;
  operations_.push_back(std::move(op));
  inode& changed = modify(number);
  changed.cached.write().set_size(size);
  std::erase_if(changed.unreadable_sectors,
                [&](std::uint32_t sector) { return std::uint64_t{sector} * options_.sector_bytes >= size; });
  if (size == 0) {
    changed.lost_sectors.clear();
    changed.cache_differs = false;
  }
  return {};
}

}  // namespace wavetank::sim::disk
