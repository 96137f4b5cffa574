// The slots of one shard's batcher: what is queued, what is due, in which order it goes. Guarded by the batcher's
// mutex.
#pragma once

#include <wavetank/impl/batch/batch_options.h>
#include <wavetank/impl/batch/write_request.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wavetank::batch_detail {

/// Requests that are committed as one. `generation` is its identity: never used again.
template <runtime R, class Backend>
struct batch_slot {
  using request_ptr = std::shared_ptr<write_request<R, Backend>>;

  std::string kind;
  std::uint64_t generation = 0;
  std::vector<request_ptr> requests;
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
  std::uint64_t work = 0;
  typename R::time_point opened{};
  typename R::time_point due = R::time_point::max();
  /// The same behind a commit in flight: a zero window waits until one is done, everything else does not.
  typename R::time_point due_behind = R::time_point::max();
  typename R::time_point expiry = R::time_point::max();  ///< the first deadline of a request that nobody waits for
  commit_reason reason = commit_reason::timer;
};

template <runtime R, class Backend>
class batch_slots {
 public:
  using slot = batch_slot<R, Backend>;
  using request_ptr = typename slot::request_ptr;
  using time_point = typename R::time_point;

  explicit batch_slots(const batch_options& options) : options_(options) {}

  bool fits(const std::string& kind, const write_request<R, Backend>& one) const {
    const auto found = open_.find(kind);
    if (found == open_.end()) return true;
    return found->second.items + one.commands.size() <= options_.max_items &&
           found->second.bytes + one.bytes <= options_.max_bytes && one.work <= options_.max_work - found->second.work;
  }

  /// Into the open slot of its kind, which is made where there is none.
  void append(const std::string& kind, request_ptr one, time_point now, time_point due) {
    slot& into = open_[kind];
    if (into.requests.empty()) {
      into.kind = kind;
      into.generation = ++generations_;
      into.opened = now;
      into.due = into.due_behind = time_point::max();
    }
    if (!one->waits) into.expiry = std::min(into.expiry, one->deadline);
    one->slot = into.generation;
    into.items += one->commands.size();
    into.bytes += one->bytes;
    into.work += one->work;
    into.due = std::min(into.due, due);
    if (due > now) into.due_behind = std::min(into.due_behind, due);
    into.requests.push_back(std::move(one));
    if (into.items >= options_.max_items) make_due(into, now, commit_reason::count);
    if (into.bytes >= options_.max_bytes) make_due(into, now, commit_reason::bytes);
    if (into.work >= options_.max_work) make_due(into, now, commit_reason::work);
    if (due <= now) make_due(into, now, commit_reason::zero_window);
  }

  /// From now on nothing is added to the open slot of this kind; it goes in its turn.
  void seal(const std::string& kind, commit_reason why) {
    const auto found = open_.find(kind);
    if (found == open_.end()) return;
    found->second.reason = why;
    sealed_.push_back(std::move(found->second));
    open_.erase(found);
  }
  void seal_all(commit_reason why) {
    std::vector<const slot*> in_order;
    for (const auto& [kind, one] : open_) in_order.push_back(&one);
    std::sort(in_order.begin(), in_order.end(),
              [](const slot* a, const slot* b) { return a->generation < b->generation; });
    std::vector<std::string> kinds;
    for (const slot* one : in_order) kinds.push_back(one->kind);
    for (const auto& kind : kinds) seal(kind, why);
  }
  /// Seals the open slot of this generation, if there is one.
  void seal_generation(std::uint64_t generation, commit_reason why) {
    for (const auto& [kind, one] : open_) {
      if (one.generation == generation) return seal(std::string{kind}, why);
    }
  }
  std::optional<std::uint64_t> generation_of(const std::string& kind) const {
    const auto found = open_.find(kind);
    if (found == open_.end()) return std::nullopt;
    return found->second.generation;
  }

  /// A commit of this kind is done: what waits behind it goes at once.
  void completed(const std::string& kind, time_point now) {
    const auto found = open_.find(kind);
    if (found != open_.end()) make_due(found->second, now, commit_reason::completion);
    for (auto& [other, of] : open_) {
      if (of.due <= now) of.due_behind = std::min(of.due_behind, now);
    }
  }
  /// The open slot of this kind ends at the latest so long after its first item. One that is over by that is due from
  /// now on, and not before what has been due already.
  void shorten(const std::string& kind, typename time_point::duration window, time_point now) {
    const auto found = open_.find(kind);
    if (found == open_.end()) return;
    const time_point end = std::max(found->second.opened + window, now);
    found->second.due = std::min(found->second.due, end);
    if (window.count() > 0) found->second.due_behind = std::min(found->second.due_behind, end);
  }

  /// What goes next, where commits are in flight or not: the oldest sealed slot, else the open one that has been due
  /// for longest.
  slot* next(time_point now, bool behind) {
    if (!sealed_.empty()) return &sealed_.front();
    slot* first = nullptr;
    for (auto& [kind, one] : open_) {
      if ((behind ? one.due_behind : one.due) > now) continue;
      if (first == nullptr || std::pair{one.due, one.generation} < std::pair{first->due, first->generation})
        first = &one;
    }
    return first;
  }
  /// Takes what `next` answered.
  slot take(slot& chosen) {
    slot taken = std::move(chosen);
    if (!sealed_.empty()) {
      sealed_.pop_front();
    } else {
      open_.erase(taken.kind);
    }
    return taken;
  }

  /// Removes a queued request. False: it is not queued.
  bool withdraw(const write_request<R, Backend>& one) {
    for (auto at = open_.begin(); at != open_.end(); ++at) {
      if (!remove(at->second, one)) continue;
      if (at->second.requests.empty()) open_.erase(at);
      return true;
    }
    for (auto at = sealed_.begin(); at != sealed_.end(); ++at) {
      if (!remove(*at, one)) continue;
      if (at->requests.empty()) sealed_.erase(at);
      return true;
    }
    return false;
  }

  /// Every queued request, and no slot any more.
  std::vector<request_ptr> clear() {
    std::vector<request_ptr> all;
    seal_all(commit_reason::flush);
    for (slot& one : sealed_) std::move(one.requests.begin(), one.requests.end(), std::back_inserter(all));
    sealed_.clear();
    return all;
  }

  /// Sealed slots: each goes as a commit of its own.
  std::size_t sealed() const noexcept { return sealed_.size(); }

  /// When the next deadline of a request that nobody waits for is. Linear in the slots.
  time_point next_deadline() const noexcept {
    time_point first = time_point::max();
    for (const auto& [kind, of] : open_) first = std::min(first, of.expiry);
    for (const slot& of : sealed_) first = std::min(first, of.expiry);
    return first;
  }
  /// When the next timer of an open slot comes, where commits are in flight or not. Linear in the slots.
  time_point next_timer(bool behind) const noexcept {
    time_point first = time_point::max();
    for (const auto& [kind, of] : open_) first = std::min(first, behind ? of.due_behind : of.due);
    return first;
  }

  /// Withdraws the requests whose deadline has come and that nobody waits for.
  std::vector<request_ptr> take_expired(time_point now) {
    std::vector<request_ptr> late;
    const auto look = [&](slot& of) {
      if (of.expiry > now) return;
      of.expiry = time_point::max();
      for (const auto& one : of.requests) {
        if (one->waits) continue;
        if (one->deadline <= now) {
          late.push_back(one);
        } else {
          of.expiry = std::min(of.expiry, one->deadline);
        }
      }
    };
    for (auto& [kind, of] : open_) look(of);
    for (slot& of : sealed_) look(of);
    for (const auto& one : late) withdraw(*one);
    return late;
  }

 private:
  void make_due(slot& one, time_point now, commit_reason why) {
    if (why != commit_reason::zero_window) one.due_behind = std::min(one.due_behind, now);
    if (one.due <= now && why != commit_reason::zero_window) return;
    one.due = std::min(one.due, now);
    one.reason = why;
  }

  static bool remove(slot& from, const write_request<R, Backend>& one) {
    const auto at = std::find_if(from.requests.begin(), from.requests.end(),
                                 [&](const request_ptr& each) { return each.get() == &one; });
    if (at == from.requests.end()) return false;
    from.items -= one.commands.size();
    from.bytes -= one.bytes;
    from.work -= one.work;
    from.requests.erase(at);
    return true;
  }

  const batch_options& options_;
  std::map<std::string, slot, std::less<>> open_;  ///< by kind
  std::deque<slot> sealed_;
  std::uint64_t generations_ = 0;
};

}  // namespace wavetank::batch_detail
