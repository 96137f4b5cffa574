// What is wrong with a `.kvc` file, or with what should become one: which field, where, and why.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wavetank {

/// Parts of the file, in its order.
enum class kvc_field : std::uint8_t {
  file,  ///< as a whole
  magic,
  version,
  quant_bits,
  save_reason,
  reserved,  ///< bytes 6, 7, 20 to 23 and 68 to 71
  token_count,
  payload_byte_count,
  payload_offset,
  payload_length,
  payload_checksum,
  prompt,
  tlv_section,
  tlv,  ///< the head of some entry
  fingerprint,
  fingerprint_mode,
  quant,
  ctx_params_hash,
  tlv_token_count,
  token_ids,
  hostname,
  library_version,
  save_reason_detail,
  head_checksum,
  payload,
  key  ///< as derived from the fields, against the file's name
};

enum class kvc_problem : std::uint8_t {
  truncated,   ///< ends before `wanted` bytes; has `found`
  bad_value,   ///< `found` is no value of this field
  mismatch,    ///< says `found` where the rest of the file says `wanted`
  duplicate,   ///< is there a second time
  missing,     ///< must be there
  checksum,    ///< the bytes sum up to `found`, the file says `wanted`
  too_large,   ///< `found` is above `wanted`
  unreadable,  ///< reading failed with the errno `found`
  not_a_file,  ///< but a folder, or a pipe
};

/// A plain value; `describe` makes a sentence of it.
struct kvc_error {
  kvc_problem problem;
  kvc_field field;
  std::uint64_t offset;  ///< of the field in the file, in bytes
  std::uint64_t found = 0;
  std::uint64_t wanted = 0;

  friend bool operator==(const kvc_error&, const kvc_error&) = default;
};

std::string_view to_string(kvc_field field) noexcept;
std::string_view to_string(kvc_problem problem) noexcept;

/// One line: what, where, and the numbers.
std::string describe(const kvc_error& error);

}  // namespace wavetank
