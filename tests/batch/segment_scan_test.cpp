// Rot and torn tails are told apart: by the next segment's header, and by valid headers behind the damage.
#include <wavetank/tests/batch/log_lab.h>

#include <wavetank/impl/batch/segment_writer.h>
#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/little_endian.h>

#include <array>
#include <span>
#include <string>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::segment_scan_test {
namespace {

/// The bytes of segment 0 of a log with these batches, each synced before the next one.
std::vector<std::byte> segment_with(const batches& texts, std::uint64_t first = 1, std::uint64_t number = 0) {
  sim::disk::lab lab;
  {
    segment_writer<file_system> writer{lab.fs, lab.create("/s"), {7, number, first, first - 1}};
    EXPECT_TRUE(writer.begin(std::vector<carried_batch>{}));
    for (const auto& text : texts) {
      EXPECT_TRUE(writer.write(items_of_text(text), first, first - 1));
      ++first;
    }
  }
  const std::string text = lab.read("/s");
  const auto bytes = std::as_bytes(std::span{text});
  return {bytes.begin(), bytes.end()};
}

batches texts_of(const segment_scan& scan) {
  batches texts;
  for (const auto& frame : scan.frames) texts.push_back(text_of_items(*items_of(frame.header, frame.body)));
  return texts;
}

constexpr std::size_t frame_bytes = frame_header_bytes + 8;  // of one item of one letter

TEST(segment_scan, finds_every_frame) {
  const auto bytes = segment_with({"a", "", "bcd"});
  const auto scan = scan_segment(bytes, 0);
  EXPECT_EQ(texts_of(scan), (batches{"a", "", "bcd"}));
  EXPECT_FALSE(scan.damaged);
  EXPECT_EQ(scan.synced_sequence, 2U);
  EXPECT_EQ(scan.end, bytes.size());
}

TEST(segment_scan, a_cut_anywhere_leaves_the_whole_frames_before_it) {
  const auto bytes = segment_with({"a", "b"});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto scan = scan_segment(std::span{bytes}.first(size), 0);
    const std::size_t whole = size < segment_header_bytes ? 0 : (size - segment_header_bytes) / frame_bytes;
    EXPECT_EQ(scan.frames.size(), whole) << size;
    EXPECT_EQ(scan.damaged, size < segment_header_bytes || scan.end != size) << size;
  }
}

TEST(segment_scan, every_flipped_bit_is_seen) {
  const auto healthy = segment_with({"a", "b"});
  for (std::size_t bit = 0; bit < healthy.size() * 8; ++bit) {
    auto bytes = healthy;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    const auto scan = scan_segment(bytes, 0);
    EXPECT_TRUE(scan.damaged || scan.header.state == segment_header_state::newer_version) << bit;
    EXPECT_LT(scan.frames.size(), 2U) << bit;
  }
}

TEST(segment_scan, a_valid_header_behind_damage_says_what_was_synced) {
  auto bytes = segment_with({"a", "b", "c"});
  bytes[segment_header_bytes + 1] ^= std::byte{1};
  const auto scan = scan_segment(bytes, 0);
  EXPECT_TRUE(scan.frames.empty());
  EXPECT_TRUE(scan.frames_behind_damage);
  EXPECT_EQ(scan.synced_sequence, 2U);
}

TEST(segment_scan, frames_elsewhere_are_none) {
  const auto bytes = segment_with({"a"});
  EXPECT_EQ(scan_segment(bytes, 1).header.state, segment_header_state::damaged);  // another segment's number
  auto moved = segment_with({"a", "b"});
  std::copy(bytes.end() - frame_bytes, bytes.end(), moved.end() - frame_bytes);  // the first frame once more
  EXPECT_EQ(texts_of(scan_segment(moved, 0)), batches{"a"});
}

TEST(segment_scan, a_frame_inside_an_item_is_none) {
  const auto inner = segment_with({"a", "b"});
  const std::string as_item(reinterpret_cast<const char*>(inner.data()), inner.size());
  auto bytes = segment_with({as_item, "z"});
  bytes[segment_header_bytes] ^= std::byte{1};
  const auto scan = scan_segment(bytes, 0);
  EXPECT_EQ(scan.synced_sequence, 1U) << "what z's header says, not what the copies in the item say";
}

void damage(log_lab& lab, const std::string& path, std::uint64_t offset) {
  auto file = lab.open(path);
  std::byte one{};
  ASSERT_TRUE(lab.fs.pread(file, offset, std::span{&one, 1}));
  one ^= std::byte{1};
  ASSERT_TRUE(lab.fs.pwrite(file, offset, std::span{&one, 1}));
}

log_error error_of_opening(log_lab& lab) {
  auto again = lab.start();
  EXPECT_FALSE(again.made);
  return again.made ? log_error{} : again.made.error();
}

void expect_rot(const log_error& error, std::uint64_t first, std::uint64_t last) {
  EXPECT_EQ(error.what, log_problem::rot) << to_string(error);
  EXPECT_EQ(error.first_sequence, first) << to_string(error);
  EXPECT_EQ(error.last_sequence, last) << to_string(error);
}

/// Letters a, b, c in one segment, nothing after it.
void one_segment(log_lab& lab) {
  auto opened = lab.start();
  for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(opened.made->append(items_of_text(text)));
}
std::string first_segment() { return "/l/" + segment_name(0); }

/// As a later version would begin its segment, checksum and all.
void make_later_version(log_lab& lab, const std::string& path) {
  auto file = lab.open(path);
  std::array<std::byte, segment_header_bytes> header{};
  ASSERT_TRUE(lab.fs.pread(file, 0, header));
  store_little_endian(std::span{header}.subspan(8), log_format_version + 1);
  store_little_endian(std::span{header}.subspan(4), crc32c_of(std::span{header}.subspan(8)));
  ASSERT_TRUE(lab.fs.pwrite(file, 0, header));
}

TEST(log_of_a_later_version, is_named_and_left_as_it_is) {
  log_lab lab;
  one_segment(lab);
  make_later_version(lab, first_segment());
  const std::string before = lab.read(first_segment());
  const log_error error = error_of_opening(lab);
  EXPECT_EQ(error.what, log_problem::newer_version) << to_string(error);
  EXPECT_NE(to_string(error).find(first_segment()), std::string::npos) << to_string(error);
  EXPECT_EQ(lab.read(first_segment()), before);
}

TEST(log_rot, below_a_synced_sequence_is_an_error_with_the_sequences) {
  log_lab lab;
  one_segment(lab);
  damage(lab, first_segment(), segment_header_bytes + frame_header_bytes);
  expect_rot(error_of_opening(lab), 1, 2);
}

TEST(log_rot, at_the_end_of_the_log_is_taken_for_a_torn_tail) {
  log_lab lab;
  one_segment(lab);
  damage(lab, first_segment(), segment_header_bytes + 2 * frame_bytes + frame_header_bytes);
  const auto again = lab.start();
  EXPECT_TRUE(again.made);
  EXPECT_EQ(again.replayed, (batches{"a", "b"}));
}

TEST(log_rot, below_the_next_segment_is_an_error) {
  log_lab lab;
  one_segment(lab);
  ASSERT_TRUE(lab.start().made);  // carries "c" over
  damage(lab, first_segment(), segment_header_bytes + frame_bytes + frame_header_bytes);
  expect_rot(error_of_opening(lab), 2, 2);
}

TEST(log_rot, of_what_was_carried_over_to_the_next_segment_harms_nobody) {
  log_lab lab;
  one_segment(lab);
  ASSERT_TRUE(lab.start().made);
  damage(lab, first_segment(), segment_header_bytes + 2 * frame_bytes + frame_header_bytes);
  EXPECT_EQ(lab.start().replayed, (batches{"a", "b", "c"}));
}

TEST(log_rot, of_what_was_carried_over_is_an_error_at_once) {
  log_lab lab;
  one_segment(lab);
  ASSERT_TRUE(lab.start().made);
  damage(lab, "/l/" + segment_name(1), segment_header_bytes + frame_header_bytes);
  expect_rot(error_of_opening(lab), 3, 3);
}

TEST(log_rot, of_a_segments_header_is_an_error) {
  log_lab lab;
  one_segment(lab);
  damage(lab, first_segment(), 17);
  expect_rot(error_of_opening(lab), 1, 2);
}

TEST(log_rot, a_missing_segment_is_an_error) {
  log_lab lab;
  one_segment(lab);
  {
    auto second = lab.start();
    ASSERT_TRUE(second.made->append(items_of_text("d")));
    ASSERT_TRUE(second.made->append(items_of_text("e")));
  }
  ASSERT_TRUE(lab.start().made);
  ASSERT_TRUE(lab.fs.unlink("/l/" + segment_name(1)));
  expect_rot(error_of_opening(lab), 4, 4);
}

TEST(log_rot, a_segment_of_another_log_is_told) {
  log_lab lab;
  one_segment(lab);
  const auto foreign = segment_with({"x"}, 4, 1);
  auto file = lab.create("/l/" + segment_name(1));
  ASSERT_TRUE(lab.fs.pwrite(file, 0, foreign));
  EXPECT_EQ(error_of_opening(lab).what, log_problem::foreign_segment);
}

}  // namespace
}  // namespace wavetank::batch_tests::segment_scan_test
