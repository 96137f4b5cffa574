// What the model of the window batcher says while a batcher of one shard is used, and what follows for its callers.
//
// It is told each call, each batch and each outcome at its instant, adds what time brings of itself (the end of a
// window, a deadline), and knows from then on who must have been answered what, and when. The first difference fails
// the execution.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/impl/batch/batch_backend.h>
#include <wavetank/impl/batch/batch_options.h>
#include <wavetank/impl/batch/write_error.h>
#include <wavetank/model/lockstep.h>
#include <wavetank/model/window_batcher.h>
#include <wavetank/sim/time.h>

namespace wavetank::props {

/// What a caller is told where the backend said this.
write_error told_of(const commit_error& failed);

class batcher_shadow {
 public:
  using spec = model::window_batcher;
  using request_number = spec::request_number;
  using kind_number = std::uint64_t;
  using batch = std::vector<request_number>;
  static constexpr sim::time_point never = sim::time_point::max();

  explicit batcher_shadow(const model::window_batcher_bounds& bounds);

  // What happens, now ------------------------------------------------------------------------------------------------

  /// What the call must come to. Accepted: it is the request with the number `accepted()`.
  spec::response submits(std::uint64_t submitter, kind_number kind, const spec::load& weighs,
                         std::chrono::nanoseconds window, sim::time_point deadline);
  spec::response writes_directly(std::uint64_t submitter, const spec::load& weighs);
  void commits_directly(std::uint64_t submitter);
  void shortens(kind_number kind, std::chrono::nanoseconds window);
  /// The backend is called with these. `leader`: the request of the caller that does it; it hears no answer before the
  /// commit has ended.
  void commit_begins(const batch& requests, std::optional<request_number> leader);
  /// `offender`: the request that it was rejected for, if that was said.
  void commit_ends(const batch& requests, const std::optional<commit_error>& failed,
                   std::optional<request_number> offender);
  void flushes(sim::time_point deadline);
  void flush_returns(bool done);
  void stops(sim::time_point deadline);
  void stop_returns(bool done);
  void is_destroyed();
  /// Somebody is told of this failure, or of success.
  void hears(request_number who, const std::optional<write_error>& failure);

  // What holds --------------------------------------------------------------------------------------------------------

  /// All that could happen before this instant has happened: nothing is late.
  void come_to_rest();

  request_number accepted() const { return now().requests.size(); }
  bool must_be_answered(request_number who) const { return settled_.contains(who); }
  bool may_commit_directly(std::uint64_t submitter) const;
  bool is_flushing() const { return now().barrier.has_value(); }
  bool is_stopping() const { return now().stopping; }
  std::uint64_t pending_items() const { return spec::pending_load(now()).items; }
  const batch_metrics& metrics() const noexcept { return metrics_; }

 private:
  using event = spec::event;
  using fate = spec::fate;

  /// Of an open or a sealed slot.
  struct slot_note {
    sim::time_point opened;
    commit_reason reason = commit_reason::timer;
  };
  /// Of an open slot.
  struct open_note : slot_note {
    sim::time_point ends = never;  ///< its window
  };
  /// What a request must be told, and when.
  struct settled {
    sim::time_point at;
    std::optional<write_error> failure;
    bool heard = false;
  };

  const spec::state& now() const { return judge_.possible_states().front(); }
  bool allows(const spec::command& what) const { return !judge_.allowed(what).empty(); }
  spec::response observe(const spec::command& what, sim::time_point at);
  void note_slots(const spec::state& before, const spec::command& what);
  commit_reason due_reason(const spec::command& what, kind_number kind) const;
  void note_answers(const spec::state& before, const spec::command& what, sim::time_point at);
  std::optional<write_error> failure_of(request_number who, const spec::command& what) const;
  void time_comes();
  void window_ends(kind_number kind, sim::time_point at);
  void count(const slot_note& slot, const batch& requests);
  bool is_due(kind_number kind) const;
  bool is_quiet() const;

  model::window_batcher_bounds bounds_;
  model::lockstep<spec> judge_;
  std::map<kind_number, open_note> open_;
  std::map<request_number, slot_note> sealed_;  ///< by each of a sealed slot's requests
  std::map<request_number, sim::time_point> deadlines_;
  std::deque<batch> calls_;  ///< of the backend, that the commit in flight takes
  bool was_split_ = false;   ///< the commit in flight took several
  std::optional<request_number> leader_;
  std::map<request_number, std::optional<write_error>> said_by_backend_;
  std::map<request_number, settled> settled_;
  /// A call that blocks, and whose turn to answer comes of itself or at its deadline.
  struct waiting_call {
    sim::time_point deadline = never;
    sim::time_point is_done = never;
    bool returned = true;
  };
  waiting_call flush_;
  waiting_call stop_;
  batch_metrics metrics_;
};

}  // namespace wavetank::props
