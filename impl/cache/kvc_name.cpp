#include <wavetank/impl/cache/kvc_name.h>

#include <algorithm>
#include <stdexcept>

namespace wavetank {

namespace {

constexpr std::string_view final_suffix = ".kvc";
constexpr std::string_view temporary_suffix = ".tmp";

bool may_be_unique_part(std::string_view text) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= kvc_unique_part_most_bytes && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

kvc_name parse_kvc_name(std::string_view name) noexcept {
  if (name == kvc_lock_name) return {kvc_name_kind::lock, std::nullopt, {}};
  if (name == kvc_quarantine_folder) return {kvc_name_kind::quarantine, std::nullopt, {}};
  const auto key = cache_key_of_hex(name.substr(0, cache_key_digits));
  if (!key) return {};
  std::string_view rest = name.substr(cache_key_digits);
  if (!rest.starts_with(final_suffix)) return {};
  rest.remove_prefix(final_suffix.size());
  if (rest.empty()) return {kvc_name_kind::final_name, key, {}};
  if (!rest.starts_with('.') || !rest.ends_with(temporary_suffix)) return {};
  rest.remove_prefix(1);
  if (rest.size() <= temporary_suffix.size()) return {};
  rest.remove_suffix(temporary_suffix.size());
  if (!may_be_unique_part(rest)) return {};
  return {kvc_name_kind::temporary, key, rest};
}

std::string kvc_final_name(const cache_key& key) { return to_hex(key).append(final_suffix); }

std::string kvc_temporary_name(const cache_key& key, std::string_view unique) {
  if (!may_be_unique_part(unique)) {
    throw std::invalid_argument("kvc_temporary_name: the unique part takes 1 to 128 letters, digits, '-' and '_'");
  }
  return kvc_final_name(key).append(".").append(unique).append(temporary_suffix);
}

}  // namespace wavetank
