// The file system: the calls that components make for durable files, as values and a concept.
//
// Source: POSIX.1-2017 and Linux (`renameat2`, `flock`, `O_DIRECT`, `posix_fadvise`). Paths are POSIX paths. It
// promises what the kernel promises and no more: nothing is durable before `fsync` or `fdatasync` of the file, and no
// name before `fsync_directory` of its directory; after the first error of a sync nothing is known about what it was to
// make durable, and a second one that succeeds says nothing about the first.
//
// Left out, because no component needs it: removal and renaming of directories, links that are symbolic, permissions
// and times, positions in an open file, vectored and asynchronous calls, memory maps.
#pragma once

#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// What was asked of the file system.
enum class io_call : std::uint8_t {
  open,
  close,
  pread,
  pwrite,
  truncate,
  fdatasync,
  fsync,
  fsync_directory,
  link,
  unlink,
  rename,
  mkdir,
  list,
  stat,
  lock,
  drop_cache,
};

constexpr std::string_view to_string(io_call call) noexcept {
  switch (call) {
    case io_call::open:
      return "open";
    case io_call::close:
      return "close";
    case io_call::pread:
      return "pread";
    case io_call::pwrite:
      return "pwrite";
    case io_call::truncate:
      return "truncate";
    case io_call::fdatasync:
      return "fdatasync";
    case io_call::fsync:
      return "fsync";
    case io_call::fsync_directory:
      return "fsync of a directory";
    case io_call::link:
      return "link";
    case io_call::unlink:
      return "unlink";
    case io_call::rename:
      return "rename";
    case io_call::mkdir:
      return "mkdir";
    case io_call::list:
      return "list";
    case io_call::stat:
      return "stat";
    case io_call::lock:
      return "lock";
    case io_call::drop_cache:
      return "drop_cache";
  }
  return "unknown call";
}

/// Why a call failed.
struct io_error {
  io_call call = io_call::open;
  int error_number = 0;            ///< as in <cerrno>
  std::uint64_t bytes_wanted = 0;  ///< of `pwrite`: how many bytes found no place; else 0
  friend bool operator==(const io_error&, const io_error&) = default;
};

/// For people: "pwrite: No space left on device (errno 28), 4096 bytes wanted".
inline std::string to_string(const io_error& error) {
  std::string text{to_string(error.call)};
  text += ": " + std::generic_category().message(error.error_number);
  text += " (errno " + std::to_string(error.error_number) + ")";
  if (error.bytes_wanted != 0) text += ", " + std::to_string(error.bytes_wanted) + " bytes wanted";
  return text;
}

template <class T>
using io_result = tl::expected<T, io_error>;

/// The answer of `link` where the file system has no hard links.
constexpr bool means_no_hard_links(const io_error& error) noexcept {
  return error.call == io_call::link && (error.error_number == EPERM || error.error_number == EOPNOTSUPP);
}
/// The answer of `rename` where the file system cannot promise `rename_mode::no_replace`.
constexpr bool means_no_exclusive_rename(const io_error& error) noexcept {
  return error.call == io_call::rename && (error.error_number == EINVAL || error.error_number == ENOSYS);
}
/// The answer of `lock` where somebody else holds it.
constexpr bool means_locked(const io_error& error) noexcept {
  return error.call == io_call::lock && error.error_number == EWOULDBLOCK;
}

enum class open_mode : std::uint8_t {
  read,              ///< through the page cache, which may hold bytes that the medium lost
  read_medium,       ///< past the page cache; where the file system cannot, after dropping the file's clean pages
  read_write,        ///< an existing file
  create_exclusive,  ///< to read and write; EEXIST if the name is taken
};

enum class rename_mode : std::uint8_t {
  replace,     ///< atomically
  no_replace,  ///< EEXIST if the name is taken; see `means_no_exclusive_rename`
};

enum class file_kind : std::uint8_t { regular, directory, other };

struct file_status {
  file_kind kind = file_kind::regular;
  std::uint64_t size = 0;   ///< bytes; 0 for what is not a regular file
  std::uint64_t links = 0;  ///< names of the file; 0 for what is not a regular file
  friend bool operator==(const file_status&, const file_status&) = default;
};

struct directory_entry {
  std::string name;
  file_kind kind = file_kind::regular;
  friend bool operator==(const directory_entry&, const directory_entry&) = default;
};

/// The concept. For a file system `fs` of type `F`; every call may be made by any task at any time, and on one file by
/// several tasks, but for `close`:
///
/// * `F::file`: a move-only descriptor; its destructor closes it and can tell nobody of an error. Default-constructed
///   or moved from, it is not open.
/// * `fs.open(path, mode)`, `fs.close(std::move(file))`: the file is closed whatever `close` answers.
/// * `fs.pread(file, offset, bytes)`: fills the buffer or reads to the end of the file, and says how much that was.
/// * `fs.pwrite(file, offset, bytes)`: all of them or an error. A part may have been written before the error.
/// * `fs.truncate(file, size)`, `fs.fdatasync(file)` (data and size), `fs.fsync(file)`, `fs.fsync_directory(path)`.
/// * `fs.link(from, to)`: atomic; EEXIST where `to` is taken. `fs.unlink(path)`: of a file. `fs.rename(from, to,
/// mode)`:
///   of a file. `fs.mkdir(path)`.
/// * `fs.list(path)`: all but `.` and `..`, by name. `fs.stat(path)`, `fs.stat(file)`.
/// * `fs.lock(file)`: takes the file's advisory exclusive lock without waiting, or `means_locked`. It ends with the
/// file's
///   `close` and with the process.
/// * `fs.drop_cache(file)`: asks that the file's clean pages leave the cache. A hint, but on local file systems it is
/// taken.
///
/// EINTR and short transfers are dealt with inside; every other error is answered as it came.
template <class F>
concept file_system = requires(F& fs, typename F::file& file, std::string_view path, std::uint64_t number,
                               std::span<std::byte> room, std::span<const std::byte> bytes) {
  requires std::movable<typename F::file> && !std::copyable<typename F::file>;
  requires std::default_initializable<typename F::file>;
  { fs.open(path, open_mode::read) } -> std::same_as<io_result<typename F::file>>;
  { fs.close(std::move(file)) } -> std::same_as<io_result<void>>;
  { fs.pread(file, number, room) } -> std::same_as<io_result<std::size_t>>;
  { fs.pwrite(file, number, bytes) } -> std::same_as<io_result<void>>;
  { fs.truncate(file, number) } -> std::same_as<io_result<void>>;
  { fs.fdatasync(file) } -> std::same_as<io_result<void>>;
  { fs.fsync(file) } -> std::same_as<io_result<void>>;
  { fs.fsync_directory(path) } -> std::same_as<io_result<void>>;
  { fs.link(path, path) } -> std::same_as<io_result<void>>;
  { fs.unlink(path) } -> std::same_as<io_result<void>>;
  { fs.rename(path, path, rename_mode::replace) } -> std::same_as<io_result<void>>;
  { fs.mkdir(path) } -> std::same_as<io_result<void>>;
  { fs.list(path) } -> std::same_as<io_result<std::vector<directory_entry>>>;
  { fs.stat(path) } -> std::same_as<io_result<file_status>>;
  { fs.stat(file) } -> std::same_as<io_result<file_status>>;
  { fs.lock(file) } -> std::same_as<io_result<void>>;
  { fs.drop_cache(file) } -> std::same_as<io_result<void>>;
};

}  // namespace wavetank
