// What one task holds of one counting semaphore. The task itself takes and returns records without a lock or a
// read-modify-write; others, and the task's death, go through the semaphore's mutex.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/semaphore/intrusive_list.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

namespace wavetank::semaphore_detail {

template <runtime R>
class counting_core;
template <runtime R>
class permit_account;

/// Stands for one permit while its handle lives: a handle pins its record, so a record is never another permit's while
/// somebody could mistake it. `weight` is 0 while the permit is not live (not yet granted, released, taken back).
template <runtime R>
struct permit_record {
  explicit permit_record(permit_account<R>* kept_by) noexcept : home(kept_by) {}

  permit_account<R>* const home;  ///< nullptr: a transferred permit
  typename R::template atomic<std::uint64_t> weight{0};
  typename R::template atomic<std::int64_t> since{0};  ///< ticks of the runtime's clock, where ages are kept
  permit_record* next = nullptr;                       ///< while nobody uses it
};

/// Lives as long as its task or any handle to one of its records does.
template <runtime R>
class permit_account : public list_links<permit_account<R>> {
 public:
  using record = permit_record<R>;

  permit_account(std::shared_ptr<counting_core<R>> owner_core, task_id owner_task)
      : core(std::move(owner_core)), owner(owner_task) {}

  const std::shared_ptr<counting_core<R>> core;
  const task_id owner;

  /// On the owner's task. Null when all records are in use.
  record* take() noexcept {
    record* const taken = free_;
    if (taken != nullptr) free_ = taken->next;
    return taken;
  }

  /// On the owner's task.
  void put_back(record& unused) noexcept {
    unused.next = free_;
    free_ = &unused;
  }

  /// On the owner's task, with the mutex: takes over what others returned, or allocates.
  record* take_more() {
    assert(free_ == nullptr);
    free_ = std::exchange(returned_, nullptr);
    if (record* const taken = take()) return taken;
    return &records_.emplace_back(this);
  }

  /// On any task, with the mutex. True if that was the last use of an abandoned account, which is then to be deleted.
  [[nodiscard]] bool put_back_from_elsewhere(record& unused) noexcept {
    if (abandoned_) return --in_use_ == 0;
    unused.next = returned_;
    returned_ = &unused;
    return false;
  }

  /// The task is dead, or has dropped the account: with the mutex, on the owner's task. True if nobody uses a record
  /// any more, so that the account is to be deleted.
  [[nodiscard]] bool abandon() noexcept {
    assert(!abandoned_);
    abandoned_ = true;
    in_use_ = records_.size() - length(free_) - length(returned_);
    return in_use_ == 0;
  }

  /// With the mutex.
  template <class F>
  void for_each_live(F&& visit) {
    for (record& r : records_) {
      if (const std::uint64_t weight = r.weight.load(std::memory_order_acquire); weight != 0) visit(r, weight);
    }
  }

 private:
  static std::size_t length(const record* first) noexcept {
    std::size_t n = 0;
    for (; first != nullptr; first = first->next) ++n;
    return n;
  }

  record* free_ = nullptr;      // the owner's alone
  record* returned_ = nullptr;  // this and the rest: guarded by the semaphore's mutex
  std::deque<record> records_;
  std::size_t in_use_ = 0;
  bool abandoned_ = false;
};

/// What the task keeps: finds the account, and tells it of the task's death.
template <runtime R>
class account_link final : public attachment {
 public:
  explicit account_link(permit_account<R>& to) noexcept : account(to) {}
  account_link(const account_link&) = delete;
  account_link& operator=(const account_link&) = delete;
  ~account_link() override { account.core->abandon(account); }

  void owner_died() noexcept override { account.core->owner_died(account); }
  bool expired() const noexcept override { return account.core->destroyed(); }

  permit_account<R>& account;
};

}  // namespace wavetank::semaphore_detail
