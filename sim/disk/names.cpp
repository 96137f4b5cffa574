// Paths and directories.
#include <wavetank/sim/disk/disk.h>
#include <wavetank/sim/random.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <string>

namespace wavetank::sim::disk {

namespace {
constexpr std::size_t name_max = 255;
constexpr std::size_t path_max = 4095;
}  // namespace

result<disk::place> disk::resolve(std::string_view path) const {
  if (path.empty()) return tl::make_unexpected(ENOENT);
  if (path.size() > path_max) return tl::make_unexpected(ENAMETOOLONG);
  if (path.front() != '/') throw std::invalid_argument("disk: not an absolute path: " + std::string{path});
  place found{root_inode, {}, root_inode};
  for (std::size_t from = 0; from < path.size();) {
    const std::size_t end = std::min(path.find('/', from), path.size());
    const std::string_view name = path.substr(from, end - from);
    from = end + 1;
    if (name.empty() || name == ".") continue;
    if (name == "..") throw std::invalid_argument("disk: '..' is not simulated: " + std::string{path});
    if (found.target == no_inode) return tl::make_unexpected(ENOENT);
    const inode& directory = at(found.target);
    if (directory.kind != file_kind::directory) return tl::make_unexpected(ENOTDIR);
    if (name.size() > name_max) return tl::make_unexpected(ENAMETOOLONG);
    found = {found.target, name, directory.entries->find(name)};
  }
  return found;
}

result<inode_number> disk::existing(std::string_view path) const {
  if (const auto readable = may_read(); !readable) return tl::make_unexpected(readable.error());
  const auto where = resolve(path);
  if (!where) return tl::make_unexpected(where.error());
  if (where->target == no_inode) return tl::make_unexpected(ENOENT);
  return where->target;
}

/// A directory on the way to what the path names.
bool disk::leads_through(std::string_view path, inode_number directory) const {
  for (std::size_t end = path.find('/', 1); end != std::string_view::npos; end = path.find('/', end + 1)) {
    const auto passed = resolve(path.substr(0, end));
    if (passed && passed->target == directory) return true;
  }
  return false;
}

void disk::change_names(std::initializer_list<name_change> changes) {
  operation op;
  op.what = operation::kind::names;
  for (const name_change& change : changes) {
    inode& directory = modify(change.directory);
    if (const inode_number before = directory.entries->find(change.name.text())) {
      inode& file = modify(before);
      --file.links;
      if (file.links == 0 && file.opens == 0) nameless_.push_back(before);
    }
    directory.entries.write().set(change.name, change.target);
    if (change.target != no_inode) ++modify(change.target).links;
    op.names[op.changes++] = change;
  }
  operations_.push_back(std::move(op));
}

result<void> disk::link(std::string_view from, std::string_view to, decider& choices) {
  if (const auto fault = strike({fault_kind::enospc, fault_kind::edquot, fault_kind::erofs, fault_kind::eio_write},
                                choices, "disk: fault at link")) {
    return tl::make_unexpected(error_of(*fault));
  }
  const auto source = existing(from);
  if (!source) return tl::make_unexpected(source.error());
  const auto where = resolve(to);
  if (!where) return tl::make_unexpected(where.error());
  if (where->target != no_inode) return tl::make_unexpected(EEXIST);
  if (const auto changeable = may_change(); !changeable) return changeable;
  if (at(*source).kind == file_kind::directory || !options_.hard_links) return tl::make_unexpected(EPERM);
  change_names({{where->directory, entry_name{where->name}, *source}});
  return {};
}

result<void> disk::unlink(std::string_view path, decider& choices) {
  if (const auto fault = strike({fault_kind::erofs, fault_kind::eio_write}, choices, "disk: fault at unlink")) {
    return tl::make_unexpected(error_of(*fault));
  }
  const auto target = existing(path);
  if (!target) return tl::make_unexpected(target.error());
  if (const auto changeable = may_change(); !changeable) return changeable;
  if (at(*target).kind == file_kind::directory) return tl::make_unexpected(EISDIR);
  const auto where = resolve(path);
  change_names({{where->directory, entry_name{where->name}, no_inode}});
  return {};
}

result<void> disk::rename(std::string_view from, std::string_view to, rename_mode mode, decider& choices) {
  if (const auto fault = strike({fault_kind::enospc, fault_kind::edquot, fault_kind::erofs, fault_kind::eio_write},
                                choices, "disk: fault at rename")) {
    return tl::make_unexpected(error_of(*fault));
  }
  if (const auto readable = may_read(); !readable) return readable;
  const auto source = resolve(from);
  if (!source) return tl::make_unexpected(source.error());
  const auto where = resolve(to);
  if (!where) return tl::make_unexpected(where.error());
  if (const auto changeable = may_change(); !changeable) return changeable;
  if (source->target == no_inode) return tl::make_unexpected(ENOENT);
  if (where->target != no_inode && mode == rename_mode::no_replace) return tl::make_unexpected(EEXIST);
  if (mode == rename_mode::no_replace && !options_.exclusive_renames) return tl::make_unexpected(EINVAL);
  if (where->target == source->target) return {};
  if (at(source->target).kind == file_kind::directory) {
    throw std::invalid_argument("disk: rename of a directory is not simulated: " + std::string{from});
  }
  if (where->target != no_inode && at(where->target).kind == file_kind::directory) {
    return tl::make_unexpected(leads_through(from, where->target) ? ENOTEMPTY : EISDIR);
  }
  change_names({{where->directory, entry_name{where->name}, source->target},
                {source->directory, entry_name{source->name}, no_inode}});
  return {};
}

result<void> disk::mkdir(std::string_view path, decider& choices) {
  if (const auto fault = strike({fault_kind::enospc, fault_kind::edquot, fault_kind::erofs, fault_kind::eio_write},
                                choices, "disk: fault at mkdir")) {
    return tl::make_unexpected(error_of(*fault));
  }
  if (const auto readable = may_read(); !readable) return readable;
  const auto where = resolve(path);
  if (!where) return tl::make_unexpected(where.error());
  if (where->target != no_inode) return tl::make_unexpected(EEXIST);
  if (const auto changeable = may_change(); !changeable) return changeable;
  const inode_number made = add_inode(file_kind::directory);
  const entry_name name{where->name};
  modify(made).path_hash = mix(at(where->directory).path_hash ^ name.hash());
  change_names({{where->directory, name, made}});
  return {};
}

result<std::vector<directory_entry>> disk::list(std::string_view path, decider& choices) {
  if (const auto fault = strike({fault_kind::emfile, fault_kind::eio_read}, choices, "disk: fault at list")) {
    return tl::make_unexpected(error_of(*fault));
  }
  const auto number = existing(path);
  if (!number) return tl::make_unexpected(number.error());
  const inode& directory = at(*number);
  if (directory.kind != file_kind::directory) return tl::make_unexpected(ENOTDIR);
  std::vector<directory_entry> all;
  for (const auto& [name, target] : *directory.entries) all.push_back({std::string{name.text()}, at(target).kind});
  return all;
}

file_status disk::status_of(const inode& file) noexcept {
  if (file.kind != file_kind::regular) return {file.kind, 0, 0};
  return {file.kind, file.cached->size(), file.links};
}

result<file_status> disk::stat(std::string_view path) const {
  const auto number = existing(path);
  if (!number) return tl::make_unexpected(number.error());
  return status_of(at(*number));
}

result<file_status> disk::stat(descriptor file) const {
  const open_description* const opened = description(file);
  if (opened == nullptr) return tl::make_unexpected(EBADF);
  return status_of(at(opened->file));
}

}  // namespace wavetank::sim::disk
