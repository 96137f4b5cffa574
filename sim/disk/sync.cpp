// What becomes durable, and what a failed sync leaves.
#include <wavetank/sim/disk/disk.h>

#include <algorithm>
#include <cassert>
#include <numeric>

namespace wavetank::sim::disk {

namespace {
bool is_data_of(const operation& op, inode_number number) noexcept {
  return op.what != operation::kind::names && op.inode == number;
}
}  // namespace

bool disk::has_data_to_write(inode_number number) const noexcept {
  return std::ranges::any_of(operations_, [&](const operation& op) { return !op.durable && is_data_of(op, number); });
}

/// The name operations that become durable with an fsync of this inode, by position.
std::vector<std::size_t> disk::names_synced_with(inode_number number) const {
  const bool with_own_names = options_.mode != crash_mode::posix;
  const auto concerned = [&](const operation& op) {
    if (op.what != operation::kind::names) return false;
    if (op.changes_directory(number)) return true;
    return with_own_names && std::ranges::any_of(op.name_changes(), [&](const name_change& one) {
             return one.target == number && at(one.directory).entries->find(one.name.text()) == number;
           });
  };
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    if (concerned(operations_[i])) found.push_back(i);
  }
  if (options_.mode != crash_mode::journal || found.empty()) return found;
  const std::size_t last = found.back();
  found.clear();
  for (std::size_t i = 0; i <= last; ++i) {
    if (operations_[i].what == operation::kind::names) found.push_back(i);
  }
  return found;
}

// Data ----------------------------------------------------------------------------------------------------------------

/// Sends the chunk to another sector of the disk, as a drive with a wrong address does.
void disk::misdirect(operation& op, decider& choices) {
  std::vector<std::pair<inode_number, std::uint32_t>> places;
  for (const auto& [number, file] : inodes_) {
    for (std::uint32_t sector = 0; sector < file->cached->sector_count(); ++sector) {
      if (number != op.inode || sector != op.sector) places.emplace_back(number, sector);
    }
  }
  if (places.empty()) return;
  const std::uint32_t chosen = places.size() == 1 ? 0
                                                  : choices.choose(static_cast<std::uint32_t>(places.size()),
                                                                   "disk: where a misdirected write lands");
  op.inode = places[chosen].first;
  op.sector = places[chosen].second;
  op.durable = true;
  modify(op.inode).cache_differs = true;
}

/// A chunk that is written back without an error: whether it is then on the medium, there where it belongs.
bool disk::reaches_the_medium(operation& op, decider& choices) {
  if (op.what == operation::kind::size) return true;
  auto& lost = modify(op.inode).lost_sectors;
  if (std::ranges::find(lost, op.sector) != lost.end()) {
    if (choices.choose(2, "disk: an overwrite of a lost chunk is lost too") == 1) return false;
    std::erase(lost, op.sector);
  }
  const auto fault =
      strike({fault_kind::lost_write, fault_kind::misdirected_write}, choices, "disk: fault of the drive at write");
  if (fault == fault_kind::misdirected_write) misdirect(op, choices);
  return !fault;
}

void disk::write_data(inode_number number, decider& choices) {
  std::vector<operation> kept;
  kept.reserve(operations_.size());
  for (operation& op : operations_) {
    if (!op.durable && is_data_of(op, number)) {
      op.durable = reaches_the_medium(op, choices) || op.durable;
      if (!op.durable || op.inode != number) modify(number).cache_differs = true;
      if (!op.durable) continue;
    }
    kept.push_back(std::move(op));
  }
  operations_ = std::move(kept);
}

/// Each pending chunk is durable or lost; what is lost stays in the cache as a clean page.
void disk::lose_data(inode_number number, int error_number, decider& choices) {
  inode& file = modify(number);
  file.errors.record(error_number);
  std::vector<operation> kept;
  kept.reserve(operations_.size());
  for (operation& op : operations_) {
    if (!op.durable && is_data_of(op, number)) {
      const bool size = op.what == operation::kind::size;
      const bool lost =
          choices.choose(2, size ? "disk: a failed sync loses the size" : "disk: a failed sync loses a chunk") == 1;
      op.durable = !lost;
      if (lost) {
        file.cache_differs = true;
        if (!size && std::ranges::find(file.lost_sectors, op.sector) == file.lost_sectors.end()) {
          file.lost_sectors.push_back(op.sector);
        }
        continue;
      }
    }
    kept.push_back(std::move(op));
  }
  operations_ = std::move(kept);
}

// The calls -----------------------------------------------------------------------------------------------------------

result<void> disk::fsync(descriptor file, decider& choices) {
  open_description* const opened = description(file);
  if (opened == nullptr) return tl::make_unexpected(EBADF);
  const inode_number number = opened->file;
  if (shut_down_) {
    if (attempted(number) && choices.choose(2, "disk: a sync with nothing left to write succeeds") == 1) return {};
    return may_change();
  }
  const bool data = has_data_to_write(number);
  const std::vector<std::size_t> names = names_synced_with(number);
  std::optional<fault_kind> fault;
  if (data) {
    fault = strike({fault_kind::eio_fsync, fault_kind::enospc, fault_kind::edquot, fault_kind::log_failure,
                    fault_kind::lying_flush},
                   choices, "disk: fault at fsync");
  } else if (!names.empty()) {
    fault = strike({fault_kind::log_failure, fault_kind::lying_flush}, choices, "disk: fault at fsync of names");
  }
  if (fault == fault_kind::log_failure) {
    fail_log(number);
    return tl::make_unexpected(EIO);
  }
  if (!fault) {
    for (const std::size_t i : names) operations_[i].durable = true;
    write_data(number, choices);
    settle();
  } else if (fault != fault_kind::lying_flush) {
    lose_data(number, error_of(*fault), choices);
    settle();
  }
  if (const int error = modify(number).errors.report(opened->errors_seen)) return tl::make_unexpected(error);
  return {};
}

/// The log cannot be written: what it was to make durable is undetermined, and nothing becomes durable any more.
void disk::fail_log(inode_number number) {
  for (const std::size_t i : names_synced_with(number)) operations_[i].attempted = true;
  for (operation& op : operations_) op.attempted = op.attempted || is_data_of(op, number);
  shut_down_ = true;
}

/// Whatever an fsync of this inode has to write was in the log write that failed.
bool disk::attempted(inode_number number) const {
  const auto names = names_synced_with(number);
  return std::ranges::all_of(names, [&](std::size_t i) { return operations_[i].attempted; }) &&
         std::ranges::all_of(operations_, [&](const operation& op) { return op.attempted || !is_data_of(op, number); });
}

void disk::write_back(decider& choices) {
  std::vector<std::size_t> pending;
  for (std::size_t i = 0; i < operations_.size() && !shut_down_; ++i) {
    if (!operations_[i].durable) pending.push_back(i);
  }
  if (pending.empty()) return;
  const auto chosen = choices.choose(static_cast<std::uint32_t>(pending.size() + 1), "disk: operation written back");
  if (chosen == 0) return;
  const std::size_t position = pending[chosen - 1];
  operation& op = operations_[position];
  if (op.what == operation::kind::names) {
    const bool ordered = options_.mode == crash_mode::journal;
    for (std::size_t i = ordered ? 0 : position; i <= position; ++i) {
      if (operations_[i].what == operation::kind::names) operations_[i].durable = true;
    }
    settle();
    return;
  }
  const inode_number number = op.inode;
  const auto fault =
      strike({fault_kind::eio_fsync, fault_kind::enospc, fault_kind::edquot}, choices, "disk: fault at write-back");
  if (fault) modify(number).errors.record(error_of(*fault));
  if (fault && op.what == operation::kind::chunk) modify(number).lost_sectors.push_back(op.sector);
  op.durable = (!fault && reaches_the_medium(op, choices)) || op.durable;
  if (!op.durable || op.inode != number) modify(number).cache_differs = true;
  if (!op.durable) operations_.erase(operations_.begin() + static_cast<std::ptrdiff_t>(position));
  settle();
}

void disk::sync_all(decider& choices) {
  if (shut_down_) return;
  std::vector<inode_number> dirty;
  for (const operation& op : operations_) {
    const bool known = std::ranges::find(dirty, op.inode) != dirty.end();
    if (!op.durable && op.what != operation::kind::names && !known) dirty.push_back(op.inode);
  }
  for (const inode_number number : dirty) {
    const auto fault =
        strike({fault_kind::eio_fsync, fault_kind::enospc, fault_kind::edquot}, choices, "disk: fault at write-back");
    if (fault) {
      lose_data(number, error_of(*fault), choices);
    } else {
      write_data(number, choices);
    }
  }
  for (operation& op : operations_) {
    if (op.what == operation::kind::names) op.durable = true;
  }
  settle();
}

// The durable layer ---------------------------------------------------------------------------------------------------

/// Moves to the durable layer what survives and overtakes no operation on the same inode that may yet be dropped.
void disk::settle() {
  std::vector<inode_number> held;
  const auto is_held = [&](inode_number number) { return std::ranges::find(held, number) != held.end(); };
  std::vector<inode_number> settled;
  std::vector<operation> kept;
  for (operation& op : operations_) {
    const bool names = op.what == operation::kind::names;
    const bool waits = !op.durable || (names ? std::ranges::any_of(op.name_changes(), is_held, &name_change::directory)
                                             : is_held(op.inode));
    if (!waits) {
      make_durable(op);
      if (!names) settled.push_back(op.inode);
      for (const name_change& one : op.name_changes()) settled.push_back(one.directory);
      continue;
    }
    if (names) {
      for (const name_change& one : op.name_changes()) held.push_back(one.directory);
    } else if (!is_held(op.inode)) {
      held.push_back(op.inode);
    }
    kept.push_back(std::move(op));
  }
  operations_ = std::move(kept);
  // With nothing pending the two layers are equal: one value for both makes copies of the disk cheap.
  for (const inode_number number : settled) {
    if (is_held(number) || at(number).cache_differs || shared_layers(at(number))) continue;
    inode& calm = modify(number);
    calm.cached = calm.durable;
    calm.entries = calm.durable_entries;
  }
  sweep();
}

void disk::make_durable(const operation& op) {
  if (op.what == operation::kind::names) {
    for (const name_change& one : op.name_changes()) {
      modify(one.directory).durable_entries.write().set(one.name, one.target);
    }
  } else {
    replay(modify(op.inode).durable.write(), op, true, options_);
  }
}

bool disk::mentioned(inode_number number) const noexcept {
  const auto names_it = [&](const auto& one) {
    return std::ranges::any_of(*one.second->durable_entries,
                               [&](const entry_map::entry& entry) { return entry.second == number; });
  };
  return std::ranges::any_of(inodes_, names_it) ||
         std::ranges::any_of(operations_, [&](const operation& op) { return op.refers_to(number); });
}

/// Frees the files that nobody can reach any more, now or after a power loss.
void disk::sweep() {
  std::erase_if(nameless_, [&](inode_number number) {
    const inode* const file = find(number);
    if (file == nullptr || file->links != 0 || file->opens != 0) return true;
    if (mentioned(number)) return false;
    std::erase_if(operations_, [&](const operation& op) { return is_data_of(op, number); });
    std::erase_if(inodes_, [&](const auto& one) { return one.first == number; });
    return true;
  });
}

}  // namespace wavetank::sim::disk
