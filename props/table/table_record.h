// The history of a reservation table's run, as `model/reservation.h` says how to record it.
//
// One call may be several operations of the model: what it decides, and then the work on files that it does for the
// table off the lock, which the keeper of the files sees and records (recording_keeper.h).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <wavetank/model/lin/history.h>
#include <wavetank/model/reservation_by_key.h>
#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::props {

class table_record {
 public:
  using judged = model::reservation_by_key;
  using spec = model::reservation;
  using response = spec::response;
  using history = lin::history<judged>;

  /// One call of a task into the table. `worked`: when the work on files began; 0: it has not.
  struct call {
    lin::instant invoked = 0;
    lin::instant worked = 0;
    std::vector<lin::op_id> decides;
    std::optional<lin::op_id> rest;     ///< what ends the work on a key's files
    std::optional<response> rest_said;  ///< none: `gone` or `again`
  };

  lin::instant tick() noexcept { return ++last_instant_; }
  std::uint64_t new_number() noexcept { return ++last_number_; }

  /// The running task calls: the operation that this is about.
  call& begin(model::key_number key, spec::command what) {
    call& made = begin();
    also(made, key, what);
    return made;
  }
  call& begin() {
    call& made = calls_[running()];
    made = call{};
    made.invoked = tick();
    return made;
  }
  void also(call& of, model::key_number key, spec::command what) {
    of.decides.push_back(history_.invoke(client(), {key, what}, of.invoked));
  }

  /// The call returned. Its operations took effect before its work on files, if there was any.
  void end(call& done, std::optional<response> said) {
    end_rest(done);
    const lin::instant at = done.worked != 0 ? done.worked : tick();
    for (const auto id : done.decides) {
      if (said) {
        history_.returns(id, *said, at);
      } else {
        history_.returns_unknown(id, at);
      }
    }
  }

  /// The running task's call begins to work on files.
  call& work_begins() {
    call& mine = calls_[running()];
    end_rest(mine);
    if (mine.worked == 0) mine.worked = tick();
    return mine;
  }

  void happened(model::key_number key, spec::command what, lin::instant from, lin::instant to,
                std::optional<response> said) {
    const auto id = history_.invoke(client(), {key, what}, from);
    if (said) {
      history_.returns(id, *said, to);
    } else {
      history_.returns_unknown(id, to);
    }
  }
  /// What ends the work, some time from now on.
  void rest_begins(call& of, model::key_number key, spec::command what, std::optional<response> said) {
    of.rest = history_.invoke(client(), {key, what}, tick());
    of.rest_said = said;
  }
  /// May have happened since, or may not.
  void perhaps(model::key_number key, spec::command what, lin::instant from) {
    history_.invoke(client(), {key, what}, from);
  }
  lin::op_id event_begins(model::key_number key, spec::command what) {
    return history_.invoke(client(), {key, what}, tick());
  }
  void event_ends(lin::op_id id) { history_.returns_unknown(id, tick()); }

  [[nodiscard]] const history& recorded() const noexcept { return history_; }

 private:
  static sim::task_index running() { return sim::scheduler::here().self().index; }
  // Clients matter to explanations alone; operations of one call overlap.
  std::int64_t client() { return --last_client_; }

  void end_rest(call& of) {
    if (!of.rest) return;
    const lin::instant now = tick();
    if (of.rest_said) {
      history_.returns(*of.rest, *of.rest_said, now);
    } else {
      history_.returns_unknown(*of.rest, now);
    }
    of.rest.reset();
  }

  history history_;
  std::map<sim::task_index, call> calls_;
  lin::instant last_instant_ = 0;
  std::uint64_t last_number_ = 0;
  std::int64_t last_client_ = 0;
};

}  // namespace wavetank::props
