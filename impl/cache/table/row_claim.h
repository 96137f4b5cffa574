// A claim on a row: what it pinned stays readable and unchanged until the claim is over.
#pragma once

#include <wavetank/impl/cache/cached_row.h>
#include <wavetank/impl/cache/table/table_core.h>
#include <wavetank/impl/runtime.h>

#include <cassert>
#include <cstdint>
#include <memory>
#include <utility>

namespace wavetank {

/// The handle of one claim: move-only. Moving it does not change the owner, whose death checks in. One handle is for
/// one task at a time; which one is free to change. May outlive its owner and the table, and then is not `valid()`.
template <runtime R>
class row_claim {
  using core_type = table_detail::table_core<R>;
  using record_type = table_detail::claim_record<R>;

 public:
  row_claim() = default;
  row_claim(row_claim&& other) noexcept = default;
  row_claim& operator=(row_claim&& other) noexcept {
    if (this == &other) return *this;
    check_in();
    record_ = std::move(other.record_);
    return *this;
  }
  ~row_claim() { check_in(); }

  /// What was claimed. Of a handle that was not checked in or moved from.
  const cache_key& key() const noexcept { return row().key; }
  cache_tier tier() const noexcept { return row().tier; }
  std::uint64_t generation() const noexcept { return row().number; }
  const row_content& content() const noexcept { return row().content; }

  /// The claim is live: not checked in, its owner not dead, its table not destroyed.
  bool valid() const noexcept {
    if (record_ == nullptr) return false;
    const typename core_type::access in{*record_->core};
    return record_->owner != nullptr;
  }

  /// Ends the claim. True if it was live. Idempotent.
  bool check_in() noexcept {
    if (record_ == nullptr) return false;
    const auto ended = std::exchange(record_, nullptr);
    typename core_type::access in{*ended->core};
    return ended->core->check_in(in, *ended);
  }

  /// The content proved to be corrupt: ends the claim, and, if the key's row is of these bytes, the row, whoever else
  /// has claimed it. Its file is removed, the file behind a row in memory is looked at. True if the claim was live.
  bool report_corrupt() {
    if (record_ == nullptr) return false;
    const auto ended = std::exchange(record_, nullptr);
    core_type& core = *ended->core;
    typename core_type::access in{core};
    if (ended->owner == nullptr) return false;
    in->condemn(*ended->of);
    core.check_in(in, *ended);
    core.work_off(in, ended->of->key);
    return true;
  }

 private:
  template <runtime>
  friend class reservation_table;
  explicit row_claim(std::unique_ptr<record_type> record) noexcept : record_(std::move(record)) {}

  const table_detail::generation<R>& row() const noexcept {
    assert(record_ != nullptr);
    return *record_->of;
  }

  std::unique_ptr<record_type> record_;
};

}  // namespace wavetank
