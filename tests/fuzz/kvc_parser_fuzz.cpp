// Cache files are untrusted: whatever the bytes, the parser answers with a head or with a field and an offset within
// the file. What it accepts is written again: the header and the prompt to the same bytes, the entries to the same
// fields.
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/cache/kvc_reader.h>
#include <wavetank/impl/cache/kvc_writer.h>
#include <wavetank/tests/cache/memory_source.h>
#include <wavetank/tests/cache/whole_file.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace {

using namespace wavetank;

void require(bool holds) {
  if (!holds) std::abort();
}

/// The header and the prompt, without what may differ: the payload's place and the sum that nobody has compared yet.
std::vector<std::byte> fixed_part(std::span<const std::byte> file, const kvc_head& head) {
  using namespace kvc_layout;
  const std::size_t size = header_bytes + sizeof(std::uint32_t) + head.metadata.prompt_text.size();
  std::vector<std::byte> part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
  std::fill_n(part.begin() + payload_offset_offset, sizeof(std::uint64_t), std::byte{0});
  std::fill_n(part.begin() + payload_checksum_offset, sizeof(std::uint32_t), std::byte{0});
  return part;
}

void check_written_again(std::span<const std::byte> file, const kvc_head& head) {
  const auto payload = file.subspan(static_cast<std::size_t>(head.payload_offset));
  const std::vector<std::byte> again = cache_tests::whole_file(head.metadata, payload);
  cache_tests::memory_source source{.bytes = again};
  std::array<std::byte, 64> buffer;
  const auto parsed = validate_kvc(source, again.size(), key_of(head.metadata), buffer);
  require(parsed.has_value() && parsed->checksummed && parsed->metadata == head.metadata);
  require(fixed_part(file, head) == fixed_part(again, *parsed));
  require(cache_tests::whole_file(parsed->metadata, payload) == again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const auto file = std::as_bytes(std::span{data, size_bytes});
  cache_tests::memory_source source{.bytes = file};
  const auto head = read_kvc_head(source, file.size());
  require(head == parse_kvc_head(file, file.size()));
  if (!head) {
    require(head.error().offset <= file.size() && !describe(head.error()).empty());
    return 0;
  }
  require(source.read_bytes == head->payload_offset);
  check_written_again(file, *head);
  return 0;
}
