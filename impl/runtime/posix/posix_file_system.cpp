#include <wavetank/impl/runtime/posix/aligned_read.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/whole_transfer.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wavetank {

namespace {

/// One system call that answers a negative number for an error, again while it is interrupted.
template <class Call>
tl::expected<int, int> system_call(Call&& call) {
  return uninterrupted([&]() -> tl::expected<int, int> {
    const auto answer = call();
    if (answer < 0) return tl::make_unexpected(errno);
    return static_cast<int>(answer);
  });
}

template <class Call>
io_result<void> plain_call(io_call what, Call&& call) {
  if (const auto answer = system_call(call); !answer) return tl::make_unexpected(io_error{what, answer.error()});
  return {};
}

tl::expected<int, int> open_descriptor(const std::string& path, int flags) {
  return system_call([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0666); });
}

/// What is there may be a pipe, whose opening would wait for its other end; files know no O_NONBLOCK.
int flags_of(open_mode mode) noexcept {
  switch (mode) {
    case open_mode::read:
    case open_mode::read_medium:
      break;
    case open_mode::read_write:
      return O_RDWR | O_NONBLOCK;
    case open_mode::create_exclusive:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY | O_NONBLOCK;
}

file_kind kind_of(mode_t mode) noexcept {
  if (S_ISREG(mode)) return file_kind::regular;
  return S_ISDIR(mode) ? file_kind::directory : file_kind::other;
}

file_status status_of(const struct ::stat& found) noexcept {
  const file_kind kind = kind_of(found.st_mode);
  if (kind != file_kind::regular) return {kind, 0, 0};
  return {kind, static_cast<std::uint64_t>(found.st_size), static_cast<std::uint64_t>(found.st_nlink)};
}

}  // namespace

void posix_descriptor::close() noexcept {
  if (number_ >= 0) ::close(number_);
}

io_result<posix_file> posix_file_system::open(std::string_view path, open_mode mode) const {
  const std::string name{path};
  if (mode == open_mode::read_medium) {
    if (const auto opened = open_descriptor(name, flags_of(mode) | O_DIRECT)) {
      return posix_file{posix_descriptor{*opened}, true};
    } else if (opened.error() != EINVAL) {
      return tl::make_unexpected(io_error{io_call::open, opened.error()});
    }
  }
  const auto opened = open_descriptor(name, flags_of(mode));
  if (!opened) return tl::make_unexpected(io_error{io_call::open, opened.error()});
  posix_file made{posix_descriptor{*opened}, false};
  if (mode == open_mode::read_medium) static_cast<void>(drop_cache(made));
  return made;
}

io_result<void> posix_file_system::close(posix_file closing) const {
  // Linux closes the descriptor whatever it answers, so that a second attempt could close somebody else's.
  if (::close(closing.descriptor_.release()) == 0 || errno == EINTR) return {};
  return tl::make_unexpected(io_error{io_call::close, errno});
}

io_result<std::size_t> posix_file_system::pread(const posix_file& from, std::uint64_t offset,
                                                std::span<std::byte> room) const {
  if (from.aligned_) return aligned_read(from.descriptor_.number(), offset, room);
  return transfer_whole(io_call::pread, room.size(), [&](std::size_t done) -> tl::expected<std::size_t, int> {
    const ssize_t got =
        ::pread(from.descriptor_.number(), room.data() + done, room.size() - done, static_cast<off_t>(offset + done));
    if (got < 0) return tl::make_unexpected(errno);
    return static_cast<std::size_t>(got);
  });
}

io_result<void> posix_file_system::pwrite(const posix_file& to, std::uint64_t offset,
                                          std::span<const std::byte> bytes) const {
  return write_whole(bytes.size(), [&](std::size_t done) -> tl::expected<std::size_t, int> {
    const ssize_t put =
        ::pwrite(to.descriptor_.number(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (put < 0) return tl::make_unexpected(errno);
    return static_cast<std::size_t>(put);
  });
}

io_result<void> posix_file_system::truncate(const posix_file& of, std::uint64_t size) const {
  return plain_call(io_call::truncate, [&] { return ::ftruncate(of.descriptor_.number(), static_cast<off_t>(size)); });
}

io_result<void> posix_file_system::fdatasync(const posix_file& of) const {
  return plain_call(io_call::fdatasync, [&] { return ::fdatasync(of.descriptor_.number()); });
}

io_result<void> posix_file_system::fsync(const posix_file& of) const {
  return plain_call(io_call::fsync, [&] { return ::fsync(of.descriptor_.number()); });
}

io_result<void> posix_file_system::fsync_directory(std::string_view path) const {
  const auto opened = open_descriptor(std::string{path}, O_RDONLY | O_DIRECTORY);
  if (!opened) return tl::make_unexpected(io_error{io_call::fsync_directory, opened.error()});
  const posix_descriptor directory{*opened};
  return plain_call(io_call::fsync_directory, [&] { return ::fsync(directory.number()); });
}

io_result<void> posix_file_system::link(std::string_view from, std::string_view to) const {
  const std::string source{from};
  const std::string target{to};
  return plain_call(io_call::link, [&] { return ::link(source.c_str(), target.c_str()); });
}

io_result<void> posix_file_system::unlink(std::string_view path) const {
  const std::string name{path};
  return plain_call(io_call::unlink, [&] { return ::unlink(name.c_str()); });
}

io_result<void> posix_file_system::rename(std::string_view from, std::string_view to, rename_mode mode) const {
  const std::string source{from};
  const std::string target{to};
  return plain_call(io_call::rename, [&] {
    return ::renameat2(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(),
                       mode == rename_mode::no_replace ? RENAME_NOREPLACE : 0u);
  });
}

io_result<void> posix_file_system::mkdir(std::string_view path) const {
  const std::string name{path};
  return plain_call(io_call::mkdir, [&] { return ::mkdir(name.c_str(), 0777); });
}

io_result<std::vector<directory_entry>> posix_file_system::list(std::string_view path) const {
  const auto failed = [](int number) { return tl::make_unexpected(io_error{io_call::list, number}); };
  const std::string name{path};
  struct close_directory {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
  };
  const std::unique_ptr<DIR, close_directory> directory{::opendir(name.c_str())};
  if (directory == nullptr) return failed(errno);
  std::vector<directory_entry> all;
  for (;;) {
    errno = 0;
    const ::dirent* const entry = ::readdir(directory.get());
    if (entry == nullptr && errno != 0) return failed(errno);
    if (entry == nullptr) break;
    std::string text{static_cast<const char*>(entry->d_name)};
    if (text == "." || text == "..") continue;
    struct ::stat found {};
    const int status = ::fstatat(::dirfd(directory.get()), text.c_str(), &found, AT_SYMLINK_NOFOLLOW);
    if (status != 0 && errno == ENOENT) continue;  // it was removed meanwhile
    if (status != 0) return failed(errno);
    all.push_back({std::move(text), kind_of(found.st_mode)});
  }
  std::ranges::sort(all, {}, &directory_entry::name);
  return all;
}

io_result<file_status> posix_file_system::stat(std::string_view path) const {
  const std::string name{path};
  struct ::stat found {};
  if (::stat(name.c_str(), &found) != 0) return tl::make_unexpected(io_error{io_call::stat, errno});
  return status_of(found);
}

io_result<file_status> posix_file_system::stat(const posix_file& of) const {
  struct ::stat found {};
  if (::fstat(of.descriptor_.number(), &found) != 0) return tl::make_unexpected(io_error{io_call::stat, errno});
  return status_of(found);
}

io_result<void> posix_file_system::lock(const posix_file& of) const {
  return plain_call(io_call::lock, [&] { return ::flock(of.descriptor_.number(), LOCK_EX | LOCK_NB); });
}

io_result<void> posix_file_system::drop_cache(const posix_file& of) const {
  const int error = ::posix_fadvise(of.descriptor_.number(), 0, 0, POSIX_FADV_DONTNEED);
  if (error != 0) return tl::make_unexpected(io_error{io_call::drop_cache, error});
  return {};
}

}  // namespace wavetank
