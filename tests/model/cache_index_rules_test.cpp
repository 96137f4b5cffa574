// The rules of the cache index: claims and generations, the LRU order, evictions, quotas, the counters.
#include <gtest/gtest.h>

#include <vector>

#include <wavetank/model/cache_index.h>
#include <wavetank/model/lockstep.h>

namespace wavetank::model::cache_index_rules_test {
namespace {

using cache = cache_index;
using enum cache_index::result;

class run {
 public:
  run() = default;
  explicit run(const cache& spec) : judge_(spec) {}

  void choose(const cache::command& what, const cache::response& chosen) {
    if (const auto refused = judge_.observe(what, chosen)) FAIL() << describe(*refused);
  }
  /// The command is answered by `expected`, and by nothing else.
  void only(const cache::command& what, const cache::response& expected) {
    EXPECT_EQ(judge_.allowed(what), std::vector<cache::response>{expected}) << describe(what);
    choose(what, expected);
  }
  void disabled(const cache::command& what) { EXPECT_TRUE(judge_.allowed(what).empty()) << describe(what); }
  void bytes(tier where, cache::byte_count expected) {
    only(cache::bytes_in_use{where}, {cache::result::bytes, 0, expected});
  }

 private:
  lockstep<cache> judge_{cache{}};
};

cache::response row_of(generation_number generation) { return {row, generation}; }
cache::response freed_of(cache::byte_count bytes, std::vector<key_number> evicted) {
  return {freed, 0, bytes, std::move(evicted)};
}

/// Keys 1, 2, 3 in memory, 10 bytes each, used in the order 2, 1, 3.
run three_rows() {
  run r;
  r.only(cache::install{1, 1, tier::ram, 10, 20}, {ok});
  r.only(cache::install{2, 1, tier::ram, 10, 10}, {ok});
  r.only(cache::install{3, 1, tier::ram, 10, 30}, {ok});
  return r;
}

TEST(cache_index_rules, the_oldest_row_goes_first) {
  auto r = three_rows();
  r.only(cache::evict_oldest{cache::all_tiers}, freed_of(10, {2}));
  r.only(cache::evict_oldest{cache::all_tiers}, freed_of(10, {1}));
  r.only(cache::evict_oldest{cache::all_tiers}, freed_of(10, {3}));
  r.only(cache::evict_oldest{cache::all_tiers}, freed_of(0, {}));
}

TEST(cache_index_rules, rows_of_equal_age_go_by_their_keys) {
  run r;
  r.only(cache::install{2, 1, tier::ram, 10, 5}, {ok});
  r.only(cache::install{1, 1, tier::ram, 10, 5}, {ok});
  r.only(cache::evict_oldest{cache::all_tiers}, freed_of(10, {1}));
}

TEST(cache_index_rules, a_use_raises_a_row_and_a_clock_that_went_back_lowers_none) {
  auto r = three_rows();
  r.only(cache::checkout{1, 2, 40}, row_of(1));
  r.only(cache::checkin{1}, {ok});
  r.only(cache::checkout{1, 3, 1}, row_of(1));
  r.only(cache::checkin{1}, {ok});
  r.only(cache::evict_bytes{30, cache::all_tiers}, freed_of(30, {1, 3, 2}));
}

TEST(cache_index_rules, a_lookup_is_no_use) {
  auto r = three_rows();
  r.only(cache::lookup_exact{2}, row_of(1));
  r.only(cache::evict_oldest{cache::all_tiers}, freed_of(10, {2}));
}

TEST(cache_index_rules, evict_bytes_stops_at_its_target) {
  auto r = three_rows();
  r.only(cache::evict_bytes{0, cache::all_tiers}, freed_of(0, {}));
  r.only(cache::evict_bytes{11, cache::all_tiers}, freed_of(20, {2, 1}));
}

TEST(cache_index_rules, evict_bytes_takes_rows_of_its_tiers_alone) {
  auto r = three_rows();
  r.only(cache::evict_bytes{100, cache::only(tier::disk)}, freed_of(0, {}));
}

TEST(cache_index_rules, a_pinned_row_is_skipped) {
  auto r = three_rows();
  r.only(cache::checkout{1, 2, 10}, row_of(1));
  r.only(cache::gc{}, freed_of(20, {1, 3}));
  r.only(cache::checkin{1}, {ok});
  r.only(cache::checkin{1}, {no_op});
  r.only(cache::gc{}, freed_of(10, {2}));
}

TEST(cache_index_rules, a_failed_unlink_frees_nothing_until_it_is_done) {
  run r;
  r.only(cache::install{1, 1, tier::disk, 10, 1}, {ok});
  r.only(cache::install{2, 1, tier::disk, 10, 2}, {ok});
  r.choose(cache::evict_bytes{10, cache::all_tiers}, {freed, 0, 10, {1, 2}, {1}});
  r.bytes(tier::disk, 10);
  r.only(cache::lookup_exact{1}, {miss});
  r.only(cache::checkout{1, 1, 1}, {busy});
  r.only(cache::install{1, 2, tier::disk, 10, 1}, {conflict});
  r.choose(cache::retry{1}, {freed, 0, 0, {}, {1}});
  r.choose(cache::retry{1}, {freed, 0, 10});
  r.disabled(cache::retry{1});
  r.bytes(tier::disk, 0);
}

TEST(cache_index_rules, replaced_bytes_go_with_their_last_claim) {
  run r;
  r.only(cache::install{1, 1, tier::ram, 10, 1}, {ok});
  r.only(cache::checkout{1, 1, 1}, row_of(1));
  r.only(cache::install{1, 2, tier::ram, 5, 1}, {ok});
  r.bytes(tier::ram, 15);
  r.only(cache::checkout{2, 1, 1}, row_of(2));
  r.only(cache::checkin{1}, {ok});
  r.bytes(tier::ram, 5);
  r.only(cache::gc{}, freed_of(0, {}));
}

TEST(cache_index_rules, generations_in_one_file_count_once) {
  run r;
  r.only(cache::install{1, 1, tier::disk, 10, 1}, {ok});
  r.only(cache::checkout{1, 1, 1}, row_of(1));
  r.only(cache::install{1, 2, tier::disk, 10, 1}, {ok});
  r.disabled(cache::install{1, 3, tier::disk, 11, 1});
  r.bytes(tier::disk, 10);
  r.only(cache::gc{}, freed_of(0, {}));
  r.only(cache::checkin{1}, {ok});
  r.bytes(tier::disk, 10);
  r.choose(cache::gc{}, freed_of(10, {1}));
}

TEST(cache_index_rules, a_row_in_memory_keeps_its_file_behind) {
  run r;
  r.only(cache::install{1, 1, tier::disk, 10, 1}, {ok});
  r.only(cache::install{1, 2, tier::ram, 7, 1}, {ok});
  r.bytes(tier::ram, 7);
  r.bytes(tier::disk, 10);
  r.choose(cache::evict_oldest{cache::only(tier::ram)}, freed_of(17, {1}));
  r.bytes(tier::disk, 0);
}

cache with_quota(cache::byte_count bytes) {
  cache spec;
  spec.quotas[static_cast<std::size_t>(tier::ram)] = bytes;
  return spec;
}

TEST(cache_index_rules, a_quota_makes_room_oldest_first) {
  run r{with_quota(20)};
  r.only(cache::install{1, 1, tier::ram, 10, 2}, {ok});
  r.only(cache::install{2, 1, tier::ram, 10, 1}, {ok});
  r.only(cache::install{3, 1, tier::ram, 5, 3}, {ok, 0, 10, {2}});
  r.bytes(tier::ram, 15);
}

TEST(cache_index_rules, a_quota_that_pins_keep_from_being_met_refuses_and_evicts_nothing) {
  run r{with_quota(20)};
  r.only(cache::install{1, 1, tier::ram, 10, 1}, {ok});
  r.only(cache::install{2, 1, tier::ram, 10, 2}, {ok});
  r.only(cache::checkout{1, 1, 3}, row_of(1));
  r.only(cache::install{3, 1, tier::ram, 15, 3}, {over_quota});
  r.only(cache::lookup_exact{2}, row_of(1));
  r.only(cache::install{3, 1, tier::ram, 10, 3}, {ok, 0, 10, {2}});
}

TEST(cache_index_rules, a_row_that_replaces_itself_needs_no_room_twice) {
  run r{with_quota(10)};
  r.only(cache::install{1, 1, tier::ram, 10, 1}, {ok});
  r.only(cache::install{1, 2, tier::ram, 8, 1}, {ok});
  r.only(cache::install{1, 3, tier::ram, 11, 1}, {over_quota});
  r.only(cache::lookup_exact{1}, row_of(2));
}

}  // namespace
}  // namespace wavetank::model::cache_index_rules_test
