#include <wavetank/sim/disk/operation.h>
#include <wavetank/sim/random.h>

#include <algorithm>

namespace wavetank::sim::disk {

entry_name::entry_name(std::string_view text)
    : text_(std::make_shared<const std::string>(text)), hash_(hash_bytes(std::as_bytes(std::span{text}))) {}

bool operation::refers_to(inode_number target) const noexcept {
  return std::ranges::any_of(name_changes(), [&](const name_change& one) { return one.target == target; });
}

bool operation::changes_directory(inode_number directory) const noexcept {
  return std::ranges::any_of(name_changes(), [&](const name_change& one) { return one.directory == directory; });
}

void replay(file_image& image, const operation& op, bool survives, const disk_options& options) {
  if (op.what == operation::kind::size) {
    if (survives) image.set_size(op.size);
  } else if (survives) {
    image.set_sector(op.sector, op.content);
  } else if (options.writeback && image.sector(op.sector) == nullptr) {
    image.set_sector(op.sector, garbage(mix(op.inode) ^ op.sector, options.sector_bytes));
  }
}

}  // namespace wavetank::sim::disk
