// Runs a program in a world: main does the prefix, then a task for each branch, and records what they do.
//
// `Component` (one file each: counting_semaphore_program.h, merge_semaphore_program.h) knows the verbs: it is
// constructed in the world with the settings, performs one step at a time on the task that runs, and says what must
// hold after every visible operation. Everything that outlives a task is kept here, owned by main.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/props/program/call_recorder.h>
#include <wavetank/props/program/permit_ledger.h>
#include <wavetank/props/program/program.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// A permit's handle as a program keeps it. On a task's own stack its end releases, as RAII does; in the shared storage
/// it outlives its owner.
template <class Component>
struct kept_permit {
  std::uint32_t label = 0;
  typename Component::permit permit;
};

template <class Component>
class program_run;

/// The one who performs steps: a task of the program, or main.
template <class Component>
class program_actor {
 public:
  program_actor(program_run<Component>& of, model::task_number number) : run(of), task(number) {}
  program_actor(const program_actor&) = delete;
  program_actor& operator=(const program_actor&) = delete;
  /// The handles on the task's own stack end here, newest first, be it by return or because the task is killed.
  ~program_actor() { release_all(); }

  void release_all() {
    while (!own.empty()) {
      kept_permit<Component> last = std::move(own.back());
      own.pop_back();
      run.component().release(*this, std::move(last));
    }
  }

  program_run<Component>& run;
  const model::task_number task;
  std::vector<kept_permit<Component>> own;
};

/// Looks after every visible operation while it lives.
class watched_run {
 public:
  watched_run(sim::world& w, std::function<void()> look) : world_(w) { w.always(std::move(look)); }
  watched_run(const watched_run&) = delete;
  watched_run& operator=(const watched_run&) = delete;
  ~watched_run() {
    world_.always([] {});
  }

 private:
  sim::world& world_;
};

/// What a step may use of the run that it is part of.
template <class Component>
class program_run {
 public:
  using model_type = typename Component::model_type;
  using recorder = call_recorder<model_type>;
  using kept = kept_permit<Component>;
  using actor = program_actor<Component>;

  program_run(sim::world& w, const program& p, bool stamped)
      : world(w), what_(p), record(stamped), component_(make(w, record, p)) {}

  /// To be called after every visible operation.
  void look() {
    record.look();
    for (auto& t : tasks_) {
      if (t.buried || !sim::scheduler::here().finished(sim::scheduler::here().at(t.index))) continue;
      t.buried = true;
      record.buried(t.number, ledger.perhaps_owned_by(t.number));
      ledger.owner_is_dead(t.number);
    }
    component_.check(*this);
  }

  void perform(actor& who, const step& s) { component_.perform(who, s); }

  void perform_prefix(actor& main) {
    for (const step& s : what_.prefix) perform(main, s);
  }

  /// Each task performs its branch; `how` wraps each step.
  using manner = std::function<void(actor&, const step&)>;
  void start_tasks() {
    start_tasks([](actor& who, const step& s) { who.run.perform(who, s); });
  }
  void start_tasks(manner how) {
    how_ = std::move(how);
    for (std::size_t i = 0; i < what_.branches.size(); ++i) {
      const auto number = static_cast<model::task_number>(i + 1);
      tasks_.push_back({number, 0, world.spawn(task_name(number), [this, number, i] { body(number, i); }), false});
      tasks_.back().index = sim::scheduler::here().find(tasks_.back().id)->index;
    }
  }

  /// Until all tasks have ended. A program may leave tasks waiting for what main holds: where nothing else can happen
  /// any more, main closes the component.
  void finish_tasks(actor& main, bool may_wait_for_main) {
    while (may_wait_for_main && !all_finished()) {
      if (all_wait_for_ever()) {
        component_.close(main);
        break;
      }
      world.runtime().sleep_until(clock_now() + std::chrono::hours(1));
    }
    world.join_all();
    look();
  }

  /// Until this task is dead and its notices have run.
  void await_end(model::task_number number) {
    for (const auto& t : tasks_) {
      if (t.number == number) sim::scheduler::here().join(sim::scheduler::here().at(t.index));
    }
    look();
  }

  /// A handle by its label, taken away from its place: nobody else uses it meanwhile.
  std::optional<kept> take(actor& who, std::uint64_t label) {
    for (std::size_t i = 0; i < who.own.size(); ++i) {
      if (who.own[i].label != label) continue;
      kept found = std::move(who.own[i]);
      who.own.erase(who.own.begin() + static_cast<std::ptrdiff_t>(i));
      return found;
    }
    const auto shared = shared_.find(static_cast<std::uint32_t>(label));
    if (shared == shared_.end()) return std::nullopt;
    kept found = std::move(shared->second);
    shared_.erase(shared);
    if (ledger.is_dying(ledger.find(found.label)->owner)) {
      reached("handle outlived its owner");
    }
    return found;
  }
  void put_shared(kept handle) {
    const auto label = handle.label;
    shared_.emplace(label, std::move(handle));
  }
  bool is_own(const actor& who, std::uint64_t label) const {
    for (const kept& k : who.own) {
      if (k.label == label) return true;
    }
    return false;
  }

  /// The identity of a task of the program, or nothing if there is none of this number.
  std::optional<task_id> identity(model::task_number number) const {
    if (number == 0) return sim::scheduler::here().at(0).identity;
    for (const auto& t : tasks_) {
      if (t.number == number) return t.id;
    }
    return std::nullopt;
  }

  /// The inverse of `identity`.
  model::task_number number_of(task_id id) const {
    for (const auto& t : tasks_) {
      if (t.id == id) return t.number;
    }
    return 0;
  }

  std::map<std::uint32_t, kept>& shared() noexcept { return shared_; }
  Component& component() noexcept { return component_; }
  const program& what() const noexcept { return what_; }

  sim::runtime::stop_source& stop_source(std::uint64_t number) {
    auto& source = stop_sources_[number];
    if (!source) source.emplace();
    return *source;
  }

  sim::world& world;

 private:
  const program& what_;

 public:
  recorder record;
  permit_ledger ledger;

 private:
  struct program_task {
    model::task_number number;
    sim::task_index index;
    task_id id;
    bool buried;
  };

  static Component make(sim::world& w, recorder& record, const program& p) {
    const sim::object_id first = sim::scheduler::here().new_object();
    Component made{w, p};
    record.component_is({first, sim::scheduler::here().new_object()});
    return made;
  }

  void body(model::task_number number, std::size_t branch) {
    struct announce_end {
      program_run& run;
      model::task_number number;
      ~announce_end() {
        run.ledger.owner_dies(number);
        run.record.body_ended(number);
      }
    } const announce{*this, number};
    actor me{*this, number};
    for (const step& s : what_.branches[branch]) {
      sim::runtime::point("before a step");
      how_(me, s);
    }
  }

  bool all_finished() const {
    for (const auto& t : tasks_) {
      if (!sim::scheduler::here().finished(sim::scheduler::here().at(t.index))) return false;
    }
    return true;
  }

  /// Nothing can happen but that main does something.
  bool all_wait_for_ever() const {
    for (const auto& t : tasks_) {
      const sim::task& of = sim::scheduler::here().at(t.index);
      if (of.state == sim::task_state::finished) continue;
      if (of.state != sim::task_state::waiting || of.waits_for == nullptr || of.timer_armed || of.doomed) return false;
    }
    return true;
  }

  Component component_;
  manner how_;
  std::map<std::uint32_t, kept> shared_;
  std::map<std::uint64_t, std::optional<sim::runtime::stop_source>> stop_sources_;
  std::vector<program_task> tasks_;
};

}  // namespace wavetank::props
