#include <wavetank/tools/progress_bar.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include <wavetank/tools/printable.h>
#include <wavetank/tools/result_table.h>

namespace wavetank::tools {

namespace {

constexpr std::size_t bar_width = 24;
constexpr std::chrono::milliseconds between_frames{100};

}  // namespace

progress_bar::progress_bar(std::size_t items, std::string unit)
    : on_terminal_(::isatty(STDERR_FILENO) == 1), items_(std::max<std::size_t>(items, 1)), unit_(std::move(unit)) {}

void progress_bar::working_on(const std::string& item, double share, std::uint64_t units) {
  if (!on_terminal_) return;
  const std::scoped_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < between_frames) return;
  last_ = now;
  draw(item, share, units);
}

void progress_bar::finished_one(std::uint64_t units) {
  const std::scoped_lock lock(mutex_);
  ++finished_;
  units_ += units;
}

void progress_bar::draw(const std::string& item, double share, std::uint64_t units) {
  const double done = (static_cast<double>(finished_) + std::clamp(share, 0.0, 1.0)) / static_cast<double>(items_);
  const auto filled = std::min(bar_width, static_cast<std::size_t>(done * static_cast<double>(bar_width)));
  std::fprintf(stderr, "\r\x1b[K[%s%s] %zu/%zu  %s %s  %s", std::string(filled, '#').c_str(),
               std::string(bar_width - filled, '.').c_str(), finished_, items_, in_groups(units_ + units).c_str(),
               unit_.c_str(), printable(item).c_str());
  std::fflush(stderr);
}

void progress_bar::clear() {
  if (!on_terminal_) return;
  const std::scoped_lock lock(mutex_);
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace wavetank::tools
