// The gate between writers and maintenance: "no write is in progress on these shards, and none can start".
//
// A writer enters before it writes and leaves when it is answered; maintenance pauses shards, waits until they are
// drained, works, and resumes. Writers that meet no pause take no lock. It promises: while a pause of a shard is held
// and was answered `drained`, nobody is admitted to that shard; what is held ends with its handle or with the death of
// its owner, once; a pause that ended is told to whoever waits under it.
//
// It leaves out: fairness between pausers and writers; pauses nest, and writers wait for the last one. What goes on
// when its writer has left, because a deadline answered it or nobody waited, the gate does not know: see write_pause.h.
#pragma once

#include <wavetank/impl/batch/gate_core.h>
#include <wavetank/impl/batch/gate_hold.h>
#include <wavetank/impl/runtime.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// Why a gate said no.
enum class gate_error : std::uint8_t {
  timed_out,   ///< paused, or not drained, at the deadline
  pause_lost,  ///< the pause ended, by its handle or by its owner's death: nothing may be concluded from it
  no_shard,    ///< there is no shard of this number
};

constexpr std::string_view to_string(gate_error error) noexcept {
  switch (error) {
    case gate_error::timed_out:
      return "timed out: the shard was paused, or not drained, until the deadline";
    case gate_error::pause_lost:
      return "pause lost: it ended before the shards were drained; pause again";
    case gate_error::no_shard:
      return "no such shard: the gate was made for fewer";
  }
  return "unknown";
}

/// All members may be called by any task at any time, but for construction and destruction. Handles may outlive the
/// gate. The runtime must outlive both.
template <runtime R>
class sync_gate {
  using core_type = gate_detail::gate_core<R>;
  using hold_type = gate_detail::gate_hold<R>;
  using account_type = gate_detail::gate_account<R>;

 public:
  using time_point = typename R::time_point;
  using shard_list = std::vector<std::size_t>;
  static constexpr time_point no_deadline = time_point::max();

  /// What both kinds of handle can do. Moving does not change the owner. One task at a time.
  class handle {
   public:
    handle() = default;
    handle(handle&&) noexcept = default;
    handle& operator=(handle&& other) noexcept {
      if (this != &other) {
        end();
        hold_ = std::move(other.hold_);
      }
      return *this;
    }
    ~handle() { end(); }

    /// Not ended, its owner not dead.
    bool valid() const noexcept { return hold_ != nullptr && hold_->live(); }

    /// From now on only the death of `to`, or this handle, ends it; it ends at once if `to` is dead. False: it has
    /// ended.
    bool transfer(R& world, task_id to) {
      if (hold_ == nullptr || !hold_->give_to(to)) return false;
      std::weak_ptr<hold_type> watched{hold_};
      hold_->watch = typename R::monitor{world, to, [watched, to] {
                                           if (const auto hold = watched.lock()) hold->end_of(to);
                                         }};
      if (!hold_->watch.armed()) hold_->end_of(to);
      return valid();
    }

   protected:
    explicit handle(std::shared_ptr<hold_type> hold) noexcept : hold_(std::move(hold)) {}
    bool end() noexcept {
      if (hold_ == nullptr) return false;
      const auto hold = std::exchange(hold_, nullptr);
      hold->watch.disarm();
      return hold->end();
    }

    std::shared_ptr<hold_type> hold_;
    friend class sync_gate;
  };

  /// An admission.
  class token : public handle {
   public:
    token() = default;
    /// From now on this handle alone ends it: for work that goes on when the task has ended. False: it has ended.
    bool outlive_owner() noexcept { return this->hold_ != nullptr && this->hold_->give_to_nobody(); }
    /// True if it was live. Idempotent.
    bool leave() noexcept { return this->end(); }

   private:
    friend class sync_gate;
    using handle::handle;
  };

  /// A pause.
  class lease : public handle {
   public:
    lease() = default;
    /// Ends this pause and no other. True if it was live. Idempotent.
    bool resume() noexcept { return this->end(); }

   private:
    friend class sync_gate;
    using handle::handle;
  };

  sync_gate(R& world, std::size_t shards) : core_(std::make_shared<core_type>(world, shards)), key_(world.new_key()) {}
  sync_gate(const sync_gate&) = delete;
  sync_gate& operator=(const sync_gate&) = delete;

  /// Waits while the shard is paused.
  tl::expected<token, gate_error> enter(std::size_t shard, time_point deadline = no_deadline) {
    return enter_many({shard}, deadline);
  }

  /// One admission to all of these shards. Holds none of them while it waits for another.
  tl::expected<token, gate_error> enter_many(shard_list shards, time_point deadline = no_deadline) {
    if (!known(shards)) return tl::make_unexpected(gate_error::no_shard);
    account_type& mine = account();
    mine.prepare();
    auto hold = make_hold(hold_type::kind::admission, std::move(shards));
    while (const auto paused = core_->try_enter(hold->shards())) {
      if (!core_->await_resumed(*paused, deadline)) return tl::make_unexpected(gate_error::timed_out);
    }
    mine.add(hold);
    return token{std::move(hold)};
  }

  /// From now on nobody is admitted to these shards. Never suspends. Who is inside may stay: see `await_drained`.
  tl::expected<lease, gate_error> pause(shard_list shards) {
    if (!known(shards)) return tl::make_unexpected(gate_error::no_shard);
    account_type& mine = account();
    mine.prepare();
    auto hold = make_hold(hold_type::kind::pause, std::move(shards));
    core_->pause(hold->shards());
    mine.add(hold);
    return lease{std::move(hold)};
  }

  /// Waits until nobody is inside the shards of this pause, which must be held all the while.
  tl::expected<void, gate_error> await_drained(const lease& under, time_point deadline = no_deadline) {
    const auto hold = under.hold_;
    if (hold == nullptr) return tl::make_unexpected(gate_error::pause_lost);
    const bool over = core_->await_drained(hold->shards(), deadline, [&] { return !hold->live(); });
    if (!hold->live()) return tl::make_unexpected(gate_error::pause_lost);
    if (!over) return tl::make_unexpected(gate_error::timed_out);
    return {};
  }

  /// Without a lock. An admission that is being tried may be counted for a moment.
  std::uint64_t admissions(std::size_t shard) const noexcept { return core_->admissions(shard); }
  std::uint64_t pauses(std::size_t shard) const noexcept { return core_->pauses(shard); }

 private:
  bool known(const shard_list& shards) const noexcept {
    return std::all_of(shards.begin(), shards.end(), [&](std::size_t one) { return one < core_->shard_count(); });
  }

  std::shared_ptr<hold_type> make_hold(typename hold_type::kind what, shard_list shards) {
    return std::make_shared<hold_type>(core_, what, std::move(shards), core_->world.current_task());
  }

  account_type& account() {
    R& world = core_->world;
    if (attachment* const found = world.attached(key_)) return static_cast<account_type&>(*found);
    auto made = std::make_unique<account_type>(world.current_task());
    account_type& added = *made;
    world.attach(key_, std::move(made));
    return added;
  }

  std::shared_ptr<core_type> core_;
  std::uint64_t key_;
};

}  // namespace wavetank
