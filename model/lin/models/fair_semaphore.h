// A counting semaphore with a FIFO queue: a blocking acquire is a request and, later, its completion, so that fairness
// is plain linearizability.
//
// `acq_req` joins the queue; `acq_done` is legal once granted; `cancel` (a time-out, judged by its interval) answers
// true iff the request was waiting. Whenever the head fits it is granted, at once. A completion uses up its grant when
// `reusable`, so that a client may use its id again; with ids that are requested and completed at most once that
// changes no verdict, and a completion that leaves the grant in place is an observer. `cancel` of an id that was queued
// twice takes the older.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/lin/models/answer.h>

namespace wavetank::lin::models {

class fair_semaphore {
 public:
  struct request {
    std::int64_t id;
    std::int64_t permits;
    friend bool operator==(const request&, const request&) = default;
  };

  struct state {
    std::int64_t available = 0;
    std::vector<request> waiting;       ///< head first
    std::vector<std::int64_t> granted;  ///< ascending
    friend bool operator==(const state&, const state&) = default;
    friend std::size_t hash_value(const state& s) {
      std::size_t hash = hash_with(s.waiting.size(), s.available);
      for (const request& one : s.waiting) hash = hash_with(hash_with(hash, one.id), one.permits);
      for (const std::int64_t id : s.granted) hash = hash_with(hash, id);
      return hash;
    }
  };

  struct command {
    enum class kind : std::uint8_t { request, done, cancel, release, available } op;
    std::int64_t id = 0;
    std::int64_t permits = 0;  ///< not negative
    bool reusable = false;     ///< done: uses up the grant
    friend bool operator==(const command&, const command&) = default;
    friend std::size_t hash_value(const command& c) {
      return hash_with(hash_with(static_cast<std::size_t>(c.op), c.id), c.permits);
    }
  };
  using response = answer;

  /// `limit` >= 0.
  explicit fair_semaphore(std::int64_t limit) : limit_(limit) {}
  [[nodiscard]] state initial() const { return {limit_, {}, {}}; }

  template <class Emit>
  void step(const state& s, const command& c, Emit&& emit) const {
    switch (c.op) {
      case command::kind::request:
        return emit(answer(), requested(s, c));
      case command::kind::done:
        if (granted(s, c.id)) emit(answer(), c.reusable ? used_up(s, c.id) : s);
        return;
      case command::kind::cancel:
        if (waiting(s, c.id) == s.waiting.size()) return emit(answer::truth(false), s);
        return emit(answer::truth(true), cancelled(s, c.id));
      case command::kind::release:
        if (c.permits <= limit_ - s.available) emit(answer(), released(s, c.permits));
        return;
      case command::kind::available:
        return emit(answer::number(s.available), s);
    }
  }

  [[nodiscard]] bool observes(const command& c, const std::optional<answer>& a) const {
    switch (c.op) {
      case command::kind::request:
        return false;
      case command::kind::done:
        return !c.reusable;
      case command::kind::cancel:
        return a && a->is_false();
      case command::kind::release:
        return c.permits == 0;
      case command::kind::available:
        return true;
    }
    return false;
  }

  [[nodiscard]] std::size_t footprint_bytes(const state& s) const {
    return s.waiting.capacity() * sizeof(request) + s.granted.capacity() * sizeof(std::int64_t);
  }

  [[nodiscard]] std::string describe(const state& s) const {
    std::string text = std::to_string(s.available) + " available, waiting [";
    for (std::size_t i = 0; i < s.waiting.size(); ++i)
      text += (i > 0 ? ", " : "") + std::to_string(s.waiting[i].id) + " for " + std::to_string(s.waiting[i].permits);
    return text + "], granted " + list_words(s.granted);
  }
  [[nodiscard]] std::string describe(const command& c) const {
    const std::string id = std::to_string(c.id);
    const std::string permits = std::to_string(c.permits);
    switch (c.op) {
      case command::kind::request:
        return "acq_req " + id + " for " + permits;
      case command::kind::done:
        return "acq_done " + id;
      case command::kind::cancel:
        return "cancel " + id;
      case command::kind::release:
        return "release " + permits;
      case command::kind::available:
        return "available";
    }
    return "?";
  }
  [[nodiscard]] std::string describe(const answer& a) const { return a.words(); }

 private:
  static bool granted(const state& s, std::int64_t id) {
    return std::binary_search(s.granted.begin(), s.granted.end(), id);
  }
  static std::size_t waiting(const state& s, std::int64_t id) {
    std::size_t i = 0;
    while (i < s.waiting.size() && s.waiting[i].id != id) ++i;
    return i;
  }

  static void grant_heads(state& s) {
    std::size_t heads = 0;
    for (; heads < s.waiting.size() && s.waiting[heads].permits <= s.available; ++heads) {
      s.available -= s.waiting[heads].permits;
      const std::int64_t id = s.waiting[heads].id;
      s.granted.insert(std::upper_bound(s.granted.begin(), s.granted.end(), id), id);
    }
    s.waiting.erase(s.waiting.begin(), s.waiting.begin() + static_cast<std::ptrdiff_t>(heads));
  }

  static state requested(state s, const command& c) {
    s.waiting.push_back({c.id, c.permits});
    grant_heads(s);
    return s;
  }
  static state used_up(state s, std::int64_t id) {
    s.granted.erase(std::lower_bound(s.granted.begin(), s.granted.end(), id));
    return s;
  }
  static state cancelled(state s, std::int64_t id) {
    s.waiting.erase(s.waiting.begin() + static_cast<std::ptrdiff_t>(waiting(s, id)));
    grant_heads(s);
    return s;
  }
  static state released(state s, std::int64_t permits) {
    s.available += permits;
    grant_heads(s);
    return s;
  }

  std::int64_t limit_;
};

}  // namespace wavetank::lin::models
