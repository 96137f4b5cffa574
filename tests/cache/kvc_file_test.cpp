// What is written is what is read.
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/impl/cache/kvc_writer.h>
#include <wavetank/tests/cache/bytes.h>
#include <wavetank/tests/cache/raw_kvc.h>
#include <wavetank/tests/cache/validated.h>
#include <wavetank/tests/cache/whole_file.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace wavetank::cache_tests::kvc_file_test {
namespace {

kvc_metadata sample() {
  kvc_metadata metadata;
  metadata.fingerprint = ascending(0);
  metadata.fingerprint_mode = fingerprint_mode::gguf_chunked;
  metadata.quant = quant_type::q4_k_m;
  metadata.quant_bits = 4;
  metadata.ctx_params_hash = ascending(100);
  metadata.tokens = {1, 256, 65'536, 4'294'967'295U};
  metadata.context_size = 8'192;
  metadata.save_reason = save_reason::continued;
  metadata.hit_count = 3;
  metadata.creation_time_s = 1'700'000'000;
  metadata.last_use_s = 1'700'000'100;
  metadata.prompt_text = "Wer reitet so sp\xc3\xa4t";
  metadata.hostname = "node-7";
  metadata.library_version = "1.2.3";
  metadata.save_reason_detail = "turn 4";
  return metadata;
}

file_bytes golden(const cache_key& key) {
  std::ifstream in("tests/cache/golden/" + kvc_final_name(key), std::ios::binary);
  EXPECT_TRUE(in) << kvc_final_name(key);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return {bytes_of(text).begin(), bytes_of(text).end()};
}

TEST(kvc_file, the_golden_file_is_read_and_written_byte_for_byte) {
  file_bytes payload;
  for (int i = 0; i < 3 * 256; ++i) payload.push_back(static_cast<std::byte>(i));
  const file_bytes file = golden(key_of(sample()));
  const auto head = validated(file, key_of(sample()));
  ASSERT_TRUE(head) << describe(head.error());
  EXPECT_EQ(head->metadata, sample());
  EXPECT_TRUE(head->checksummed);
  EXPECT_EQ(whole_file(sample(), payload), file);
}

TEST(kvc_file, the_golden_file_of_the_original_is_read) {
  kvc_metadata expected;
  expected.fingerprint = ascending(32);
  expected.quant = quant_type::bf16;
  expected.quant_bits = 16;
  expected.ctx_params_hash = ascending(132);
  expected.tokens = {7};
  expected.context_size = 512;
  expected.save_reason = save_reason::cold;
  expected.creation_time_s = 1;
  expected.last_use_s = 2;
  expected.library_version = "0.9";
  const file_bytes file = golden(key_of(expected));
  const auto head = validated(file, key_of(expected));
  ASSERT_TRUE(head) << describe(head.error());
  EXPECT_EQ(head->metadata, expected);
  EXPECT_FALSE(head->checksummed);
  EXPECT_EQ(as_text(std::span{file}.subspan(head->payload_offset)), "payload");
}

bytes32 any_bytes32() {
  bytes32 bytes;
  for (std::byte& b : bytes) b = static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
  return bytes;
}

std::optional<std::string> any_text() {
  if (!*rc::gen::arbitrary<bool>()) return std::nullopt;
  return *rc::gen::arbitrary<std::string>();
}

TEST(kvc_file, whatever_is_written_is_read_again) {
  EXPECT_TRUE(rc::check([](const std::vector<token_id>& tokens, const std::string& prompt, const std::string& payload) {
    kvc_metadata metadata;
    metadata.fingerprint = any_bytes32();
    metadata.fingerprint_mode = *fingerprint_mode_of(*rc::gen::inRange<std::uint8_t>(0, 3));
    metadata.quant = *quant_type_of(*rc::gen::inRange<std::uint8_t>(0, 30));
    metadata.quant_bits = *rc::gen::arbitrary<std::uint8_t>();
    metadata.ctx_params_hash = any_bytes32();
    metadata.tokens = tokens;
    metadata.context_size = *rc::gen::arbitrary<std::uint32_t>();
    metadata.save_reason = *save_reason_of(*rc::gen::inRange<std::uint8_t>(0, 6));
    metadata.hit_count = *rc::gen::arbitrary<std::uint32_t>();
    metadata.creation_time_s = *rc::gen::arbitrary<std::uint64_t>();
    metadata.last_use_s = *rc::gen::arbitrary<std::uint64_t>();
    metadata.prompt_text = prompt;
    metadata.hostname = any_text();
    metadata.library_version = any_text();
    metadata.save_reason_detail = any_text();

    const file_bytes file = whole_file(metadata, bytes_of(payload));
    const auto head = validated(file, key_of(metadata));
    RC_ASSERT(head.has_value());
    RC_ASSERT(head->metadata == metadata);
    RC_ASSERT(head->checksummed);
    RC_ASSERT(head->payload_bytes == payload.size());
    RC_ASSERT(head->payload_offset + payload.size() == file.size());
    RC_ASSERT(as_text(std::span{file}.subspan(head->payload_offset)) == payload);
  }));
}

TEST(kvc_writer, the_layout_is_known_before_the_payload_and_pieces_change_nothing) {
  const std::string payload(10'000, 'p');
  const file_bytes file = whole_file(sample(), bytes_of(payload));
  auto writer = kvc_writer::create(sample(), payload.size());
  ASSERT_TRUE(writer);
  EXPECT_EQ(writer->payload_offset(), file.size() - payload.size());
  EXPECT_EQ(writer->file_bytes(), file.size());
  for (auto rest = bytes_of(payload); !rest.empty();) {
    const auto piece = rest.first(std::min<std::size_t>(997, rest.size()));
    writer->add(piece);
    rest = rest.subspan(piece.size());
  }
  const auto head = writer->head();
  EXPECT_EQ(head.size(), writer->payload_offset());
  EXPECT_TRUE(std::equal(head.begin(), head.end(), file.begin()));
}

TEST(kvc_writer, a_wrong_amount_of_payload_breaks_the_contract) {
  auto writer = kvc_writer::create(sample(), 3);
  writer->add(bytes_of("ab"));
  EXPECT_THROW((void)writer->head(), std::logic_error);
  EXPECT_THROW(writer->add(bytes_of("cd")), std::length_error);
  writer->add(bytes_of("c"));
  EXPECT_NO_THROW((void)writer->head());
}

kvc_error refusal(const kvc_metadata& metadata, std::uint64_t payload_bytes = 0) {
  const auto writer = kvc_writer::create(metadata, payload_bytes);
  EXPECT_FALSE(writer);
  return writer ? kvc_error{} : writer.error();
}

TEST(kvc_writer, refuses_what_no_parser_would_accept) {
  kvc_metadata metadata = sample();
  metadata.quant = static_cast<quant_type>(30);
  EXPECT_EQ(refusal(metadata).field, kvc_field::quant);
  metadata = sample();
  metadata.save_reason = static_cast<save_reason>(6);
  EXPECT_EQ(refusal(metadata).field, kvc_field::save_reason);
  metadata = sample();
  metadata.fingerprint_mode = static_cast<fingerprint_mode>(3);
  EXPECT_EQ(refusal(metadata).field, kvc_field::fingerprint_mode);
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t size : {most, most / 2, most / 2 - 10}) {
    EXPECT_EQ(refusal(sample(), size).problem, kvc_problem::too_large) << size;
  }
}

TEST(kvc_writer, the_largest_head_is_written_and_read_and_one_byte_more_is_refused) {
  kvc_metadata metadata = sample();
  const std::uint64_t rest = kvc_writer::create(metadata, 0)->payload_offset() - metadata.prompt_text.size();
  metadata.prompt_text.assign(kvc_layout::most_head_bytes - rest, 'p');
  const file_bytes file = whole_file(metadata, {});
  EXPECT_EQ(file.size(), kvc_layout::most_head_bytes);
  EXPECT_TRUE(validated(file, key_of(metadata)));
  metadata.prompt_text += 'p';
  EXPECT_EQ(refusal(metadata).problem, kvc_problem::too_large);
}

}  // namespace
}  // namespace wavetank::cache_tests::kvc_file_test
