// Files that were never good.
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/tests/cache/raw_kvc.h>
#include <wavetank/tests/cache/validated.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::cache_tests::kvc_hostile_test {
namespace {

constexpr auto most32 = std::numeric_limits<std::uint32_t>::max();
constexpr auto most64 = std::numeric_limits<std::uint64_t>::max();

kvc_error refusal(const file_bytes& file, const cache_key& name) {
  const auto head = validated(file, name);
  EXPECT_FALSE(head);
  return head ? kvc_error{} : head.error();
}
kvc_error refusal(const raw_kvc& raw) { return refusal(raw.compose(), raw.key()); }

/// A good file with one number put over it.
template <class T>
kvc_error refusal_of(std::size_t offset, T value) {
  const raw_kvc raw;
  file_bytes file = raw.compose();
  put(file, offset, value);
  return refusal(file, raw.key());
}

TEST(kvc_hostile, each_field_of_the_header_is_checked_and_named) {
  using enum kvc_problem;
  EXPECT_EQ(refusal_of(0, std::uint8_t{'k'}).field, kvc_field::magic);
  EXPECT_EQ(refusal_of(3, std::uint8_t{2}), (kvc_error{bad_value, kvc_field::version, 3, 2}));
  EXPECT_EQ(refusal_of(5, std::uint8_t{6}), (kvc_error{bad_value, kvc_field::save_reason, 5, 6}));
  EXPECT_EQ(refusal_of(7, std::uint8_t{1}), (kvc_error{bad_value, kvc_field::reserved, 7, 1}));
  EXPECT_EQ(refusal_of(22, std::uint8_t{1}), (kvc_error{bad_value, kvc_field::reserved, 22, 1}));
  EXPECT_EQ(refusal_of(71, std::uint8_t{1}), (kvc_error{bad_value, kvc_field::reserved, 71, 1}));
  EXPECT_EQ(refusal_of(40, std::uint64_t{18}), (kvc_error{mismatch, kvc_field::payload_byte_count, 40, 18, 17}));
  EXPECT_EQ(refusal_of(64, std::uint32_t{1}).field, kvc_field::payload);
}

TEST(kvc_hostile, the_token_count_must_be_that_of_the_ids_and_of_its_entry) {
  const raw_kvc raw;
  EXPECT_EQ(refusal_of(8, std::uint32_t{3}).field, kvc_field::tlv_token_count);
  EXPECT_EQ(refusal_of(8, most32).field, kvc_field::tlv_token_count);
  raw_kvc no_entry = raw.without(0x08);
  EXPECT_TRUE(validated(no_entry.compose(), raw.key()));
  for (const std::uint32_t count : {0U, 1U, 3U, 0x40000002U, most32}) {
    no_entry.token_count = count;
    EXPECT_EQ(refusal(no_entry), (kvc_error{kvc_problem::mismatch, kvc_field::token_ids, raw.entry_offset(0x08) + 1, 8,
                                            std::uint64_t{count} * 4}));
  }
}

TEST(kvc_hostile, extents_that_overflow_or_point_into_the_head) {
  const raw_kvc raw;
  const std::uint64_t head = raw.head_size();
  const std::uint64_t file = raw.compose().size();
  for (const std::uint64_t offset :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{71}, std::uint64_t{79}, head - 1, head + 1, file, file + 1,
        std::uint64_t{most32}, most64 / 2, most64 - 16, most64}) {
    for (const std::uint64_t length :
         {std::uint64_t{17}, std::uint64_t{0}, file - offset, most64, most64 - offset + 1}) {
      file_bytes bytes = raw.compose();
      put(bytes, 40, length);
      put(bytes, 48, offset);
      put(bytes, 56, length);
      ASSERT_FALSE(validated(bytes, raw.key())) << offset << " " << length;
    }
  }
}

TEST(kvc_hostile, lengths_of_the_prompt_and_the_section) {
  const raw_kvc raw;
  const std::size_t after_prompt = raw.head_size() - 80;
  for (const std::uint64_t length :
       {after_prompt + 1, after_prompt + 4, std::size_t{0x7fffffff}, std::size_t{most32}}) {
    EXPECT_EQ(refusal_of(72, static_cast<std::uint32_t>(length)),
              (kvc_error{kvc_problem::truncated, kvc_field::prompt, 72, after_prompt, length}));
  }
  const std::size_t length_offset = raw.section_offset() - 4;
  const std::size_t section = raw.head_size() - raw.section_offset();
  for (const std::uint64_t length : {std::size_t{0}, section - 1, section + 1, section + 17, std::size_t{most32}}) {
    EXPECT_EQ(refusal_of(length_offset, static_cast<std::uint32_t>(length)),
              (kvc_error{kvc_problem::mismatch, kvc_field::tlv_section, length_offset, length, section}));
  }
}

TEST(kvc_hostile, entries_that_go_beyond_the_section) {
  const raw_kvc raw;
  const std::size_t last = raw.entry_offset(0x06);
  for (const std::uint32_t length : {4U, 5U, 20U, 0x80000000U, most32 - 4, most32}) {
    EXPECT_EQ(refusal_of(last + 1, length),
              (kvc_error{kvc_problem::truncated, kvc_field::library_version, last, 3, length}));
  }
  for (std::uint32_t leftover = 1; leftover <= 3; ++leftover) {
    EXPECT_EQ(refusal_of(last + 1, 3 - leftover),
              (kvc_error{kvc_problem::truncated, kvc_field::tlv, last + 8 - leftover, leftover, 5}));
  }
}

TEST(kvc_hostile, mandatory_entries_are_there_once_and_have_their_length) {
  const raw_kvc raw;
  for (const auto tag : std::to_array<std::uint8_t>({0x01, 0x02, 0x03, 0x04, 0x09})) {
    EXPECT_EQ(refusal(raw.without(tag)).problem, kvc_problem::missing) << int{tag};
    for (const std::string& value : {std::string{}, std::string(7, 'x'), std::string(33, 'x')}) {
      EXPECT_EQ(refusal(raw.instead({tag, value})).problem, kvc_problem::mismatch) << int{tag} << value;
    }
  }
  EXPECT_EQ(refusal(raw.instead({0x08, "abc"})).problem, kvc_problem::mismatch);
  for (const auto& entry : raw.entries) {
    const kvc_error error = refusal(raw.with(entry));
    EXPECT_EQ(error.problem, kvc_problem::duplicate) << int{entry.first};
    EXPECT_EQ(error.offset, raw.head_size()) << int{entry.first};
  }
}

TEST(kvc_hostile, values_that_there_are_not) {
  const raw_kvc raw;
  EXPECT_EQ(refusal(raw.instead({0x02, "\3"})).field, kvc_field::fingerprint_mode);
  EXPECT_EQ(refusal(raw.instead({0x03, "\x1e"})).field, kvc_field::quant);
  EXPECT_EQ(refusal(raw.instead({0x08, std::string("\3\0\0\0", 4)})).field, kvc_field::tlv_token_count);
}

TEST(kvc_hostile, unknown_entries_are_skipped_and_order_does_not_matter) {
  raw_kvc raw;
  const auto plain = validated(raw.compose(), raw.key());
  raw.entries.insert(raw.entries.begin(), {0x21, "abcd"});
  raw.entries.push_back({0xff, ""});
  raw.entries.push_back({0x21, "efgh"});
  std::rotate(raw.entries.begin(), raw.entries.begin() + 3, raw.entries.end());
  for (const bool checksum : {false, true}) {
    raw.head_checksum = checksum;
    const auto head = validated(raw.compose(), raw.key());
    ASSERT_TRUE(head) << describe(head.error());
    EXPECT_EQ(head->metadata, plain->metadata);
  }
}

TEST(kvc_hostile, the_head_checksum_is_last_and_has_four_bytes) {
  const raw_kvc raw;
  EXPECT_EQ(refusal(raw.with({0x20, "abc"})).problem, kvc_problem::mismatch);
  EXPECT_EQ(refusal(raw.with({0x20, "abcd"})).problem, kvc_problem::checksum);
  raw_kvc followed = raw;
  followed.head_checksum = true;
  const std::string file = as_text(followed.compose());
  const std::string value = file.substr(followed.head_size() - 4, 4);
  EXPECT_EQ(refusal(raw.with({0x20, value}).with({0x30, ""})).problem, kvc_problem::mismatch);
}

TEST(kvc_hostile, a_checksum_hidden_in_another_entry_is_refused) {
  const std::string hidden("\x20\4\0\0\0abcd", 9);
  EXPECT_EQ(refusal(raw_kvc{}.with({0x07, hidden})).problem, kvc_problem::missing);
}

TEST(kvc_hostile, the_name_must_be_the_key) {
  const raw_kvc raw;
  for (std::size_t i = 0; i < 32; ++i) {
    cache_key other = raw.key();
    other.bytes[i] ^= std::byte{1};
    EXPECT_EQ(refusal(raw.compose(), other), (kvc_error{kvc_problem::mismatch, kvc_field::key, 0}));
  }
  // Where only the head is read, too.
  const file_bytes file = raw.compose();
  memory_source source{.bytes = file};
  EXPECT_TRUE(read_kvc_head(source, file.size(), raw.key()));
  EXPECT_EQ(read_kvc_head(source, file.size(), cache_key{}).error().field, kvc_field::key);
}

TEST(kvc_reader, the_head_is_read_once_and_nothing_of_the_payload) {
  raw_kvc raw;
  raw.payload.assign(100'000, 'p');
  const file_bytes file = raw.compose();
  for (const std::size_t most : {std::size_t{1}, std::size_t{5}, std::size_t{1'000'000}}) {
    memory_source source{.bytes = file, .most_a_read = most};
    EXPECT_TRUE(read_kvc_head(source, file.size()));
    EXPECT_EQ(source.read_bytes, raw.head_size());
  }
  memory_source source{.bytes = file};
  std::vector<std::byte> buffer(4'096);
  EXPECT_TRUE(validate_kvc(source, file.size(), raw.key(), buffer));
  EXPECT_EQ(source.read_bytes, file.size());
  EXPECT_LE(source.longest_asked, buffer.size());
}

TEST(kvc_reader, a_length_is_believed_only_within_the_file_and_the_limit) {
  file_bytes file = raw_kvc{}.compose();
  const std::uint64_t claimed = std::uint64_t{1} << 40;
  for (const std::uint64_t head : {kvc_layout::most_head_bytes + 1, claimed - 17}) {
    put(file, 48, head);
    put(file, 40, claimed - head);
    put(file, 56, claimed - head);
    memory_source source{.bytes = file};
    const auto read = read_kvc_head(source, claimed);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().problem, kvc_problem::too_large);
    EXPECT_EQ(source.longest_asked, 72U);
  }
}

TEST(kvc_reader, a_failing_read_is_told_with_its_errno_and_place) {
  const raw_kvc raw;
  const file_bytes file = raw.compose();
  std::array<std::byte, 8> buffer;
  for (std::uint64_t at = 0; at < file.size(); ++at) {
    memory_source source{.bytes = file, .most_a_read = 1, .fails_at = at, .error = 5};
    const auto head = validate_kvc(source, file.size(), raw.key(), buffer);
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().problem, kvc_problem::unreadable);
    EXPECT_EQ(head.error().offset, at);
    EXPECT_EQ(head.error().found, 5U);
  }
  memory_source source{.bytes = file};
  EXPECT_THROW((void)validate_kvc(source, file.size(), raw.key(), {}), std::invalid_argument);
}

TEST(kvc_error, says_what_and_where) {
  EXPECT_EQ(describe({kvc_problem::mismatch, kvc_field::fingerprint, 86, 31, 32}),
            "fingerprint at byte 86: mismatch: 31, must be 32");
  EXPECT_EQ(describe({kvc_problem::missing, kvc_field::token_ids, 80}), "token ids at byte 80: missing");
  EXPECT_EQ(describe({kvc_problem::not_a_file, kvc_field::file, 0}), "file at byte 0: not a file");
  EXPECT_EQ(describe({kvc_problem::unreadable, kvc_field::payload, 80, EACCES}),
            "payload at byte 80: unreadable: Permission denied (errno 13)");
  EXPECT_EQ(describe({kvc_problem::truncated, kvc_field::file, 0, 71, 72}),
            "file at byte 0: truncated: 72 bytes are needed and 71 are there");
  EXPECT_EQ(to_string(kvc_field::key), "key");
}

}  // namespace
}  // namespace wavetank::cache_tests::kvc_hostile_test
