#include <wavetank/sim/disk/disk.h>
#include <wavetank/sim/random.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace wavetank::sim::disk {

disk::disk(const disk_options& options) : options_(options) {
  if (options.sector_bytes != 512 && options.sector_bytes != 4096) {
    throw std::invalid_argument("disk: sector_bytes must be 512 or 4096");
  }
  modify(add_inode(file_kind::directory)).path_hash = mix(root_inode);
}

// Tables --------------------------------------------------------------------------------------------------------------

const inode* disk::find(inode_number number) const noexcept {
  const auto found = std::ranges::lower_bound(inodes_, number, {}, &inode_table::value_type::first);
  return found != inodes_.end() && found->first == number ? &*found->second : nullptr;
}

const inode& disk::at(inode_number number) const noexcept {
  const inode* const found = find(number);
  assert(found != nullptr);
  return *found;
}

inode& disk::modify(inode_number number) {
  const auto found = std::ranges::lower_bound(inodes_, number, {}, &inode_table::value_type::first);
  assert(found != inodes_.end() && found->first == number);
  return found->second.write();
}

disk::open_description* disk::description(descriptor file) noexcept {
  const auto found = std::ranges::lower_bound(open_, file, {}, &open_description::number);
  return found != open_.end() && found->number == file ? &*found : nullptr;
}

const disk::open_description* disk::description(descriptor file) const noexcept {
  return const_cast<disk*>(this)->description(file);
}

inode_number disk::add_inode(file_kind kind) {
  inode made;
  made.kind = kind;
  made.durable = cow{file_image{options_.sector_bytes}};
  made.cached = made.durable;
  inodes_.emplace_back(next_inode_, cow{std::move(made)});
  return next_inode_++;
}

std::size_t disk::free_operations() const noexcept {
  return static_cast<std::size_t>(std::ranges::count(operations_, false, &operation::durable));
}

// Descriptors ---------------------------------------------------------------------------------------------------------

result<descriptor> disk::open(process_id process, std::string_view path, open_mode mode, decider& choices) {
  const bool creates = mode == open_mode::create_exclusive;
  const auto fault = creates ? strike({fault_kind::emfile, fault_kind::eintr, fault_kind::enospc, fault_kind::edquot,
                                       fault_kind::erofs, fault_kind::eio_write},
                                      choices, "disk: fault at create")
                             : strike({fault_kind::emfile, fault_kind::eintr}, choices, "disk: fault at open");
  if (fault) return tl::make_unexpected(error_of(*fault));
  if (const auto readable = may_read(); !readable) return tl::make_unexpected(readable.error());
  const auto where = resolve(path);
  if (!where) return tl::make_unexpected(where.error());

  inode_number number = where->target;
  if (creates) {
    if (number != no_inode) return tl::make_unexpected(EEXIST);
    if (const auto changeable = may_change(); !changeable) return tl::make_unexpected(changeable.error());
    number = add_inode(file_kind::regular);
    change_names({{where->directory, entry_name{where->name}, number}});
  } else if (number == no_inode) {
    return tl::make_unexpected(ENOENT);
  } else if (mode == open_mode::read_write) {
    if (at(number).kind == file_kind::directory) return tl::make_unexpected(EISDIR);
    if (const auto changeable = may_change(); !changeable) return tl::make_unexpected(changeable.error());
  }
  inode& file = modify(number);
  ++file.opens;
  open_.push_back({next_descriptor_, process, number, mode, file.errors.sample()});
  return next_descriptor_++;
}

result<void> disk::close(descriptor file) {
  const open_description* const closing = description(file);
  if (closing == nullptr) return tl::make_unexpected(EBADF);
  const inode_number number = closing->file;
  open_.erase(open_.begin() + (closing - open_.data()));
  inode& closed = modify(number);
  --closed.opens;
  if (closed.lock_holder == file) closed.lock_holder = 0;
  if (closed.opens == 0 && closed.links == 0 && closed.kind == file_kind::regular) {
    nameless_.push_back(number);
    sweep();
  }
  return {};
}

result<void> disk::lock(descriptor file) {
  const open_description* const locking = description(file);
  if (locking == nullptr) return tl::make_unexpected(EBADF);
  inode& locked = modify(locking->file);
  if (locked.lock_holder != 0 && locked.lock_holder != file) return tl::make_unexpected(EWOULDBLOCK);
  locked.lock_holder = file;
  return {};
}

void disk::kill(process_id process) {
  for (std::size_t i = open_.size(); i-- > 0;) {
    if (i < open_.size() && open_[i].process == process) static_cast<void>(close(open_[i].number));
  }
}

// Faults --------------------------------------------------------------------------------------------------------------

std::optional<fault_kind> disk::strike(std::initializer_list<fault_kind> kinds, decider& choices,
                                       std::string_view label) {
  const auto armed = [&](fault_kind kind) { return options_.faults[kind] != 0; };
  const auto ways = static_cast<std::uint32_t>(std::ranges::count_if(kinds, armed));
  if (ways == 0) return std::nullopt;
  std::uint32_t chosen = choices.strike(ways + 1, label);
  for (const fault_kind kind : kinds) {
    if (!armed(kind) || --chosen != 0) continue;
    --options_.faults[kind];
    return kind;
  }
  return std::nullopt;
}

int disk::error_of(fault_kind kind) noexcept {
  switch (kind) {
    case fault_kind::enospc:
      return ENOSPC;
    case fault_kind::edquot:
      return EDQUOT;
    case fault_kind::emfile:
      return EMFILE;
    case fault_kind::erofs:
      return EROFS;
    case fault_kind::eintr:
      return EINTR;
    default:
      return EIO;
  }
}

result<void> disk::may_change() const {
  if (!shut_down_) return {};
  return tl::make_unexpected(options_.after_log_failure == shutdown_style::read_only ? EROFS : EIO);
}

result<void> disk::may_read() const {
  if (!shut_down_ || options_.after_log_failure == shutdown_style::read_only) return {};
  return tl::make_unexpected(EIO);
}

std::chrono::nanoseconds disk::draw_delay(decider& choices) {
  using namespace std::chrono_literals;
  // A heavy tail: each length is ten times the one before, up to what a drive takes to retry a bad sector.
  static constexpr std::chrono::nanoseconds delays[] = {1ms, 10ms, 100ms, 1s, 10s};
  // Longer than any time-out that a component has by default.
  static constexpr std::chrono::nanoseconds stall = 10min;
  const auto fault = strike({fault_kind::delay, fault_kind::stall}, choices, "disk: how long the call takes");
  if (!fault) return {};
  if (*fault == fault_kind::stall) return stall;
  return delays[choices.choose(static_cast<std::uint32_t>(std::size(delays)), "disk: length of a delay")];
}

std::string_view to_string(crash_mode mode) noexcept {
  switch (mode) {
    case crash_mode::posix:
      return "posix";
    case crash_mode::linux_like:
      return "linux";
    case crash_mode::journal:
      return "journal";
  }
  return "unknown";
}

std::string_view to_string(fault_kind kind) noexcept {
  static constexpr std::string_view names[fault_kinds] = {"eio_read",
                                                          "eio_write",
                                                          "eio_fsync",
                                                          "enospc",
                                                          "edquot",
                                                          "emfile",
                                                          "erofs",
                                                          "eintr",
                                                          "short_read",
                                                          "short_write",
                                                          "log_failure",
                                                          "lost_write",
                                                          "misdirected_write",
                                                          "bit_rot",
                                                          "latent_sector_error",
                                                          "lying_flush",
                                                          "delay",
                                                          "stall"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace wavetank::sim::disk
