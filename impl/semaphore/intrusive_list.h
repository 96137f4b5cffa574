// A doubly linked list through members of its elements: it owns nothing and allocates nothing.
#pragma once

#include <cassert>
#include <cstddef>

namespace wavetank::semaphore_detail {

/// The links of an element of an `intrusive_list<T>`; `T` derives from it. In one list at a time.
template <class T>
struct list_links {
  T* previous = nullptr;
  T* next = nullptr;
  bool linked = false;
};

/// All operations are O(1) and never throw. An element leaves before it is destroyed.
template <class T>
class intrusive_list {
 public:
  intrusive_list() = default;
  intrusive_list(const intrusive_list&) = delete;
  intrusive_list& operator=(const intrusive_list&) = delete;

  T* front() const noexcept { return first_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  void push_back(T& element) noexcept {
    assert(!element.linked);
    element.previous = last_;
    element.next = nullptr;
    element.linked = true;
    (last_ != nullptr ? last_->next : first_) = &element;
    last_ = &element;
    ++size_;
  }

  void remove(T& element) noexcept {
    assert(element.linked);
    (element.previous != nullptr ? element.previous->next : first_) = element.next;
    (element.next != nullptr ? element.next->previous : last_) = element.previous;
    element.linked = false;
    --size_;
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace wavetank::semaphore_detail
