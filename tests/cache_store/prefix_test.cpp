// The longest prefix of a prompt that somebody saved.
#include <wavetank/tests/cache_store/real_store.h>

#include <array>
#include <numeric>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::cache_store_tests::prefix_test {
namespace {

constexpr key_inputs of_this_model{.fingerprint = {std::byte{7}}, .quant = quant_type::f16, .ctx_params_hash = {}};

class longest_prefix_in_a_cache : public testing::Test {
 protected:
  longest_prefix_in_a_cache() { std::iota(prompt_.begin(), prompt_.end(), token_id{1}); }

  void save_prefix(std::size_t tokens) {
    kvc_metadata m;
    m.fingerprint = of_this_model.fingerprint;
    m.quant = of_this_model.quant;
    m.tokens.assign(prompt_.begin(), prompt_.begin() + static_cast<std::ptrdiff_t>(tokens));
    ASSERT_TRUE(cache_->save(cache_tier::disk, m, payload_of(static_cast<std::uint32_t>(tokens))));
  }
  /// Its length; 0 for none.
  std::size_t found(prefix_probes probes = {.stride_tokens = 10, .min_tokens = 20},
                    std::span<const std::size_t> other_lengths = {}) {
    const auto got = cache_->lookup_longest_prefix(of_this_model, prompt_, probes, other_lengths);
    EXPECT_TRUE(got.has_value());
    if (!*got) return 0;
    EXPECT_EQ((*got)->row.content.tokens->size(), (*got)->tokens);
    const auto row = cache_->load((*got)->row.key);
    EXPECT_TRUE(row && *row->payload == payload_of(static_cast<std::uint32_t>((*got)->tokens)));
    return (*got)->tokens;
  }

  std::vector<token_id> prompt_ = std::vector<token_id>(95);
  real_store store_;
  std::unique_ptr<real_cache> cache_ = store_.opened();
};

TEST_F(longest_prefix_in_a_cache, is_a_miss_where_nothing_is_saved) { EXPECT_EQ(found(), 0U); }

TEST_F(longest_prefix_in_a_cache, is_the_longest_that_the_stride_reaches) {
  for (const std::size_t tokens : {20U, 40U, 70U, 85U}) save_prefix(tokens);
  EXPECT_EQ(found(), 70U);
  EXPECT_EQ(found({.stride_tokens = 40, .min_tokens = 1}), 40U);
  EXPECT_EQ(found({.stride_tokens = 5, .min_tokens = 1}), 85U);
}

TEST_F(longest_prefix_in_a_cache, is_no_shorter_than_asked) {
  save_prefix(20);
  EXPECT_EQ(found({.stride_tokens = 10, .min_tokens = 20}), 20U);
  EXPECT_EQ(found({.stride_tokens = 10, .min_tokens = 21}), 0U);
}

TEST_F(longest_prefix_in_a_cache, is_found_at_an_odd_length_where_that_is_asked_for) {
  save_prefix(40);
  save_prefix(73);
  EXPECT_EQ(found(), 40U);
  EXPECT_EQ(found({.stride_tokens = 10, .min_tokens = 20}, std::array<std::size_t, 2>{73, 1'000}), 73U);
}

TEST_F(longest_prefix_in_a_cache, is_of_the_same_model) {
  save_prefix(40);
  key_inputs other = of_this_model;
  other.quant = quant_type::q8_0;
  const auto got = cache_->lookup_longest_prefix(other, prompt_, {.stride_tokens = 10, .min_tokens = 20});
  ASSERT_TRUE(got.has_value());
  EXPECT_FALSE(*got);
}

TEST_F(longest_prefix_in_a_cache, goes_when_its_row_goes) {
  save_prefix(40);
  save_prefix(70);
  EXPECT_EQ(found(), 70U);
  const auto longest = cache_->lookup_longest_prefix(of_this_model, prompt_, {.stride_tokens = 10, .min_tokens = 20});
  cache_->table().evict((**longest).row.key);
  EXPECT_EQ(found(), 40U);
}

TEST_F(longest_prefix_in_a_cache, counts_its_probes_and_takes_a_stride_of_zero_for_an_error) {
  save_prefix(70);
  const auto before = cache_->table().counters().prefix_probes;
  EXPECT_EQ(found(), 70U);
  EXPECT_EQ(cache_->table().counters().prefix_probes - before, 3U) << "90, 80 and 70 tokens";
  const auto none = cache_->lookup_longest_prefix(of_this_model, prompt_, {.stride_tokens = 0});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error(), prefix_error::zero_stride);
}

}  // namespace
}  // namespace wavetank::cache_store_tests::prefix_test
