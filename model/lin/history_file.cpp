#include <wavetank/model/lin/history_file.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include <sys/stat.h>
#include <zlib.h>

namespace wavetank::lin {
namespace {

struct closes_gzip {
  void operator()(gzFile_s* file) const noexcept { gzclose(file); }
};
using gzip_file = std::unique_ptr<gzFile_s, closes_gzip>;

tl::unexpected<file_error> failed(file_error::kind what, std::uint64_t line, std::string text) {
  return tl::unexpected(file_error{what, {line, std::move(text)}});
}

// Collects operations from blocks of bytes.
class collector {
 public:
  explicit collector(std::uint64_t limit_bytes) : limit_bytes_(limit_bytes) {}

  tl::expected<void, file_error> take(std::string_view block) {
    while (!block.empty()) {
      const std::size_t end = block.find('\n');
      if (line_.size() + block.size() > limit_bytes_ / 8 &&
          line_.size() + std::min(end, block.size()) > limit_bytes_ / 8)
        return failed(file_error::kind::too_large, number_, "the line is longer than an eighth of the memory limit");
      line_.append(block.substr(0, end));
      if (end == std::string_view::npos) return {};
      block.remove_prefix(end + 1);
      if (auto done = end_line(); !done) return done;
    }
    return {};
  }

  tl::expected<void, file_error> end_line() {
    const std::uint64_t number = number_++;
    if (!is_blank(line_)) {
      auto operation = parse_history_line(line_, number);
      if (!operation) return failed(file_error::kind::malformed, number, std::move(operation.error()));
      bytes_ += operation->bytes();
      if (bytes_ > limit_bytes_)
        return failed(file_error::kind::too_large, number, "the operations up to here take more than the memory limit");
      operations_.push_back(std::move(*operation));
    }
    line_.clear();
    return {};
  }

  std::vector<line_operation> result() { return std::move(operations_); }
  [[nodiscard]] std::uint64_t line() const { return number_; }
  [[nodiscard]] bool within_line() const { return !line_.empty(); }

 private:
  std::uint64_t limit_bytes_;
  std::uint64_t bytes_ = 0;
  std::uint64_t number_ = 1;
  std::string line_;
  std::vector<line_operation> operations_;
};

}  // namespace

tl::expected<std::vector<line_operation>, file_error> read_history_file(const std::string& path,
                                                                        std::uint64_t limit_bytes) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0)
    return failed(file_error::kind::unreadable, 0, std::string("cannot open it: ") + std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return failed(file_error::kind::unreadable, 0, "it is a directory, not a history");
  const gzip_file file(gzopen(path.c_str(), "rb"));
  if (!file) return failed(file_error::kind::unreadable, 0, std::string("cannot open it: ") + std::strerror(errno));
  gzbuffer(file.get(), 1U << 17);

  collector lines(limit_bytes);
  std::array<char, 1U << 16> block;
  while (true) {
    const int got = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()));
    int code = Z_OK;
    const char* message = gzerror(file.get(), &code);
    // Truncated compressed data shows as a short read with Z_BUF_ERROR, all else as -1.
    if (got < 0 || code == Z_BUF_ERROR)
      return failed(
          file_error::kind::unreadable, lines.line(),
          code == Z_BUF_ERROR ? "the compressed file is truncated" : std::string("cannot read on: ") + message);
    if (got == 0) break;
    if (auto taken = lines.take({block.data(), static_cast<std::size_t>(got)}); !taken)
      return tl::unexpected(taken.error());
  }
  if (lines.within_line())
    if (auto done = lines.end_line(); !done) return tl::unexpected(done.error());
  return lines.result();
}

}  // namespace wavetank::lin
