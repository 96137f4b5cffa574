// How the exhaustive enumeration is fast. The hash of a tree is a sum over its files and directories. The bytes of a
// file depend only on the operations on that file, so each file has a table from the subsets of these to a hash of its
// bytes. For each choice of names, the sum of all that no choice of bytes can change is taken once; then a subset of
// the remaining operations costs a few look-ups and additions. Only what was not seen before is built as a disk.
#include <wavetank/sim/disk/crash_samples.h>
#include <wavetank/sim/disk/crash_states.h>
#include <wavetank/sim/disk/tree_hash.h>
#include <wavetank/sim/disk/word_set.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace wavetank::sim::disk {

namespace {

/// The disk before the power loss, with every reference resolved to an index.
class crash_space {
 public:
  explicit crash_space(const disk& before) : before_(before) {
    index_entries();
    index_operations();
  }

  long double possible() const {
    const long double bytes = std::ldexp(1.0L, static_cast<int>(bytes_bits_.size()));
    return bytes * (ordered() ? static_cast<long double>(free_names_.size() + 1)
                              : std::ldexp(1.0L, static_cast<int>(free_names_.size())));
  }

  crash_summary all(const std::function<void(disk)>& visit);

 private:
  /// An entry of a directory that exists before or after some operation.
  struct cell {
    std::size_t directory;
    std::uint64_t term;
    std::size_t durable;  // what it names on the medium: an index of inodes_, or none
    std::size_t now;      // in the choice that is being looked at
  };
  struct change {
    std::size_t operation;
    std::size_t cell;
    std::size_t target;
  };
  /// A file with free operations on its bytes; its bits are `first_bit` and up.
  struct changing_file {
    std::size_t index;
    unsigned first_bit;
    unsigned bits;
    std::vector<std::uint64_t> hashes;
    bool reached = false;
    std::uint64_t paths = 0;
  };
  static constexpr std::size_t none = ~std::size_t{0};

  bool ordered() const { return before_.options().mode == crash_mode::journal; }
  std::size_t index_of(inode_number number) const {
    if (number == no_inode) return none;
    const auto found = std::ranges::lower_bound(before_.inodes(), number, {}, &disk::inode_table::value_type::first);
    assert(found != before_.inodes().end() && found->first == number);
    return static_cast<std::size_t>(found - before_.inodes().begin());
  }
  const inode& inode_at(std::size_t index) const { return *before_.inodes()[index].second; }
  std::size_t cell_of(inode_number directory, const entry_name& name);
  void index_entries();
  void index_operations();
  std::vector<std::uint64_t> table_of(inode_number number, unsigned bits) const;
  void choose_names(std::uint64_t mask);
  std::uint64_t unchanging_sum();

  const disk& before_;
  std::vector<cell> cells_;
  std::vector<std::pair<inode_number, entry_name>> cell_names_;
  std::vector<change> changes_;          // in program order
  std::vector<std::size_t> survivor_;    // by operation: its place among the free ones, or none
  std::vector<std::size_t> free_names_;  // places among the free ones, in program order
  std::vector<std::size_t> bytes_bits_;  // by bit: the place among the free ones
  std::vector<changing_file> files_;
  std::vector<std::uint8_t> changing_;      // by inode index
  std::vector<std::uint64_t> fixed_bytes_;  // by inode index: the hash of bytes that no choice changes
  survivors chosen_;
};

std::size_t crash_space::cell_of(inode_number directory, const entry_name& name) {
  const auto found = std::ranges::find(cell_names_, std::pair{directory, name});
  if (found != cell_names_.end()) return static_cast<std::size_t>(found - cell_names_.begin());
  const std::size_t owner = index_of(directory);
  cell_names_.emplace_back(directory, name);
  cells_.push_back({owner, path_term(inode_at(owner).path_hash, name),
                    index_of(inode_at(owner).durable_entries->find(name.text())), none});
  return cells_.size() - 1;
}

void crash_space::index_entries() {
  for (const operation& op : before_.operations()) {
    for (const name_change& one : op.name_changes()) cell_of(one.directory, one.name);
  }
  const std::size_t touched = cells_.size();
  for (std::size_t i = 0; i < before_.inodes().size(); ++i) {
    const auto& [number, directory] = before_.inodes()[i];
    for (const auto& [name, target] : *directory->durable_entries) {
      const auto first = cell_names_.begin();
      if (std::find(first, first + static_cast<std::ptrdiff_t>(touched), std::pair{number, name}) !=
          first + static_cast<std::ptrdiff_t>(touched)) {
        continue;
      }
      cells_.push_back({i, path_term(directory->path_hash, name), index_of(target), none});
    }
  }
  // A directory comes after its parent, and the entries of one directory together.
  std::vector<std::size_t> order(cells_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return cells_[i].directory; });
  std::vector<std::size_t> moved_to(cells_.size());
  std::vector<cell> sorted;
  for (std::size_t i = 0; i < order.size(); ++i) {
    moved_to[order[i]] = i;
    sorted.push_back(cells_[order[i]]);
  }
  cells_ = std::move(sorted);
  for (std::size_t i = 0; i < before_.operations().size(); ++i) {
    for (const name_change& one : before_.operations()[i].name_changes()) {
      const auto found = std::ranges::find(cell_names_, std::pair{one.directory, one.name});
      changes_.push_back({i, moved_to[static_cast<std::size_t>(found - cell_names_.begin())], index_of(one.target)});
    }
  }
}

void crash_space::index_operations() {
  const auto operations = before_.operations();
  std::size_t free = 0;
  std::vector<std::pair<inode_number, std::size_t>> on_bytes;
  for (const operation& op : operations) {
    survivor_.push_back(op.durable ? none : free);
    if (op.what == operation::kind::names) {
      if (!op.durable) free_names_.push_back(free);
    } else if (!op.durable) {
      on_bytes.emplace_back(op.inode, free);
    }
    if (!op.durable) ++free;
  }
  chosen_.assign(free, 0);
  std::ranges::stable_sort(on_bytes, {}, &std::pair<inode_number, std::size_t>::first);
  changing_.assign(before_.inodes().size(), 0);
  for (const auto& [number, place] : on_bytes) {
    const std::size_t index = index_of(number);
    if (files_.empty() || files_.back().index != index) {
      files_.push_back({index, static_cast<unsigned>(bytes_bits_.size()), 0, {}});
      changing_[index] = 1;
    }
    ++files_.back().bits;
    bytes_bits_.push_back(place);
  }
}

/// By subset of the free operations on the bytes of a file: the hash of the bytes.
std::vector<std::uint64_t> crash_space::table_of(inode_number number, unsigned bits) const {
  std::vector<std::uint64_t> hashes(std::size_t{1} << bits);
  for (std::size_t mask = 0; mask < hashes.size(); ++mask) {
    file_image image = *inode_at(index_of(number)).durable;
    unsigned bit = 0;
    for (const operation& op : before_.operations()) {
      if (op.what == operation::kind::names || op.inode != number) continue;
      replay(image, op, op.durable || ((mask >> bit) & 1) != 0, before_.options());
      if (!op.durable) ++bit;
    }
    hashes[mask] = image.hash();
  }
  return hashes;
}

/// Sets what each entry names if these of the free name operations survive.
void crash_space::choose_names(std::uint64_t mask) {
  for (std::size_t i = 0; i < free_names_.size(); ++i) chosen_[free_names_[i]] = (mask >> i) & 1;
  for (cell& one : cells_) one.now = one.durable;
  for (const change& one : changes_) {
    const std::size_t place = survivor_[one.operation];
    if (place == none || chosen_[place] != 0) cells_[one.cell].now = one.target;
  }
}

/// The sum over all that the chosen names reach, but for the files whose bytes are still open: these get their paths.
std::uint64_t crash_space::unchanging_sum() {
  const std::size_t count = before_.inodes().size();
  std::vector<std::uint64_t> paths(count, 0);
  std::vector<std::uint8_t> reached(count, 0);
  reached[0] = 1;
  for (const cell& one : cells_) {
    if (one.now == none || !reached[one.directory]) continue;
    reached[one.now] = 1;
    paths[one.now] += one.term;
  }
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!reached[i] || changing_[i]) continue;
    const inode& one = inode_at(i);
    sum += one.kind == file_kind::directory ? directory_term(one.path_hash) : file_term(paths[i], fixed_bytes_[i]);
  }
  for (changing_file& file : files_) {
    file.reached = reached[file.index] != 0;
    file.paths = paths[file.index];
  }
  return sum;
}

crash_summary crash_space::all(const std::function<void(disk)>& visit) {
  for (changing_file& file : files_) file.hashes = table_of(before_.inodes()[file.index].first, file.bits);
  fixed_bytes_.assign(before_.inodes().size(), 0);
  for (std::size_t i = 0; i < fixed_bytes_.size(); ++i) {
    if (changing_[i]) continue;
    file_image image = *inode_at(i).durable;
    for (const operation& op : before_.operations()) {
      if (op.what != operation::kind::names && op.inode == before_.inodes()[i].first) {
        replay(image, op, true, before_.options());
      }
    }
    fixed_bytes_[i] = image.hash();
  }

  crash_summary summary;
  summary.possible = possible();
  summary.exhaustive = true;
  word_set seen;
  const std::uint64_t name_choices = ordered() ? free_names_.size() + 1 : std::uint64_t{1} << free_names_.size();
  for (std::uint64_t i = 0; i < name_choices; ++i) {
    choose_names(ordered() ? (std::uint64_t{1} << i) - 1 : i);
    const std::uint64_t sum = unchanging_sum();
    std::uint64_t open = 0;  // the bits that can be told apart: those of files with a name
    for (const changing_file& file : files_) {
      if (file.reached) open |= ((std::uint64_t{1} << file.bits) - 1) << file.first_bit;
    }
    std::uint64_t bytes = 0;
    do {
      std::uint64_t tree = sum;
      for (const changing_file& file : files_) {
        if (!file.reached) continue;
        tree += file_term(file.paths, file.hashes[(bytes >> file.first_bit) & ((std::uint64_t{1} << file.bits) - 1)]);
      }
      if (seen.insert(tree)) {
        ++summary.states;
        for (std::size_t bit = 0; bit < bytes_bits_.size(); ++bit) chosen_[bytes_bits_[bit]] = (bytes >> bit) & 1;
        visit(before_.after_power_loss(chosen_));
      }
      bytes = (bytes - open) & open;
    } while (bytes != 0);
    summary.subsets += std::uint64_t{1} << bytes_bits_.size();
  }
  return summary;
}

}  // namespace

crash_summary for_each_crash_state(const disk& before, const crash_limits& limits,
                                   const std::function<void(disk)>& visit) {
  crash_space space{before};
  // The tables are as large as the subsets of one file's operations.
  if (space.possible() <= static_cast<long double>(limits.exhaustive_up_to) && before.free_operations() < 64) {
    return space.all(visit);
  }
  crash_summary summary = sample_crash_states(before, limits, visit);
  summary.possible = space.possible();
  return summary;
}

}  // namespace wavetank::sim::disk
