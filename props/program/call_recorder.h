// Records what the tasks of a simulated world do with a component, as a history for the judges.
//
// Recording is no visible operation. `observe` is to be called after every visible operation (`world::always`): it sees
// what no caller can: that a call is parked in the component's queue, that its deadline has come, that its task was
// told to die or has died. The views of blocking calls are those that the models' headers describe ("View A").
//
// How a deadline is judged. A call that ended in `timed_out` was withdrawn between its deadline and its return, and the
// clock had reached the deadline. A call that was granted although its deadline came while it was parked must have been
// granted by somebody who was at work before the deadline (who may have read the clock before it): the grant comes
// before the last of them is done.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <wavetank/model/lin/history.h>
#include <wavetank/props/program/judged_model.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/assertion.h>
#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::props {

/// The objects that a component made for itself: the simulated world numbers objects in the order of their making.
struct object_range {
  sim::object_id first = 0;
  sim::object_id end = 0;
  [[nodiscard]] bool contains(sim::object_id id) const noexcept { return id >= first && id < end; }
};

template <class Model>
class call_recorder {
 public:
  using judged = judged_model<Model>;
  using history = lin::history<judged>;
  using command = typename Model::command;
  using response = typename Model::response;
  using result = typename Model::result;
  using request = typename Model::request;

  /// One operation that does not wait, from `begin` to `end`.
  struct operation {
    lin::op_id id = 0;
    std::uint32_t flight = 0;
  };

  /// A call that may wait in the queue. Instants are 0 until they have come.
  struct blocking_call {
    request asked;
    std::uint32_t flight = 0;
    sim::task_index task = 0;
    std::optional<sim::time_point> deadline{};
    std::uint64_t stop_source = 0;
    lin::instant invoked = 0;
    lin::instant parked = 0;
    lin::instant deadline_came = 0;
    lin::instant doomed = 0;
    lin::instant stopping = 0;
    lin::instant stopped = 0;
    bool open = true;
    std::optional<sim::time_point> sleeps_since{};
    std::vector<std::uint32_t> rivals{};  ///< flights that may have read the clock before the deadline
    lin::instant rivals_done = 0;
  };

  /// With `stamps`, the beginning and the end of each operation are visible: an exhaustive search then tells apart
  /// schedules that differ only in which call returned before which was made.
  explicit call_recorder(bool stamps) : stamps_(stamps) {
    if (stamps_) stamp_object_ = sim::scheduler::here().new_object();
  }

  void component_is(object_range objects) { objects_ = objects; }

  // Operations ------------------------------------------------------------------------------------------------------

  operation begin(model::task_number task, command what) {
    stamp(false);
    const operation made{history_.invoke(client(task), typename judged::command{std::move(what)}, tick()),
                         take_off(running())};
    return made;
  }
  void end(operation op, response said) {
    stamp(true);
    history_.returns(op.id, std::move(said), tick());
    land(op.flight);
  }
  void end_unknown(operation op) {
    stamp(true);
    history_.returns_unknown(op.id, tick());
    land(op.flight);
  }

  // Blocking calls --------------------------------------------------------------------------------------------------

  blocking_call& begin_call(request asked, std::optional<sim::time_point> deadline, std::uint64_t stop_source) {
    stamp(false);
    blocking_call call;
    call.asked = std::move(asked);
    call.deadline = deadline;
    call.stop_source = stop_source;
    call.task = running();
    call.invoked = tick();
    call.flight = take_off(call.task);
    if (const stop_request* const asked_before = stop_source != 0 ? find_stop(stop_source) : nullptr) {
      call.stopping = asked_before->began;
      call.stopped = asked_before->ended;
    }
    calls_.push_back(std::move(call));
    return calls_.back();
  }

  /// The call returned. The outcome of a call that never waited carries more than its kind (`said`).
  void answered(blocking_call& call, const response& said) {
    stamp(true);
    look();
    const lin::instant now = tick();
    check_time_out(call, said.what);
    if (call.parked != 0) {
      record_parked(call, said, now);
    } else if (said.what == result::timed_out || said.what == result::cancelled) {
      record_brief(call, said, now);
    } else {
      record(call.asked, call.invoked, now, said);
    }
    close(call, now);
  }

  /// The task was killed within the call.
  void unwound(blocking_call& call) {
    stamp(true);
    look();
    const lin::instant now = tick();
    if (call.parked != 0) {
      record(call.asked, call.invoked, call.parked, response{result::queued});
      // What was decided before the kill, if anything, nobody heard.
      if (call.deadline_came != 0) {
        record_unknown(typename Model::time_out{call.asked.call}, std::max(call.deadline_came, call.parked), now);
      }
      if (call.stopping != 0) {
        record_unknown(typename Model::cancel{call.asked.call}, std::max(call.stopping, call.parked), now);
      }
    } else {
      record_unknown(call.asked, call.invoked, now);
    }
    record_unknown(typename Model::abandon{call.asked.call}, call.doomed != 0 ? call.doomed : call.invoked, now);
    close(call, now);
  }

  /// Before `request_stop()`, and after the one of them that returns true: of several requests side by side, another
  /// than the first may be the one that runs the callbacks.
  void stop_begins(std::uint64_t source) {
    stamp(false);
    if (find_stop(source) != nullptr) return;
    const lin::instant now = tick();
    stops_.push_back({source, now, 0});
    for (auto& call : calls_) {
      if (call.open && call.stop_source == source) call.stopping = now;
    }
  }
  void stop_ends(std::uint64_t source) {
    stamp(true);
    const lin::instant now = tick();
    find_stop(source)->ended = now;
    for (auto& call : calls_) {
      if (call.open && call.stop_source == source) call.stopped = now;
    }
  }

  // Deaths ----------------------------------------------------------------------------------------------------------

  /// The body of the running task has ended; its notices are to come.
  void body_ended(model::task_number task) {
    const lin::instant now = tick();
    const lin::op_id id = history_.invoke(event_client(), typename judged::passes_away{task}, now);
    deaths_.push_back({task, now, id, take_off(running())});
  }
  /// The notices have run. `lost`: the permits that the task may have owned.
  void buried(model::task_number task, const std::vector<model::call_number>& lost) {
    const auto found = std::find_if(deaths_.begin(), deaths_.end(), [&](const death& d) { return d.task == task; });
    const lin::instant now = tick();
    history_.returns(found->id, response{result::done}, now);
    for (const auto call : lost) {
      history_.returns(history_.invoke(event_client(), typename judged::gives_up{task, call}, found->began),
                       response{result::done}, now);
    }
    land(found->flight);
  }

  // What nobody calls -----------------------------------------------------------------------------------------------

  /// After each visible operation.
  void look() {
    auto& world = sim::scheduler::here();
    const sim::time_point now = world.now();
    for (auto& call : calls_) {
      if (call.open) look_at(call, world, now);
    }
  }

  template <class F>
  void for_each_open_call(F&& visit) const {
    for (const auto& call : calls_) {
      if (call.open) visit(call);
    }
  }

  [[nodiscard]] bool asleep(const blocking_call& call) const {
    const auto& t = sim::scheduler::here().at(call.task);
    return call.parked != 0 && in_the_queue(t) && t.waits_for != nullptr;
  }

  [[nodiscard]] const history& recorded() const noexcept { return history_; }

 private:
  struct stop_request {
    std::uint64_t source;
    lin::instant began;
    lin::instant ended;
  };
  struct death {
    model::task_number task;
    lin::instant began;
    lin::op_id id;
    std::uint32_t flight;
  };
  struct flight {
    std::uint32_t number;
    sim::task_index task;
  };

  stop_request* find_stop(std::uint64_t source) {
    const auto found = std::find_if(stops_.begin(), stops_.end(), [&](const auto& s) { return s.source == source; });
    return found != stops_.end() ? &*found : nullptr;
  }

  static sim::task_index running() { return sim::scheduler::here().self().index; }
  lin::instant tick() noexcept { return ++last_instant_; }

  /// What returned before what: two stamps depend on each other if one of them is an end.
  void stamp(bool end) {
    if (!stamps_) return;
    sim::scheduler::here().visit({stamp_object_, end ? 0 : sim::clock_object, sim::operation_kind::point, end});
  }

  // Clients matter to explanations alone: events belong to nobody's program order.
  static std::int64_t client(model::task_number task) { return static_cast<std::int64_t>(task); }
  std::int64_t event_client() { return --last_event_client_; }

  std::uint32_t take_off(sim::task_index task) {
    flights_.push_back({++last_flight_, task});
    return last_flight_;
  }
  void land(std::uint32_t number) {
    std::erase_if(flights_, [&](const flight& f) { return f.number == number; });
    for (auto& call : calls_) {
      if (!call.open || std::erase(call.rivals, number) == 0) continue;
      call.rivals_done = last_instant_;
    }
  }

  /// Suspended in the component, not in something else that it uses.
  [[nodiscard]] bool in_the_queue(const sim::task& t) const {
    return t.state == sim::task_state::waiting && objects_.contains(t.wait_mutex->id);
  }

  static bool waits(sim::scheduler& world, sim::task_index task) {
    return world.at(task).state == sim::task_state::waiting;
  }

  void look_at(blocking_call& call, sim::scheduler& world, sim::time_point now) {
    const sim::task& t = world.at(call.task);
    if (call.parked == 0 && in_the_queue(t)) call.parked = tick();
    if (call.deadline_came == 0 && call.deadline && now >= *call.deadline) deadline_comes(call, world);
    if (!asleep(call)) {
      call.sleeps_since.reset();
    } else if (!call.sleeps_since) {
      call.sleeps_since = now;
    }
    if (call.doomed == 0 && t.doomed) call.doomed = tick();
    if (!call.rivals.empty()) parked_rivals_are_done(call, world);
  }

  void deadline_comes(blocking_call& call, sim::scheduler& world) {
    call.deadline_came = call.rivals_done = tick();
    for (const flight& f : flights_) {
      if (f.number != call.flight && !waits(world, f.task)) call.rivals.push_back(f.number);
    }
  }

  void parked_rivals_are_done(blocking_call& call, sim::scheduler& world) {
    for (const flight& f : flights_) {
      if (!waits(world, f.task) || std::erase(call.rivals, f.number) == 0) continue;
      call.rivals_done = tick();
    }
  }

  void check_time_out(const blocking_call& call, result outcome) {
    if (outcome == result::timed_out) {
      sim::require(call.deadline.has_value(), "a call without a deadline timed out");
      sim::require(clock_now() >= *call.deadline, "timed_out before the deadline");
    }
    if (outcome == result::cancelled) {
      sim::require(call.stopping != 0, "cancelled although nobody asked its stop source to stop");
    }
  }

  void record(command what, lin::instant from, lin::instant to, response said) {
    history_.returns(history_.invoke(event_client(), typename judged::command{std::move(what)}, from), std::move(said),
                     to);
  }
  void record_unknown(command what, lin::instant from, lin::instant to) {
    history_.returns_unknown(history_.invoke(event_client(), typename judged::command{std::move(what)}, from), to);
  }

  void record_parked(const blocking_call& call, const response& said, lin::instant now) {
    const auto number = call.asked.call;
    record(call.asked, call.invoked, call.parked, response{result::queued});
    if (said.what == result::timed_out) {
      record(typename Model::time_out{number}, call.deadline_came, now, response{result::withdrawn});
    } else if (said.what == result::granted && call.deadline_came > call.parked) {
      const lin::instant last = call.rivals.empty() ? call.rivals_done : now;
      record(typename Model::time_out{number}, call.deadline_came, last, response{result::too_late});
    }
    if (call.stopping != 0) {
      sim::require(call.stopped == 0 || call.stopped > call.parked, "a call waits although it was cancelled before");
      const result what = said.what == result::cancelled ? result::withdrawn : result::too_late;
      record(typename Model::cancel{number}, std::max(call.stopping, call.parked),
             call.stopped != 0 ? call.stopped : now, response{what});
    }
    record(typename Model::answer{number}, call.parked, now, said);
  }

  void record_brief(const blocking_call& call, const response& said, lin::instant now) {
    if (call.asked.waits == model::patience::one_attempt) return record(call.asked, call.invoked, now, said);
    history_.returns(
        history_.invoke(event_client(), typename judged::brief_request{call.asked, said.what}, call.invoked),
        response{result::queued}, now);
    if (said.what == result::timed_out) {
      record_unknown(typename Model::time_out{call.asked.call}, call.deadline_came, now);
    } else {
      record_unknown(typename Model::cancel{call.asked.call}, std::max(call.stopping, call.invoked), now);
    }
    record(typename Model::answer{call.asked.call}, call.invoked, now, said);
  }

  void close(blocking_call& call, lin::instant) {
    call.open = false;
    land(call.flight);
  }

  bool stamps_;
  sim::object_id stamp_object_ = 0;
  object_range objects_;
  history history_;
  std::deque<blocking_call> calls_;  // references stay valid
  std::vector<stop_request> stops_;
  std::vector<death> deaths_;
  std::vector<flight> flights_;
  lin::instant last_instant_ = 0;
  std::uint32_t last_flight_ = 0;
  std::int64_t last_event_client_ = 0;
};

}  // namespace wavetank::props
