#include <wavetank/impl/runtime/whole_transfer.h>
#include <wavetank/sim/disk/process_file_system.h>

namespace wavetank::sim::disk {

namespace {
template <class T>
io_result<T> answer(io_call what, result<T>&& given) {
  if (!given) return tl::make_unexpected(io_error{what, given.error()});
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*given);
  }
}
}  // namespace

/// One call of the kernel, after the watcher has let it happen.
template <class Call>
auto process_file_system::call(io_call what, std::string_view path, Call&& happen) {
  if (!watcher_->before_call(what, path)) return decltype(happen())(tl::unexpect, EIO);
  if (disk_->options().background_write_back) disk_->write_back(*choices_);
  const auto taken = disk_->draw_delay(*choices_);
  auto given = happen();
  if (taken.count() != 0) watcher_->elapse(taken);
  return given;
}

/// The same, and again for as long as it is interrupted.
template <class Call>
auto process_file_system::whole_call(io_call what, std::string_view path, Call&& happen) {
  return answer(what, uninterrupted([&] { return call(what, path, happen); }));
}

io_result<process_file_system::file> process_file_system::open(std::string_view path, open_mode mode) {
  const auto opened = whole_call(io_call::open, path, [&] { return disk_->open(process_, path, mode, *choices_); });
  if (!opened) return tl::make_unexpected(opened.error());
  return file{*disk_, *opened, path};
}

io_result<void> process_file_system::close(file closing) {
  if (closing.disk_ == nullptr) return tl::make_unexpected(io_error{io_call::close, EBADF});
  auto closed = whole_call(io_call::close, closing.path_, [&] { return disk_->close(closing.number_); });
  closing.disk_ = nullptr;
  return closed;
}

io_result<std::size_t> process_file_system::pread(file& from, std::uint64_t offset, std::span<std::byte> room) {
  return transfer_whole(io_call::pread, room.size(), [&](std::size_t done) {
    return call(io_call::pread, from.path_,
                [&] { return disk_->read(from.number_, offset + done, room.subspan(done), *choices_); });
  });
}

io_result<void> process_file_system::pwrite(file& to, std::uint64_t offset, std::span<const std::byte> bytes) {
  return write_whole(bytes.size(), [&](std::size_t done) {
    return call(io_call::pwrite, to.path_,
                [&] { return disk_->write(to.number_, offset + done, bytes.subspan(done), *choices_); });
  });
}

io_result<void> process_file_system::truncate(file& of, std::uint64_t size) {
  return whole_call(io_call::truncate, of.path_, [&] { return disk_->truncate(of.number_, size, *choices_); });
}

io_result<void> process_file_system::fdatasync(file& of) {
  return whole_call(io_call::fdatasync, of.path_, [&] { return disk_->fsync(of.number_, *choices_); });
}

io_result<void> process_file_system::fsync(file& of) {
  return whole_call(io_call::fsync, of.path_, [&] { return disk_->fsync(of.number_, *choices_); });
}

io_result<void> process_file_system::fsync_directory(std::string_view path) {
  return whole_call(io_call::fsync_directory, path, [&]() -> result<void> {
    const auto opened = disk_->open(process_, path, open_mode::read, *choices_);
    if (!opened) return tl::make_unexpected(opened.error());
    const auto synced = disk_->stat(*opened)->kind == file_kind::directory ? disk_->fsync(*opened, *choices_)
                                                                           : result<void>{tl::unexpect, ENOTDIR};
    static_cast<void>(disk_->close(*opened));
    return synced;
  });
}

io_result<void> process_file_system::link(std::string_view from, std::string_view to) {
  return whole_call(io_call::link, from, [&] { return disk_->link(from, to, *choices_); });
}

io_result<void> process_file_system::unlink(std::string_view path) {
  return whole_call(io_call::unlink, path, [&] { return disk_->unlink(path, *choices_); });
}

io_result<void> process_file_system::rename(std::string_view from, std::string_view to, rename_mode mode) {
  return whole_call(io_call::rename, from, [&] { return disk_->rename(from, to, mode, *choices_); });
}

io_result<void> process_file_system::mkdir(std::string_view path) {
  return whole_call(io_call::mkdir, path, [&] { return disk_->mkdir(path, *choices_); });
}

io_result<std::vector<directory_entry>> process_file_system::list(std::string_view path) {
  return whole_call(io_call::list, path, [&] { return disk_->list(path, *choices_); });
}

io_result<file_status> process_file_system::stat(std::string_view path) {
  return whole_call(io_call::stat, path, [&] { return disk_->stat(path); });
}

io_result<file_status> process_file_system::stat(file& of) {
  return whole_call(io_call::stat, of.path_, [&] { return disk_->stat(of.number_); });
}

io_result<void> process_file_system::lock(file& of) {
  return whole_call(io_call::lock, of.path_, [&] { return disk_->lock(of.number_); });
}

io_result<void> process_file_system::drop_cache(file& of) {
  return whole_call(io_call::drop_cache, of.path_, [&] { return disk_->drop_cache(of.number_); });
}

}  // namespace wavetank::sim::disk
