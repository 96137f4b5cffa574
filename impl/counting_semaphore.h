// A counting semaphore that cannot leak: permits have owners, and the death of an owner gives back what it held.
//
// It promises: `current()` is the sum of the weights of live permits whenever anyone looks; strict FIFO, a large
// request at the head is not starved; a permit that is given back goes to the head of the queue within the release;
// deadlines exact on the runtime's clock; a grant that races with a deadline, a stop request or the end of the waiter
// is either taken or passed on, never lost and never doubled. No operation throws but for want of memory, and then
// nothing has changed.
//
// Cost, without waiters: acquire and release are one compare-and-swap each, and no lock. The owner is tracked by a
// record that only its own task writes; a release on another task, a transfer and a death take the semaphore's mutex.
//
// It leaves out: priorities, permits between processes, upgrades of a permit's weight.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/semaphore/acquire_error.h>
#include <wavetank/impl/semaphore/counting_core.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// Why a number cannot be a limit.
enum class limit_error : std::uint8_t {
  zero,      ///< nobody could ever acquire
  too_large  ///< above `limit_max`
};

constexpr std::string_view to_string(limit_error error) noexcept {
  switch (error) {
    case limit_error::zero:
      return "limit 0: nobody could ever acquire; use at least 1, or close the semaphore";
    case limit_error::too_large:
      return "limit too large: use at most 2147483647";
  }
  return "unknown";
}

/// All members may be called by any task at any time, but for construction and destruction. Destruction closes, and
/// leaves the handles of live permits invalid. The runtime must outlive the semaphore and its handles.
template <runtime R>
class counting_semaphore {
  using core_type = semaphore_detail::counting_core<R>;

 public:
  using time_point = typename R::time_point;
  using duration = typename R::time_point::duration;
  using stop_token = typename R::stop_token;
  class permit;
  using result = tl::expected<permit, acquire_error>;

  static constexpr std::uint64_t limit_max = semaphore_detail::state_word::number_max;
  static constexpr time_point no_deadline = semaphore_detail::no_deadline<R>;

  /// One live permit, for people.
  struct holder {
    task_id owner;
    std::string name;
    std::uint64_t weight;
    std::optional<duration> age;  ///< if the options say `ages`
  };

  /// Why `limit` cannot be a limit; nothing if it can.
  static constexpr std::optional<limit_error> check_limit(std::uint64_t limit) noexcept {
    if (limit == 0) return limit_error::zero;
    if (limit > limit_max) return limit_error::too_large;
    return std::nullopt;
  }

  /// A semaphore with a limit that comes from outside.
  static tl::expected<counting_semaphore, limit_error> create(R& world, std::uint64_t limit,
                                                              counting_semaphore_options options = {}) {
    using made = tl::expected<counting_semaphore, limit_error>;
    if (const auto wrong = check_limit(limit)) return made{tl::unexpect, *wrong};
    return made{tl::in_place, world, limit, std::move(options)};
  }

  /// A semaphore with a limit that the program knows to be one; throws `std::invalid_argument` if it is not.
  counting_semaphore(R& world, std::uint64_t limit, counting_semaphore_options options = {})
      : core_(std::make_shared<core_type>(world, checked(limit), std::move(options))) {}
  counting_semaphore(const counting_semaphore&) = delete;
  counting_semaphore& operator=(const counting_semaphore&) = delete;
  ~counting_semaphore() { core_->destroy(); }

  /// A permit now, or `busy` (it does not fit, or others wait), `closed`, `too_large`, `zero_weight`. Never suspends.
  result try_acquire(std::uint64_t weight = 1) {
    prepared_record record{core_->prepare()};
    if (const auto refused = core_->try_take(weight)) return tl::make_unexpected(*refused);
    core_->grant(*record, weight);
    return permit{record.use()};
  }

  /// Waits in FIFO order until the permit is granted, or `timed_out` (at the deadline), `closed`, `cancelled` (the stop
  /// token was asked to stop), `too_large` (also if the limit is lowered meanwhile), `zero_weight`. A deadline that has
  /// passed means one attempt without suspension. A permit that is free is granted even if the token has been asked
  /// to stop.
  result acquire(time_point deadline = no_deadline, std::uint64_t weight = 1, const stop_token& stop = {}) {
    prepared_record record{core_->prepare()};
    if (const auto refused = core_->try_take(weight)) [[unlikely]] {
      if (*refused != acquire_error::busy) return tl::make_unexpected(*refused);
      return wait_with(record.use(), deadline, weight, stop);
    }
    core_->grant(*record, weight);
    return permit{record.use()};
  }

  /// As `acquire(now + timeout, ...)`; a time-out too long for the clock waits for ever.
  result acquire_for(duration timeout, std::uint64_t weight = 1, const stop_token& stop = {}) {
    const time_point now = core_->world.now();
    const bool representable = timeout < no_deadline - std::max(now, time_point{});
    return acquire(representable ? now + timeout : no_deadline, weight, stop);
  }

  /// Raising grants at once to as many waiters as now fit; lowering revokes nothing and answers `too_large` to the
  /// waiters that can no longer fit. Linear in the waiters.
  tl::expected<void, limit_error> set_limit(std::uint64_t limit) noexcept {
    if (const auto wrong = check_limit(limit)) return tl::make_unexpected(*wrong);
    core_->set_limit(limit);
    return {};
  }

  /// Answers `closed` to every waiter and every later call. Permits stay valid. Idempotent.
  void close() noexcept { core_->close(); }

  /// Without a lock. `current()` exceeds `limit()` only after a lowering, and then only falls.
  std::uint64_t current() const noexcept { return core_->word().current(); }
  std::uint64_t limit() const noexcept { return core_->word().limit(); }
  std::size_t waiting() const noexcept { return core_->waiting(); }

  /// A snapshot for people, by owner and weight.
  std::vector<holder> holders() const {
    const time_point now = core_->options.ages ? core_->world.now() : time_point{};
    std::vector<holder> all;
    for (const auto& held : core_->holders()) {
      std::optional<duration> age;
      if (held.since) age = now - time_point{duration{static_cast<typename duration::rep>(*held.since)}};
      all.push_back({held.owner, core_->world.name_of(held.owner), held.weight, age});
    }
    std::sort(all.begin(), all.end(), [](const holder& a, const holder& b) {
      return std::tie(a.owner, a.weight) < std::tie(b.owner, b.weight);
    });
    return all;
  }

 private:
  using record_type = semaphore_detail::permit_record<R>;

  /// A record of the current task until a permit needs it.
  class prepared_record {
   public:
    explicit prepared_record(record_type& record) noexcept : record_(&record) {}
    prepared_record(const prepared_record&) = delete;
    prepared_record& operator=(const prepared_record&) = delete;
    ~prepared_record() {
      if (record_ != nullptr) core_type::discard(*record_);
    }
    record_type& operator*() const noexcept { return *record_; }
    record_type& use() noexcept { return *std::exchange(record_, nullptr); }

   private:
    record_type* record_;
  };

  /// Out of line, so that an acquire that need not wait is inlined.
  [[gnu::noinline]] result wait_with(record_type& prepared, time_point deadline, std::uint64_t weight,
                                     const stop_token& stop) {
    prepared_record record{prepared};
    if (deadline != no_deadline && deadline <= core_->world.now()) {
      return tl::make_unexpected(acquire_error::timed_out);
    }
    const auto decided = core_->wait(*record, weight, deadline, stop);
    if (decided != semaphore_detail::outcome::granted) {
      return tl::make_unexpected(semaphore_detail::error_of(decided));
    }
    return permit{record.use()};
  }

  static std::uint64_t checked(std::uint64_t limit) {
    if (const auto wrong = check_limit(limit)) {
      throw std::invalid_argument("counting_semaphore: " + std::string{to_string(*wrong)});
    }
    return limit;
  }

  std::shared_ptr<core_type> core_;
};

/// A permit that is held. Moving the handle does not change the owner. One handle is for one task at a time; which one
/// is free to change. May outlive its owner and the semaphore, and then is not `valid()`.
template <runtime R>
class counting_semaphore<R>::permit {
 public:
  permit() = default;
  permit(permit&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
  permit& operator=(permit&& other) noexcept {
    if (this == &other) return *this;
    release();
    record_ = std::exchange(other.record_, nullptr);
    return *this;
  }
  ~permit() { release(); }

  /// The permit is live: not released, its owner not dead, its semaphore not destroyed.
  bool valid() const noexcept { return record_ != nullptr && core_type::valid(*record_); }

  /// Gives the permit back, to the head of the queue if somebody waits. True if it was live. Idempotent.
  bool release() noexcept {
    if (record_ == nullptr) return false;
    return core_type::release(*std::exchange(record_, nullptr));
  }

  /// From now on only the death of `to`, or this handle, gives the permit back. Throws `std::bad_alloc` and then has
  /// done nothing.
  transfer_result transfer(task_id to) {
    if (record_ == nullptr) return transfer_result::nothing;
    return core_type::transfer(record_, to);
  }

 private:
  friend class counting_semaphore;
  explicit permit(record_type& record) noexcept : record_(&record) {}

  record_type* record_ = nullptr;
};

}  // namespace wavetank
