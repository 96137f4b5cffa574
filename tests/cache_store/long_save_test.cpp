// A save that takes longer than a reservation lives, in the simulated world: the reservation is renewed as it writes.
#include <wavetank/props/explore.h>
#include <wavetank/sim/machine.h>
#include <wavetank/tests/cache_store/real_store.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include <gtest/gtest.h>

namespace wavetank::cache_store_tests::long_save_test {
namespace {

/// A medium that takes its time for large writes.
class slow_files : public sim::file_system {
 public:
  slow_files(const sim::file_system& plain, std::function<void()> meanwhile)
      : sim::file_system(plain), meanwhile_(std::move(meanwhile)) {}
  io_result<void> pwrite(file& to, std::uint64_t offset, std::span<const std::byte> bytes) {
    if (bytes.size() > 100'000) meanwhile_();
    return sim::file_system::pwrite(to, offset, bytes);
  }

 private:
  std::function<void()> meanwhile_;
};
using slow_cache = prefix_cache<sim::runtime, slow_files>;

constexpr std::chrono::seconds ttl{60};

struct slow_save {
  tl::expected<cache_key, save_error> said;
  int pieces = 0;  ///< of three, that were written
};

slow_save save_slowly(sim::runtime& r, const sim::file_system& files, std::chrono::seconds for_each_piece) {
  int pieces = 0;
  slow_files slow(files, [&] {
    ++pieces;
    r.sleep_until(r.now() + for_each_piece);
  });
  const auto cache = slow_cache::open(r, slow, {.disk_path = "/cache", .table = {.reservation_ttl = ttl}});
  sim::require(cache.has_value(), "the cache did not open");
  auto said = (*cache)->save(cache_tier::disk, metadata_of(1), payload_of(1, 700'000));
  sim::require((*cache)->load(key_number(1)).has_value() == said.has_value(), "what was saved cannot be loaded");
  return {std::move(said), pieces};
}

void on_a_machine(const std::function<void(sim::runtime&, sim::file_system&)>& act) {
  explore(
      [&](sim::world&) {
        sim::machine computer;
        computer.start("server", act).wait();
      },
      {.schedules = 200});
}

TEST(simulated_long_save, lasts_longer_than_its_reservation) {
  on_a_machine([](sim::runtime& r, sim::file_system& files) {
    const auto saved = save_slowly(r, files, ttl - std::chrono::seconds(1));
    sim::require(saved.said && saved.pieces == 3, "the save failed");
  });
}

TEST(simulated_long_save, writes_no_further_once_its_reservation_is_gone) {
  on_a_machine([](sim::runtime& r, sim::file_system& files) {
    const auto saved = save_slowly(r, files, ttl);
    sim::require(!saved.said && saved.said.error().problem == save_problem::expired, "it has outlived its time");
    sim::require(saved.pieces == 1, "a writer went on for nothing");
    sim::require(files.list("/cache")->size() == 1, "a temporary file is left beside the lock");
  });
}

}  // namespace
}  // namespace wavetank::cache_store_tests::long_save_test
