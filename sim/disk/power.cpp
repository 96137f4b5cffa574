// Power loss: which operations survive, and the disk that a machine finds after it.
#include <wavetank/sim/disk/disk.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace wavetank::sim::disk {

disk::disk(const disk_options& options, inode_table inodes, inode_number next_inode, descriptor next_descriptor)
    : options_(options), inodes_(std::move(inodes)), next_inode_(next_inode), next_descriptor_(next_descriptor) {}

bool disk::allowed(const survivors& chosen) const {
  if (chosen.size() != free_operations()) return false;
  if (options_.mode != crash_mode::journal) return true;
  bool dropped = false;
  std::size_t next = 0;
  for (const operation& op : operations_) {
    if (op.durable) continue;
    const bool survives = chosen[next++] != 0;
    if (op.what != operation::kind::names) continue;
    if (survives && dropped) return false;
    dropped = dropped || !survives;
  }
  return true;
}

disk disk::after_power_loss(const survivors& chosen) const {
  assert(allowed(chosen));
  disk after{options_, inodes_, next_inode_, next_descriptor_};
  std::size_t next = 0;
  for (const operation& op : operations_) {
    const bool survives = op.durable || chosen[next++] != 0;
    if (survives) {
      after.make_durable(op);
    } else if (op.what == operation::kind::chunk && options_.writeback) {
      replay(after.modify(op.inode).durable.write(), op, false, options_);
    }
  }
  after.reboot();
  return after;
}

void disk::power_loss(decider& choices) {
  survivors chosen(free_operations(), 1);
  std::vector<std::size_t> names;
  std::size_t next = 0;
  for (const operation& op : operations_) {
    if (op.durable) continue;
    if (op.what == operation::kind::names && options_.mode == crash_mode::journal) {
      names.push_back(next);
    } else {
      chosen[next] = choices.choose(2, "disk: a power loss drops an operation") == 0 ? 1 : 0;
    }
    ++next;
  }
  if (!names.empty()) {
    const auto dropped =
        choices.choose(static_cast<std::uint32_t>(names.size() + 1), "disk: names that a power loss drops");
    for (std::size_t i = names.size() - dropped; i < names.size(); ++i) chosen[names[i]] = 0;
  }
  *this = after_power_loss(chosen);
}

/// The caches are empty, nothing is open, and what has no name is freed.
void disk::reboot() {
  std::vector<std::uint32_t> links(inodes_.size(), 0);
  links.front() = 1;
  // Parents come before their children, so that one pass finds what the root reaches.
  for (std::size_t i = 0; i < inodes_.size(); ++i) {
    if (links[i] == 0 || inodes_[i].second->kind != file_kind::directory) continue;
    for (const auto& [name, target] : *inodes_[i].second->durable_entries) {
      const auto found = std::ranges::lower_bound(inodes_, target, {}, &inode_table::value_type::first);
      assert(found != inodes_.end() && found->first == target);
      ++links[static_cast<std::size_t>(found - inodes_.begin())];
    }
  }
  inode_table reached;
  reached.reserve(inodes_.size());
  for (std::size_t i = 0; i < inodes_.size(); ++i) {
    if (links[i] == 0) continue;
    auto& [number, file] = inodes_[i];
    const bool fresh = file->opens == 0 && file->links == links[i] && !file->cache_differs &&
                       file->lost_sectors.empty() && shared_layers(*file);
    if (!fresh || !file->durable->clipped()) {
      inode& found = file.write();
      if (!found.durable->clipped()) found.durable.write().clip();
      found.cached = found.durable;
      found.entries = found.durable_entries;
      found.cache_differs = false;
      found.lost_sectors.clear();
      found.errors = {};
      found.links = links[i];
      found.opens = 0;
      found.lock_holder = 0;
    }
    reached.push_back(std::move(inodes_[i]));
  }
  inodes_ = std::move(reached);
}

}  // namespace wavetank::sim::disk
