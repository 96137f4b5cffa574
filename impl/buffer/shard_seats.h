// Which shard of a partition's tables a writer writes to: the one with the fewest living writers when it came.
#pragma once

#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace wavetank::buffer_detail {

/// Writers of which there never were more at once than shards do not meet in one. `Place`: what a writer knows of its
/// shard, made of the shard's index and used by that writer alone.
template <runtime R, class Place>
class shard_seats {
  struct counts;

 public:
  /// Kept by one writer, so that what it puts keeps its order.
  class seat {
   public:
    explicit seat(std::shared_ptr<counts> in) : all_(std::move(in)), shard_(all_->take()), place_(shard_) {}
    seat(seat&&) noexcept = default;
    seat& operator=(seat&&) = delete;
    ~seat() {
      if (all_) all_->leave(shard_);
    }
    Place& place() noexcept { return place_; }
    bool is_unused() const noexcept { return all_->unused.load(std::memory_order_relaxed); }

   private:
    std::shared_ptr<counts> all_;
    std::size_t shard_;
    Place place_;
  };

  shard_seats(R& world, std::size_t shards)
      : world_(world), key_(world.new_key()), taken_(std::make_shared<counts>(shards)) {}
  shard_seats(const shard_seats&) = delete;
  shard_seats& operator=(const shard_seats&) = delete;
  ~shard_seats() { taken_->unused.store(true, std::memory_order_relaxed); }

  /// Of the current task, which keeps its seat for life, but for what its death notices put. A few instructions, but
  /// for the first time.
  Place& own() {
    if (attachment* const known = world_.attached(key_)) [[likely]]
      return static_cast<seat_of_task&>(*known).kept.place();
    return sit_down();
  }

  /// One more.
  seat take() { return seat{taken_}; }

 private:
  /// Outlives the partition in the seats of those who outlive it.
  struct counts {
    explicit counts(std::size_t shards) : writers(shards) { R::label(mutex, "seats"); }

    std::size_t take() {
      const std::lock_guard lock{mutex};
      const auto emptiest = std::min_element(writers.begin(), writers.end());
      ++*emptiest;
      return static_cast<std::size_t>(emptiest - writers.begin());
    }
    void leave(std::size_t shard) {
      const std::lock_guard lock{mutex};
      --writers[shard];
    }

    typename R::mutex mutex;
    std::vector<std::uint64_t> writers;               ///< by shard; guarded by the mutex
    typename R::template atomic<bool> unused{false};  ///< a hint
  };

  struct seat_of_task final : attachment {
    explicit seat_of_task(seat taken) : kept(std::move(taken)) {}
    void owner_died() noexcept override {}
    bool expired() const noexcept override { return kept.is_unused(); }

    seat kept;
  };

  [[gnu::noinline]] Place& sit_down() {
    auto made = std::make_unique<seat_of_task>(take());
    Place& own = made->kept.place();
    world_.attach(key_, std::move(made));
    return own;
  }

  R& world_;
  const std::uint64_t key_;
  const std::shared_ptr<counts> taken_;
};

}  // namespace wavetank::buffer_detail
