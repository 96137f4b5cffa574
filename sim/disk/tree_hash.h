// The hash of a tree of files: a sum with a term for each file and directory, so that a change costs what it touches.
#pragma once

#include <cstdint>

#include <wavetank/sim/disk/disk.h>

namespace wavetank::sim::disk {

/// A name of a file.
std::uint64_t path_term(std::uint64_t directory_path, const entry_name& name) noexcept;
std::uint64_t directory_term(std::uint64_t path) noexcept;
/// `paths` is the sum of the terms of all its names, `bytes` the hash of its image.
std::uint64_t file_term(std::uint64_t paths, std::uint64_t bytes) noexcept;

/// A word for the tree that a reader sees after a power loss and a restart: paths, which of them are one file,
/// contents; inode numbers do not count. For a disk without volatile operations. Linear in the tree.
std::uint64_t tree_hash(const disk& of);

}  // namespace wavetank::sim::disk
