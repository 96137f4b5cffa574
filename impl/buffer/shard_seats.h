// Which shard of a partition's tables a task writes to: the one with the fewest living writers when it came.
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

/// A task keeps its shard for life, so that what it puts keeps its order, but for what its death notices put. Tasks of
/// which there never were more at once than shards do not meet in one.
template <runtime R>
class shard_seats {
 public:
  shard_seats(R& world, std::size_t shards)
      : world_(world), key_(world.new_key()), taken_(std::make_shared<counts>(shards)) {}
  shard_seats(const shard_seats&) = delete;
  shard_seats& operator=(const shard_seats&) = delete;
  ~shard_seats() { taken_->unused.store(true, std::memory_order_relaxed); }

  /// Of the current task. A few instructions, but for the first time.
  std::size_t own() {
    if (attachment* const known = world_.attached(key_)) [[likely]]
      return static_cast<const seat&>(*known).shard;
    auto made = std::make_unique<seat>(taken_);
    const std::size_t shard = made->shard;
    world_.attach(key_, std::move(made));
    return shard;
  }

 private:
  /// Outlives the partition in the seats of tasks that outlive it.
  struct counts {
    explicit counts(std::size_t shards) : writers(shards) { R::label(mutex, "seats"); }
    typename R::mutex mutex;
    std::vector<std::uint64_t> writers;               ///< by shard; guarded by the mutex
    typename R::template atomic<bool> unused{false};  ///< a hint
  };

  struct seat final : attachment {
    explicit seat(std::shared_ptr<counts> in) : all(std::move(in)) {
      const std::lock_guard lock{all->mutex};
      const auto emptiest = std::min_element(all->writers.begin(), all->writers.end());
      ++*emptiest;
      shard = static_cast<std::size_t>(emptiest - all->writers.begin());
    }
    seat(const seat&) = delete;
    seat& operator=(const seat&) = delete;
    ~seat() override {
      const std::lock_guard lock{all->mutex};
      --all->writers[shard];
    }
    void owner_died() noexcept override {}
    bool expired() const noexcept override { return all->unused.load(std::memory_order_relaxed); }

    const std::shared_ptr<counts> all;
    std::size_t shard = 0;
  };

  R& world_;
  const std::uint64_t key_;
  const std::shared_ptr<counts> taken_;
};

}  // namespace wavetank::buffer_detail
