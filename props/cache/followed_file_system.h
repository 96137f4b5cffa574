// The simulated file system, seen through: what a cache calls is told to a record.
//
// A component that is instantiated with it is the same source in the same world: the record adds no visible operation
// and no decision. Each call is told of when it has taken effect and before anything else happens, which is so in a
// world without delays; a call of a process that is dead is not told of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <wavetank/impl/runtime/file_system.h>
#include <wavetank/props/cache/scan_record.h>
#include <wavetank/sim/machine.h>

namespace wavetank::props {

/// The `file_system` concept, of one process. What it is given must outlive it; without a record nothing is told.
class followed_file_system {
 public:
  class file {
   public:
    file() = default;

   private:
    friend class followed_file_system;
    file(sim::file_system::file&& one, std::string_view path) : one_(std::move(one)), path_(path) {}
    sim::file_system::file one_;
    std::string path_;
  };

  followed_file_system(sim::file_system& files, scan_record* record) noexcept : files_(&files), record_(record) {}

  io_result<file> open(std::string_view path, open_mode mode) {
    auto opened = files_->open(path, mode);
    tell([&](scan_record& r) { r.called_open(path, mode, opened.has_value()); });
    if (!opened) return tl::make_unexpected(opened.error());
    return file{std::move(*opened), path};
  }
  io_result<void> close(file closing) { return files_->close(std::move(closing.one_)); }
  io_result<std::size_t> pread(file& from, std::uint64_t offset, std::span<std::byte> room) {
    return files_->pread(from.one_, offset, room);
  }
  io_result<void> pwrite(file& to, std::uint64_t offset, std::span<const std::byte> bytes) {
    return files_->pwrite(to.one_, offset, bytes);
  }
  io_result<void> truncate(file& of, std::uint64_t size) { return files_->truncate(of.one_, size); }
  io_result<void> fdatasync(file& of) { return told_sync(files_->fdatasync(of.one_), of); }
  io_result<void> fsync(file& of) { return told_sync(files_->fsync(of.one_), of); }
  io_result<void> fsync_directory(std::string_view path) {
    auto synced = files_->fsync_directory(path);
    if (synced) tell([&](scan_record& r) { r.called_sync_directory(path); });
    return synced;
  }
  io_result<void> link(std::string_view from, std::string_view to) {
    auto linked = files_->link(from, to);
    tell([&](scan_record& r) { r.called_link(from, to, linked); });
    return linked;
  }
  io_result<void> unlink(std::string_view path) {
    auto removed = files_->unlink(path);
    tell([&](scan_record& r) { r.called_unlink(path, removed); });
    return removed;
  }
  io_result<void> rename(std::string_view from, std::string_view to, rename_mode mode) {
    auto renamed = files_->rename(from, to, mode);
    tell([&](scan_record& r) { r.called_rename(from, to, renamed); });
    return renamed;
  }
  io_result<void> mkdir(std::string_view path) {
    auto made = files_->mkdir(path);
    tell([&](scan_record& r) { r.called_mkdir(path, made); });
    return made;
  }
  io_result<std::vector<directory_entry>> list(std::string_view path) {
    auto listed = files_->list(path);
    tell([&](scan_record& r) { r.called_list(path, listed); });
    return listed;
  }
  io_result<file_status> stat(std::string_view path) { return files_->stat(path); }
  io_result<file_status> stat(file& of) { return files_->stat(of.one_); }
  io_result<void> lock(file& of) {
    auto locked = files_->lock(of.one_);
    tell([&](scan_record& r) { r.called_lock(locked.has_value()); });
    return locked;
  }
  io_result<void> drop_cache(file& of) { return files_->drop_cache(of.one_); }

 private:
  template <class Tell>
  void tell(Tell&& what) {
    if (record_ != nullptr && !sim::scheduler::here().burying()) what(*record_);
  }
  io_result<void> told_sync(io_result<void> synced, const file& of) {
    if (synced) tell([&](scan_record& r) { r.called_sync(of.path_); });
    return synced;
  }

  sim::file_system* files_;
  scan_record* record_;
};

static_assert(file_system<followed_file_system>);

}  // namespace wavetank::props
