// A component of somebody's own: a mailbox of one slot, written once over whatever runtime it is given.
#pragma once

#include <mutex>
#include <optional>
#include <utility>

#include <wavetank/impl/runtime.h>

/// Holds at most one message. `put` waits until the slot is free, `take` until it is full. Any task may call both.
template <class Message, wavetank::runtime Runtime>
class mailbox {
 public:
  explicit mailbox(Runtime&) {}

  void put(Message message) {
    std::unique_lock lock{mutex_};
    while (slot_) changed_.wait(lock);
    slot_ = std::move(message);
    // All, not one: producers and consumers wait for the same condition variable. With notify_one here
    // mailbox_test.cpp finds the lost wakeup of two producers and two consumers.
    changed_.notify_all();
  }

  Message take() {
    std::unique_lock lock{mutex_};
    while (!slot_) changed_.wait(lock);
    Message message = std::move(*slot_);
    slot_.reset();
    changed_.notify_all();
    return message;
  }

 private:
  typename Runtime::mutex mutex_;
  typename Runtime::condition_variable changed_;
  std::optional<Message> slot_;
};
