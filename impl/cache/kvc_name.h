// The names in a cache directory.
//
//   KEY.kvc              a complete file, KEY being 64 lower-case hexadecimal digits
//   KEY.kvc.UNIQUE.tmp   one that is being written
//   quarantine/          what did not validate
//   .lock                held by the process that the directory belongs to
#pragma once

#include <wavetank/impl/cache/cache_key.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wavetank {

inline constexpr std::string_view kvc_quarantine_folder = "quarantine";
inline constexpr std::string_view kvc_lock_name = ".lock";

/// Letters, digits, '-' and '_' make up the part of a temporary name that is unique; this many at most, so that the
/// name stays within what file systems take.
inline constexpr std::size_t kvc_unique_part_most_bytes = 128;

enum class kvc_name_kind : std::uint8_t {
  final_name,
  temporary,
  quarantine,
  lock,
  foreign  ///< none of ours
};

/// What a name says.
struct kvc_name {
  kvc_name_kind kind = kvc_name_kind::foreign;
  std::optional<cache_key> key;  ///< of a final or temporary name
  std::string_view unique;       ///< of a temporary name; refers to the name

  friend bool operator==(const kvc_name&, const kvc_name&) = default;
};

/// What a name (without folders) is. Any text has an answer.
kvc_name parse_kvc_name(std::string_view name) noexcept;

std::string kvc_final_name(const cache_key& key);

/// `std::invalid_argument` for a unique part that is empty, too long or has other characters.
std::string kvc_temporary_name(const cache_key& key, std::string_view unique);

}  // namespace wavetank
