// What a task keeps that reads without the lock: its slot among the readers, and what it counted.
#pragma once

#include <wavetank/impl/cache/table/read_epochs.h>
#include <wavetank/impl/runtime.h>

#include <cstdint>
#include <memory>
#include <utility>

namespace wavetank::table_detail {

template <runtime R>
class table_core;

/// A number that one task raises and others read: no read-modify-write.
template <runtime R>
class own_counter {
 public:
  /// On the owner's task. Relaxed: the number orders nothing.
  void raise() noexcept { value_.store(value_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  typename R::template atomic<std::uint64_t> value_{0};
};

template <runtime R>
class reader final : public attachment {
 public:
  explicit reader(std::shared_ptr<table_core<R>> of) : core_(std::move(of)) { core_->reader_joins(*this); }
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;
  ~reader() override { core_->reader_leaves(*this); }

  void owner_died() noexcept override {}
  bool expired() const noexcept override { return core_->destroyed(); }

  typename read_epochs<R>::slot slot;
  own_counter<R> hits;
  own_counter<R> misses;
  own_counter<R> prefix_probes;

 private:
  const std::shared_ptr<table_core<R>> core_;
};

}  // namespace wavetank::table_detail
