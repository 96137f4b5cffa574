#include <wavetank/tools/output_file.h>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace wavetank::tools {

namespace {

tl::unexpected<std::string> cannot_write(const std::filesystem::path& path, int error) {
  return tl::unexpected("cannot write " + path.string() + ": " + std::strerror(error) +
                        "; name a file in a directory that you may write to");
}

std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  return path.string() + ".partial." + std::to_string(::getpid());
}

}  // namespace

tl::expected<void, std::string> write_whole(const std::filesystem::path& path, std::string_view content) {
  const auto temporary = temporary_beside(path);
  errno = 0;
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  std::error_code error;
  if (!out) {
    const int why = errno != 0 ? errno : EIO;
    std::filesystem::remove(temporary, error);
    return cannot_write(path, why);
  }
  std::filesystem::rename(temporary, path, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    return cannot_write(path, error.value());
  }
  return {};
}

tl::expected<void, std::string> check_writable(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return cannot_write(path, EISDIR);
  const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(directory, error)) return cannot_write(path, ENOENT);
  if (::access(directory.c_str(), W_OK) != 0) return cannot_write(path, errno);
  return {};
}

tl::expected<std::string, std::string> read_whole(const std::filesystem::path& path, std::size_t max_bytes) {
  const auto cannot_read = [&](const std::string& why) {
    return tl::unexpected("cannot read " + path.string() + ": " + why);
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return cannot_read("it is a directory; name a file");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return cannot_read(std::string(std::strerror(errno != 0 ? errno : EIO)) + "; check the name");
  // Read with a bound instead of asking for the size: a device or a pipe has none.
  std::string content;
  std::string block(std::size_t{1} << 16, '\0');
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    content.append(block, 0, static_cast<std::size_t>(in.gcount()));
    if (content.size() > max_bytes) return cannot_read("longer than " + std::to_string(max_bytes) + " bytes");
  }
  if (in.bad()) return cannot_read("the device reports an error");
  return content;
}

}  // namespace wavetank::tools
