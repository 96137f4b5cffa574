#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/key_derivation.h>
#include <wavetank/impl/cache/longest_prefix.h>
#include <wavetank/impl/cache/prefix_keys.h>
#include <wavetank/impl/cache/quant_type.h>
#include <wavetank/impl/cache/token_ids.h>
#include <wavetank/tests/cache/bytes.h>

#include <cstdint>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace wavetank::cache_tests::key_test {
namespace {

const key_inputs inputs{ascending(0), quant_type::q8_0, ascending(100)};

TEST(cache_key, is_its_digits_and_no_other_text) {
  const cache_key key{ascending(0xf0)};
  const std::string digits = wavetank::to_hex(key);
  EXPECT_EQ(digits, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(cache_key_of_hex(digits), key);
  for (const std::string& wrong : {std::string{}, digits + "0", digits.substr(1), "F" + digits.substr(1),
                                   "g" + digits.substr(1), " " + digits.substr(1), std::string(64, '\0')}) {
    EXPECT_FALSE(cache_key_of_hex(wrong)) << wrong;
  }
}

TEST(cache_key, is_ordered_as_its_digits) {
  EXPECT_TRUE(rc::check([] {
    const auto any = [] {
      cache_key key;
      for (std::byte& b : key.bytes)
        b = static_cast<std::byte>(*rc::gen::resize(2, rc::gen::arbitrary<std::uint8_t>()));
      return key;
    };
    const cache_key a = any();
    const cache_key b = any();
    RC_ASSERT((a < b) == (wavetank::to_hex(a) < wavetank::to_hex(b)));
    RC_ASSERT((a == b) == (wavetank::to_hex(a) == wavetank::to_hex(b)));
  }));
}

// Known answers: hashlib.sha256(fingerprint + quant + params + struct.pack("<%dI" % n, *tokens)).hexdigest().
TEST(key_derivation, gives_known_keys) {
  EXPECT_EQ(wavetank::to_hex(derive_key(inputs, {})),
            "69544d040a719da5e992429268b15769c7db8f063da6051dd1d8221d11a764a5");
  const std::vector<token_id> tokens{1, 256, 4294967295U};
  EXPECT_EQ(wavetank::to_hex(derive_key(inputs, tokens)),
            "19543f94b787686947e266d01435a000451eaa27996d7025a43c59287e6f8d57");
}

TEST(key_derivation, every_part_counts) {
  const std::vector<token_id> tokens{1, 2, 3};
  std::set<cache_key> keys{derive_key(inputs, tokens)};
  for (std::size_t i = 0; i < 32; ++i) {
    key_inputs other = inputs;
    other.fingerprint[i] ^= std::byte{1};
    keys.insert(derive_key(other, tokens));
    other = inputs;
    other.ctx_params_hash[i] ^= std::byte{0x80};
    keys.insert(derive_key(other, tokens));
  }
  key_inputs other = inputs;
  other.quant = quant_type::q4_0;
  keys.insert(derive_key(other, tokens));
  for (const std::vector<token_id>& others : {std::vector<token_id>{}, {1, 2}, {1, 2, 4}, {2, 1, 3}, {1, 2, 3, 0}}) {
    keys.insert(derive_key(inputs, others));
  }
  EXPECT_EQ(keys.size(), 1U + 64 + 1 + 5);
}

template <class T>
auto narrow(const std::vector<T>& wide) {
  return checked_tokens(std::span<const T>{wide});
}

TEST(token_ids, a_token_outside_32_bits_is_refused_and_named) {
  const std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  EXPECT_EQ(narrow<std::uint64_t>({0, 1, most}), (std::vector<token_id>{0, 1, 4294967295U}));
  EXPECT_EQ(narrow<std::uint64_t>({1, most + 1}).error(), token_out_of_range{1});
  EXPECT_EQ(narrow<std::uint64_t>({most + 2}).error(), token_out_of_range{0});
  EXPECT_EQ(narrow<std::int64_t>({5, 6, -1}).error(), token_out_of_range{2});
  EXPECT_EQ(narrow<std::int32_t>({-1}).error(), token_out_of_range{0});
  EXPECT_NE(describe(token_out_of_range{17}).find("token 17 "), std::string::npos);
}

TEST(quant_types, numbers_and_names_are_those_of_the_table) {
  EXPECT_EQ(static_cast<int>(quant_type::q8_0), 6);
  EXPECT_EQ(static_cast<int>(quant_type::q2_k), 13);
  EXPECT_EQ(static_cast<int>(quant_type::iq1_s), 25);
  EXPECT_EQ(quant_type_of(29), quant_type::bf16);
  EXPECT_FALSE(quant_type_of(30));
  EXPECT_FALSE(quant_type_of(255));
  for (std::uint8_t number = 0; number < 30; ++number) {
    const quant_type type = *quant_type_of(number);
    EXPECT_EQ(quant_type_named(to_string(type)), type);
  }
  EXPECT_FALSE(quant_type_named("q3"));
  EXPECT_EQ(to_string(static_cast<quant_type>(30)), "unknown");
}

using lengths = std::vector<std::size_t>;

TEST(probe_lengths, are_the_multiples_of_the_stride_that_are_long_enough) {
  EXPECT_EQ(probe_lengths(10, {3, 1}), (lengths{3, 6, 9}));
  EXPECT_EQ(probe_lengths(9, {3, 4}), (lengths{6, 9}));
  EXPECT_EQ(probe_lengths(9, {3, 6}), (lengths{6, 9}));
  EXPECT_EQ(probe_lengths(2, {3, 0}), lengths{});
  EXPECT_EQ(probe_lengths(0, {1, 0}), lengths{});
  EXPECT_EQ(probe_lengths(5'000, {}), (lengths{2'048, 4'096}));
  EXPECT_EQ(probe_lengths(9, {0, 1}).error(), prefix_error::zero_stride);
}

TEST(probe_lengths, extreme_numbers_do_not_overflow) {
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(probe_lengths(10, {most, 0}), lengths{});
  EXPECT_EQ(probe_lengths(10, {1, most}), lengths{});
  EXPECT_EQ(probe_lengths(10, {most - 1, most}), lengths{});
  EXPECT_EQ(probe_lengths(most, {most, most}), lengths{most});
}

TEST(probe_lengths, other_lengths_join_in_order_and_once) {
  const lengths others{7, 100, 6, 0, 1, 2, 7, 10};
  EXPECT_EQ(probe_lengths(10, {3, 2}, others), (lengths{2, 3, 6, 7, 9, 10}));
  EXPECT_EQ(probe_lengths(10, {3, 0}, others), (lengths{1, 2, 3, 6, 7, 9, 10}));
}

TEST(prefix_keys, each_is_the_key_derived_from_the_start) {
  EXPECT_TRUE(rc::check([](const std::vector<token_id>& prompt) {
    const auto stride = *rc::gen::inRange<std::size_t>(1, 20);
    const auto others = *rc::gen::container<lengths>(rc::gen::inRange<std::size_t>(0, 100));
    const auto probed = probe_lengths(prompt.size(), {stride, 0}, others);
    const auto keys = prefix_keys(inputs, prompt, *probed);
    RC_ASSERT(keys.size() == probed->size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      RC_ASSERT(keys[i].tokens == (*probed)[i]);
      RC_ASSERT(keys[i].key == derive_key(inputs, std::span{prompt}.first(keys[i].tokens)));
    }
  }));
}

TEST(prefix_keys, lengths_out_of_order_or_too_long_break_the_contract) {
  const std::vector<token_id> prompt{1, 2, 3};
  EXPECT_THROW(prefix_keys(inputs, prompt, lengths{4}), std::invalid_argument);
  EXPECT_THROW(prefix_keys(inputs, prompt, lengths{2, 1}), std::invalid_argument);
  EXPECT_EQ(prefix_keys(inputs, prompt, lengths{0, 3}).size(), 2U);
}

TEST(longest_prefix, is_the_longest_that_is_there_and_asks_no_further) {
  const std::vector<token_id> prompt(100, 5);
  const auto keys = prefix_keys(inputs, prompt, *probe_lengths(100, {10, 20}));
  const std::set<cache_key> have{keys[0].key, keys[3].key};
  int asked = 0;
  const auto contains = [&](const cache_key& key) {
    ++asked;
    return have.count(key) != 0;
  };
  EXPECT_EQ(longest_prefix(keys, contains), keys[3]);
  EXPECT_EQ(keys[3].tokens, 50U);
  EXPECT_EQ(asked, 6);
  EXPECT_FALSE(longest_prefix(std::span{keys}.subspan(4), contains));
  EXPECT_FALSE(longest_prefix({}, contains));
}

}  // namespace
}  // namespace wavetank::cache_tests::key_test
