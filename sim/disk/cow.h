// A value that copies share until one of them is written.
#pragma once

#include <memory>
#include <utility>

namespace wavetank::sim::disk {

/// Copies cost a reference count. Copies may be used by different threads, one copy by one at a time.
template <class T>
class cow {
 public:
  cow() : value_(std::make_shared<T>()) {}
  explicit cow(T value) : value_(std::make_shared<T>(std::move(value))) {}

  const T& operator*() const noexcept { return *value_; }
  const T* operator->() const noexcept { return value_.get(); }
  T& write() {
    if (value_.use_count() != 1) value_ = std::make_shared<T>(*value_);
    return *value_;
  }
  /// Both are copies of one value and neither was written since.
  friend bool share_a_value(const cow& a, const cow& b) noexcept { return a.value_ == b.value_; }

 private:
  std::shared_ptr<T> value_;
};

}  // namespace wavetank::sim::disk
