// A save beside the bare loop that it cannot beat: the same bytes written under a temporary name, fdatasync, link,
// fsync of the directory, unlink of the temporary name.
//
// Both take turns in one run, on the file system of the directory for temporary files ($TMPDIR). The time is that of a
// save; the counter `bare_us` is the bare loop's, `of_bare` the quotient of the two medians. Bounds: 1.15 with `head`;
// with `full` that and one reading, `with_read` being the quotient with the bare loop that then reads and sums its
// file.
#include <wavetank/bench/cache/measured_rows.h>
#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/prefix_cache.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/tests/cache/whole_file.h>
#include <wavetank/tests/disk/temporary_directory.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace wavetank;
using bench::metadata_of;
using bench::must;
using cache_type = prefix_cache<thread_runtime, posix_file_system>;

template <class Work>
double seconds_of(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

class bare_loop {
 public:
  explicit bare_loop(const std::string& folder)
      : temporary_(folder + "/file.tmp"), name_(folder + "/file"), folder_(::open(folder.c_str(), O_RDONLY)) {}
  bare_loop(const bare_loop&) = delete;
  bare_loop& operator=(const bare_loop&) = delete;
  ~bare_loop() { ::close(folder_); }

  void save(std::span<const std::byte> bytes) {
    const int file = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL, 0666);
    must(file >= 0);
    while (!bytes.empty()) {
      const ssize_t put = ::write(file, bytes.data(), bytes.size());
      must(put > 0);
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    must(::fdatasync(file) == 0);
    must(::link(temporary_.c_str(), name_.c_str()) == 0);
    must(::fsync(folder_) == 0);
    must(::unlink(temporary_.c_str()) == 0);
    must(::close(file) == 0);
  }
  void read_back(std::span<std::byte> into) {
    const int file = ::open(name_.c_str(), O_RDONLY);
    must(file >= 0 && ::read(file, into.data(), into.size()) == static_cast<ssize_t>(into.size()));
    benchmark::DoNotOptimize(crc32c_of(into));
    must(::close(file) == 0);
  }
  void remove() { must(::unlink(name_.c_str()) == 0); }

 private:
  std::string temporary_;
  std::string name_;
  int folder_;
};

void save(benchmark::State& state, kvc_scrutiny scrutiny) {
  const std::vector<std::byte> payload(static_cast<std::size_t>(state.range(0)), std::byte{7});
  const temporary_directory parent;
  thread_runtime world;
  posix_file_system files;
  prefix_cache_options options;
  options.disk_path = parent.path() + "/cache";
  options.saves.verify_after_link = scrutiny;
  const auto cache = cache_type::open(world, files, options);
  must(cache.has_value());
  bare_loop bare(parent.path());
  const auto file = cache_tests::whole_file(metadata_of(0), payload);
  std::vector<std::byte> buffer(file.size());

  std::uint32_t number = 0;
  std::vector<double> bare_s;
  std::vector<double> read_s;
  std::vector<double> save_s;
  for (auto _ : state) {
    bare_s.push_back(seconds_of([&] { bare.save(file); }));
    read_s.push_back(seconds_of([&] { bare.read_back(buffer); }));
    bare.remove();
    const auto metadata = metadata_of(++number);
    save_s.push_back(seconds_of([&] { must((*cache)->save(cache_tier::disk, metadata, payload).has_value()); }));
    state.SetIterationTime(save_s.back());
    (*cache)->table().evict(key_of(metadata));
  }
  state.counters["bare_us"] = 1e6 * median(bare_s);
  state.counters["of_bare"] = median(save_s) / median(bare_s);
  state.counters["with_read"] = median(save_s) / (median(bare_s) + median(read_s));
}

constexpr std::int64_t kib = 1024;

BENCHMARK_CAPTURE(save, head, kvc_scrutiny::head)
    ->Arg(4 * kib)
    ->Arg(1024 * kib)
    ->Arg(16 * 1024 * kib)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(save, full, kvc_scrutiny::full)
    ->Arg(4 * kib)
    ->Arg(1024 * kib)
    ->Arg(16 * 1024 * kib)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
