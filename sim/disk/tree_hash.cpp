#include <wavetank/sim/disk/tree_hash.h>
#include <wavetank/sim/random.h>

#include <algorithm>
#include <cassert>
#include <vector>

namespace wavetank::sim::disk {

std::uint64_t path_term(std::uint64_t directory_path, const entry_name& name) noexcept {
  return mix(mix(directory_path ^ name.hash()) + 1);
}
std::uint64_t directory_term(std::uint64_t path) noexcept { return mix(path + 2); }
std::uint64_t file_term(std::uint64_t paths, std::uint64_t bytes) noexcept { return mix(paths ^ mix(bytes)); }

std::uint64_t tree_hash(const disk& of) {
  assert(of.operations().empty());
  const disk::inode_table& inodes = of.inodes();
  std::vector<std::uint64_t> paths(inodes.size(), 0);
  for (const auto& [number, directory] : inodes) {
    for (const auto& [name, target] : *directory->durable_entries) {
      const auto found = std::ranges::lower_bound(inodes, target, {}, &disk::inode_table::value_type::first);
      paths[static_cast<std::size_t>(found - inodes.begin())] += path_term(directory->path_hash, name);
    }
  }
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < inodes.size(); ++i) {
    const inode& one = *inodes[i].second;
    sum += one.kind == file_kind::directory ? directory_term(one.path_hash) : file_term(paths[i], one.durable->hash());
  }
  return sum;
}

}  // namespace wavetank::sim::disk
