// Looking at a file again before an error of reading it is believed.
#pragma once

namespace wavetank::cache_store_detail {

/// How often a file is looked at before an error of reading it is taken for lasting.
inline constexpr int most_looks = 3;

/// What `look()` saw, the last time if `cannot_be_read(seen)` held each time before: an error that passes must not hide
/// a row that was acknowledged.
template <class Look, class CannotBeRead>
auto look_patiently(Look&& look, CannotBeRead&& cannot_be_read) {
  auto seen = look();
  for (int looks = 1; looks < most_looks && cannot_be_read(seen); ++looks) seen = look();
  return seen;
}

}  // namespace wavetank::cache_store_detail
