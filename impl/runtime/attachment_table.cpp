#include <wavetank/impl/runtime/attachment_table.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace wavetank {

std::vector<attachment_table::entry>::iterator attachment_table::lower_bound(std::uint64_t key) noexcept {
  return std::lower_bound(all_.begin(), all_.end(), key, [](const entry& e, std::uint64_t k) { return e.key < k; });
}

attachment* attachment_table::find_among_all(std::uint64_t key) noexcept {
  const auto found = lower_bound(key);
  if (found == all_.end() || found->key != key) return nullptr;
  recent_[key % recent_.size()] = {key, found->value.get()};
  return found->value.get();
}

void attachment_table::insert(std::uint64_t key, std::unique_ptr<attachment> value) {
  assert(key != 0);
  assert(value != nullptr);
  // A sweep is linear: it runs when the table has doubled since the last one, so that it costs O(1) an insertion.
  if (all_.size() >= expiry_check_at_) {
    drop_expired();
    expiry_check_at_ = std::max<std::size_t>(16, 2 * all_.size());
  }
  const auto place = lower_bound(key);
  assert(place == all_.end() || place->key != key);
  all_.insert(place, entry{key, std::move(value)});
}

void attachment_table::erase(std::uint64_t key) noexcept {
  const auto found = lower_bound(key);
  if (found == all_.end() || found->key != key) return;
  const std::unique_ptr<attachment> dropped = std::move(found->value);
  all_.erase(found);
  forget(key);
}

void attachment_table::owner_died() noexcept {
  while (!all_.empty()) {
    const entry oldest = std::move(all_.front());
    all_.erase(all_.begin());
    // Still findable while it is told: what it calls may look it up.
    recent_[oldest.key % recent_.size()] = {oldest.key, oldest.value.get()};
    oldest.value->owner_died();
    forget(oldest.key);
  }
}

void attachment_table::drop_expired() noexcept {
  for (std::size_t i = 0; i < all_.size();) {
    if (!all_[i].value->expired()) {
      ++i;
      continue;
    }
    const entry gone = std::move(all_[i]);
    all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(i));
    forget(gone.key);
  }
}

void attachment_table::forget(std::uint64_t key) noexcept {
  recent& slot = recent_[key % recent_.size()];
  if (slot.key == key) slot = {};
}

}  // namespace wavetank
