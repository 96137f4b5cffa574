// Files that were good once: cut short, or with a bit flipped.
#include <wavetank/tests/cache/raw_kvc.h>
#include <wavetank/tests/cache/validated.h>

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace wavetank::cache_tests::kvc_damage_test {
namespace {

raw_kvc tagged() {
  raw_kvc raw;
  raw.head_checksum = true;
  return raw;
}

TEST(kvc_damage, the_files_here_are_good_before_they_are_hurt) {
  for (const raw_kvc& raw : {raw_kvc{}, tagged()}) {
    const auto head = validated(raw.compose(), raw.key());
    ASSERT_TRUE(head) << describe(head.error());
    EXPECT_EQ(head->checksummed, raw.head_checksum);
  }
}

TEST(kvc_damage, every_cut_is_refused_and_so_is_a_byte_more) {
  for (const raw_kvc& raw : {raw_kvc{}, tagged()}) {
    file_bytes file = raw.compose();
    for (std::size_t size = 0; size < file.size(); ++size) {
      const auto head = validated(std::span{file}.first(size), raw.key());
      ASSERT_FALSE(head) << "cut to " << size;
    }
    file.push_back(std::byte{0});
    EXPECT_EQ(validated(file, raw.key()).error().field, kvc_field::payload_length);
  }
}

TEST(kvc_damage, a_file_that_shrinks_while_it_is_read_is_refused) {
  const raw_kvc raw = tagged();
  const file_bytes file = raw.compose();
  for (std::size_t size = 0; size < file.size(); ++size) {
    memory_source source{.bytes = std::span{file}.first(size)};
    std::array<std::byte, 7> buffer;
    const auto head = validate_kvc(source, file.size(), raw.key(), buffer);
    ASSERT_FALSE(head) << size;
    EXPECT_EQ(head.error().problem, kvc_problem::truncated) << size;
  }
}

/// The bytes at which some flip of one bit goes unnoticed.
std::set<std::size_t> blind_spots(const raw_kvc& raw) {
  file_bytes file = raw.compose();
  std::set<std::size_t> blind;
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      const std::byte flip = std::byte{1} << bit;
      file[at] ^= flip;
      const auto head = validated(file, raw.key());
      if (head) {
        blind.insert(at);
      } else {
        EXPECT_FALSE(describe(head.error()).empty());
        EXPECT_LE(head.error().offset, file.size());
      }
      file[at] ^= flip;
    }
  }
  return blind;
}

std::set<std::size_t> ranges(std::initializer_list<std::pair<std::size_t, std::size_t>> from_to) {
  std::set<std::size_t> all;
  for (const auto& [from, to] : from_to) {
    for (std::size_t i = from; i < to; ++i) all.insert(i);
  }
  return all;
}

TEST(kvc_damage, every_flipped_bit_is_refused_but_in_the_hit_count_and_the_last_use) {
  const auto may_change = ranges({{12, 16}, {32, 40}});
  EXPECT_EQ(blind_spots(tagged()), may_change);
  // Lengths at which one flip makes an entry swallow all after it, the checksum too.
  for (std::size_t length = 0; length < 64; ++length) {
    const raw_kvc raw = tagged().without(0x06).with({0x05, "host"}).with({0x06, std::string(length, 'v')});
    ASSERT_EQ(blind_spots(raw), may_change) << length;
  }
}

TEST(kvc_damage, without_the_head_checksum_only_what_nothing_else_depends_on_is_missed) {
  const raw_kvc raw;
  const std::size_t mode = raw.entry_offset(0x02) + 5;
  const std::size_t version = raw.entry_offset(0x06);
  auto missed = ranges({{4, 6},    // quant bits, save reason to another one
                        {12, 20},  // hit count, context size
                        {24, 40},  // times
                        {76, 76 + raw.prompt.size()},
                        {mode, mode + 1},              // to another mode
                        {version + 5, version + 8}});  // the text
  const std::size_t count = raw.entry_offset(0x08);
  missed.insert(count);    // the second token count becomes an unknown tag
  missed.insert(version);  // so does the version, or another text
  EXPECT_EQ(blind_spots(raw), missed);
}

}  // namespace
}  // namespace wavetank::cache_tests::kvc_damage_test
