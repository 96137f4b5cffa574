// A plain variable that several tasks reach: every pair of accesses that is not ordered by happens-before, one of them
// a write, is a data race, whatever the schedule that was run. After FastTrack (Flanagan & Freund, PLDI'09), with the
// reads kept as a whole vector.
#pragma once

#include <string>
#include <utility>

#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::sim {

/// The history of one plain variable.
class access_history {
 public:
  access_history() {
    scheduler& s = scheduler::here();
    s.start_tracking();
    id_ = s.new_object();
    last_write_task_ = s.self().index;
    last_write_ = s.self().clock[last_write_task_];
  }

  void read() const {
    scheduler* s = scheduler::running();
    if (s == nullptr || s->silent()) return;
    const task& me = s->self();
    if (last_write_ > me.clock[last_write_task_]) race(*s, last_write_task_, "written", "reads");
    reads_.set(me.index, me.clock[me.index]);
  }

  void write() {
    scheduler* s = scheduler::running();
    if (s == nullptr || s->silent()) return;
    const task& me = s->self();
    if (last_write_ > me.clock[last_write_task_]) race(*s, last_write_task_, "written", "writes");
    if (const int reader = reads_.first_uncovered(me.clock); reader >= 0) {
      race(*s, static_cast<task_index>(reader), "read", "writes");
    }
    last_write_task_ = me.index;
    last_write_ = me.clock[me.index];
    reads_.clear();
  }

  object_id id() const noexcept { return id_; }

 private:
  void race(scheduler& s, task_index other, const char* did, const char* does) const {
    s.fail(verdict_kind::data_race,
           s.self().name + " " + does + " plain variable " + s.object_name(id_) + ", which " + s.at(other).name +
               " has " + did +
               "; nothing orders the two accesses: guard both by one mutex or publish by a release store");
  }

  object_id id_ = 0;
  task_index last_write_task_ = 0;
  std::uint32_t last_write_ = 0;
  mutable vector_clock reads_;
};

template <class T>
class shared {
 public:
  shared() = default;
  template <class... A>
  requires(sizeof...(A) > 0) explicit(sizeof...(A) != 1) shared(A&&... a) : value_(std::forward<A>(a)...) {}
  shared(const shared&) = delete;
  shared& operator=(const shared&) = delete;

  const T& read() const {
    history_.read();
    return value_;
  }
  T& write() {
    history_.write();
    return value_;
  }
  object_id id() const noexcept { return history_.id(); }

 private:
  T value_{};
  access_history history_;
};

}  // namespace wavetank::sim
