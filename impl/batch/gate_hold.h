// Something that a task holds of a gate, an admission or a pause: ended once, by its handle or by its owner's death.
//
// The owner's number decides: whoever replaces it by that of nobody ends the hold. A task's own holds are kept with the
// task, without a lock; one that was transferred is watched by a monitor.
#pragma once

#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace wavetank::gate_detail {

template <runtime R>
class gate_core;

/// Lives as long as a handle, its owner's account or a monitor refers to it.
template <runtime R>
class gate_hold {
 public:
  enum class kind : std::uint8_t { admission, pause };

  gate_hold(std::shared_ptr<gate_core<R>> core, kind what, std::vector<std::size_t> over, task_id owner)
      : core_(std::move(core)), kind_(what), shards_(std::move(over)), owner_(owner.value) {}

  bool live() const noexcept { return owner_.load(std::memory_order_acquire) != nobody; }
  const std::vector<std::size_t>& shards() const noexcept { return shards_; }

  /// True if it was live. Idempotent.
  bool end() noexcept {
    if (owner_.exchange(nobody, std::memory_order_acq_rel) == nobody) return false;
    give_back();
    return true;
  }
  /// Ends it if this task is the owner.
  bool end_of(task_id owner) noexcept {
    std::uint64_t expected = owner.value;
    if (!owner_.compare_exchange_strong(expected, nobody, std::memory_order_acq_rel)) return false;
    give_back();
    return true;
  }
  /// From now on no death ends it.
  bool give_to_nobody() noexcept { return give_to({no_task}); }
  /// False if it has ended.
  bool give_to(task_id to) noexcept {
    std::uint64_t seen = owner_.load(std::memory_order_acquire);
    while (seen != nobody) {
      if (owner_.compare_exchange_strong(seen, to.value, std::memory_order_acq_rel)) return true;
    }
    return false;
  }

  typename R::monitor watch;  ///< of the task that it was transferred to; touched by the handle's holder

 private:
  static constexpr std::uint64_t nobody = 0;
  static constexpr std::uint64_t no_task = ~std::uint64_t{0};

  void give_back() noexcept {
    if (kind_ == kind::admission) {
      core_->leave(shards_);
    } else {
      core_->resume(shards_);
    }
  }

  const std::shared_ptr<gate_core<R>> core_;
  const kind kind_;
  const std::vector<std::size_t> shards_;
  typename R::template atomic<std::uint64_t> owner_;
};

/// What one task holds of one gate. Touched by that task alone.
template <runtime R>
class gate_account final : public attachment {
 public:
  explicit gate_account(task_id owner) : owner_(owner) {}

  void owner_died() noexcept override {
    for (const auto& hold : holds_) hold->end_of(owner_);
  }

  /// Room for one more, so that `add` cannot fail. Amortised constant.
  void prepare() {
    if (holds_.size() < holds_.capacity()) return;
    std::erase_if(holds_, [](const auto& hold) { return !hold->live(); });
    holds_.reserve(std::max<std::size_t>(8, 2 * holds_.size()));
  }
  void add(std::shared_ptr<gate_hold<R>> hold) noexcept { holds_.push_back(std::move(hold)); }

 private:
  const task_id owner_;
  std::vector<std::shared_ptr<gate_hold<R>>> holds_;
};

}  // namespace wavetank::gate_detail
