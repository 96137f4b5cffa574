// The counting semaphore's verbs: what generated programs do with it, recorded for its model.
//
// `Semaphore` is `wavetank::counting_semaphore<sim::runtime>`, or in tests of the properties a broken relative of it
// with the same members.
#pragma once

#include <wavetank/impl/counting_semaphore.h>
#include <wavetank/model/counting_semaphore.h>
#include <wavetank/props/program/program_run.h>

namespace wavetank::props {

/// The verbs, for programs of `least` to `most` tasks.
vocabulary counting_semaphore_words(std::uint32_t least_branches, std::uint32_t most_branches,
                                    std::uint32_t most_steps);

/// Positions in the vocabulary.
enum class counting_verb : std::uint32_t {
  acquire,
  try_acquire,
  release,
  transfer,
  set_limit,
  close,
  stop,
  current,
  limit,
  waiting,
  holders,
  valid,
  move,
  sleep,
};

template <class Semaphore>
class counting_semaphore_program {
 public:
  using model_type = model::counting_semaphore;
  using permit = typename Semaphore::permit;
  using run = program_run<counting_semaphore_program>;
  using actor = program_actor<counting_semaphore_program>;
  using kept = kept_permit<counting_semaphore_program>;
  using result = model_type::result;
  using response = model_type::response;

  counting_semaphore_program(sim::world& w, const program& p)
      : world_(w), semaphore_(std::make_unique<Semaphore>(w.runtime(), initial_limit(p))) {}

  static judged_model<model_type> model_of(const program& p) { return {model_type{initial_limit(p)}}; }
  static bool destroys(const program& p) { return p.settings[1] != 0; }
  static std::uint64_t initial_limit(const program& p) { return p.settings[0]; }

  void perform(actor& who, const step& s) {
    const auto& o = s.operands;
    switch (static_cast<counting_verb>(s.verb)) {
      case counting_verb::acquire:
        return acquire(who, s.result, o[0], o[1], o[2], o[3] != 0);
      case counting_verb::try_acquire:
        return try_acquire(who, s.result, o[0], o[1] != 0);
      case counting_verb::release:
        return release_label(who, o[0]);
      case counting_verb::transfer:
        return transfer(who, o[0], o[1]);
      case counting_verb::set_limit:
        return set_limit(who, o[0]);
      case counting_verb::close:
        return close(who);
      case counting_verb::stop:
        return stop(who, o[0]);
      case counting_verb::current:
        return observe_current(who);
      case counting_verb::limit:
        return observe_limit(who);
      case counting_verb::waiting:
        return observe_waiting(who);
      case counting_verb::holders:
        return observe_holders(who);
      case counting_verb::valid:
        return observe_valid(who, o[0]);
      case counting_verb::move:
        return move(who, o[0]);
      case counting_verb::sleep:
        return world_.runtime().sleep_until(sim::scheduler::here().now() + std::chrono::milliseconds(o[0]));
    }
  }

  /// Nobody else is at work during a step: more can be judged, and nobody may wait for ever.
  void one_step_at_a_time() { sequential_ = true; }

  void close(actor& who) {
    if (anybody_asleep(who.run)) sim::scheduler::here().reached("closed with waiters");
    const auto op = who.run.record.begin(who.task, model_type::close{});
    semaphore_->close();
    who.run.record.end(op, {result::done});
  }

  void destroy(actor& who) {
    const auto op = who.run.record.begin(who.task, model_type::destroy{});
    semaphore_.reset();
    who.run.record.end(op, {result::done});
  }

  void release(actor& who, kept handle) {
    auto& in = who.run;
    const auto op = in.record.begin(who.task, model_type::release{handle.label});
    in.ledger.move_to(handle.label, permit_ledger::phase::ending);
    const bool was_live = handle.permit.release();
    in.ledger.move_to(handle.label, permit_ledger::phase::over);
    in.record.end(op, {was_live ? result::released : result::nothing});
  }

  /// After every visible operation. `current()` is one word; `waiting()` is another, written a moment later, so that
  /// the two together are judged only where nobody is at work.
  void check(run& in) {
    if (semaphore_ == nullptr) return;
    const std::uint64_t current = semaphore_->current();
    const std::uint64_t limit = semaphore_->limit();
    sim::require(current >= in.ledger.certainly_live(), "current() is less than what live permits hold");
    sim::require(current <= in.ledger.perhaps_live(), "current() is more than any permits account for");
    sim::require(current <= limit || current <= last_current_, "current() grew although it is above the limit");
    last_current_ = current;
    const typename call_recorder<model_type>::blocking_call* head = nullptr;
    in.record.for_each_open_call([&](const auto& call) {
      if (call.parked == 0) return;
      if (head == nullptr || call.parked < head->parked) head = &call;
      if (!call.deadline || !in.record.asleep(call)) return;
      sim::require(sim::scheduler::here().now() <= *call.deadline, "a waiter sleeps past its deadline");
    });
    if (head == nullptr || !in.record.asleep(*head) || somebody_holds_a_mutex()) return;
    sim::require(current + head->asked.amount > limit, "the head of the queue waits while its weight fits");
  }

  /// After all tasks have ended, nothing is live but what main owns; after main's releases nothing at all.
  void conclude(actor& main, bool destroyed_under_permits) {
    auto& in = main.run;
    observe_current(main);
    if (destroyed_under_permits) destroy(main);
    for (auto it = in.shared().begin(); it != in.shared().end(); it = in.shared().erase(it)) {
      if (in.ledger.is_dying(in.ledger.find(it->first)->owner)) {
        sim::scheduler::here().reached("handle outlived its owner");
      }
      observe_validity(main, it->second);
      release(main, std::move(it->second));
    }
    main.release_all();
    if (semaphore_ == nullptr) return;
    if (semaphore_->current() != 0) {
      world_.fail(sim::verdict_kind::leaked_resource,
                  "all tasks have ended and all handles are released, but current() is " +
                      std::to_string(semaphore_->current()));
    }
    world_.require(semaphore_->waiting() == 0, "all tasks have ended, but waiting() is not 0");
  }

 private:
  static bool somebody_holds_a_mutex() {
    auto& s = sim::scheduler::here();
    for (std::uint32_t i = 0; i < s.task_count(); ++i) {
      if (!s.at(static_cast<sim::task_index>(i)).held.empty()) return true;
    }
    return false;
  }

  static bool anybody_asleep(run& in) {
    bool any = false;
    in.record.for_each_open_call([&](const auto& call) { any = any || in.record.asleep(call); });
    return any;
  }

  void say(actor& who, const std::string& what) {
    if (world_.told()) world_.say(task_name(who.task) + ": " + what);
  }

  // Acquiring -------------------------------------------------------------------------------------------------------

  static result result_of(acquire_error e) {
    switch (e) {
      case acquire_error::busy:
        return result::busy;
      case acquire_error::timed_out:
        return result::timed_out;
      case acquire_error::closed:
        return result::closed;
      case acquire_error::cancelled:
        return result::cancelled;
      case acquire_error::too_large:
        return result::too_large;
      case acquire_error::zero_weight:
        return result::zero_weight;
    }
    return result::busy;
  }

  template <class Attempt>
  static response response_of(const Attempt& got) {
    return {got ? result::granted : result_of(got.error())};
  }

  void keep(actor& who, std::uint32_t label, permit&& got, bool shared) {
    who.run.ledger.move_to(label, permit_ledger::phase::held);
    kept handle{label, std::move(got)};
    if (shared) return who.run.put_shared(std::move(handle));
    who.own.push_back(std::move(handle));
  }

  template <class Attempt>
  void settle(actor& who, std::uint32_t label, Attempt&& got, bool shared) {
    if (got) return keep(who, label, std::move(*got), shared);
    who.run.ledger.move_to(label, permit_ledger::phase::over);
  }

  /// `within` 0: no deadline; 1: one that has passed; else so many milliseconds less one. Main does not wait for ever.
  void acquire(actor& who, std::uint32_t label, std::uint64_t weight, std::uint64_t within, std::uint64_t source,
               bool shared) {
    auto& in = who.run;
    if ((who.task == 0 || sequential_) && within == 0) within = 1;
    std::optional<sim::time_point> deadline;
    auto waits = model::patience::forever;
    if (within != 0) {
      deadline = sim::scheduler::here().now() + std::chrono::milliseconds(within - 1);
      waits = within == 1 ? model::patience::one_attempt : model::patience::until_deadline;
    }
    in.ledger.asked(label, who.task, weight);
    const auto token = source != 0 ? in.stop_source(source).get_token() : sim::runtime::stop_token{};
    auto& call = in.record.begin_call({label, who.task, weight, waits}, deadline, source);
    try {
      auto got = semaphore_->acquire(deadline.value_or(Semaphore::no_deadline), weight, token);
      note_reached(call, response_of(got));
      in.record.answered(call, response_of(got));
      world_.require(!sequential_ || got || got.error() != acquire_error::timed_out ||
                         waits == model::patience::one_attempt || sim::scheduler::here().now() == *deadline,
                     "a call that waited alone timed out after its deadline");
      settle(who, label, std::move(got), shared);
    } catch (const sim::task_killed&) {
      if (call.parked != 0) sim::scheduler::here().reached("killed while waiting");
      in.record.unwound(call);
      in.ledger.move_to(label, permit_ledger::phase::over);
      throw;
    }
  }

  void try_acquire(actor& who, std::uint32_t label, std::uint64_t weight, bool shared) {
    auto& in = who.run;
    in.ledger.asked(label, who.task, weight);
    const bool blocked_by_the_head = small_one_is_blocked(in, weight);
    const auto op = in.record.begin(who.task, model_type::try_acquire{label, who.task, weight});
    auto got = semaphore_->try_acquire(weight);
    in.record.end(op, response_of(got));
    if (blocked_by_the_head && !got && got.error() == acquire_error::busy) {
      sim::scheduler::here().reached("a large head blocked small ones");
    }
    settle(who, label, std::move(got), shared);
  }

  bool small_one_is_blocked(run& in, std::uint64_t weight) {
    return in.world.unobserved([&] {
      bool blocked = false;
      const std::uint64_t used = semaphore_->current();
      const std::uint64_t limit = semaphore_->limit();
      in.record.for_each_open_call([&](const auto& call) {
        blocked = blocked || (in.record.asleep(call) && used + weight <= limit && used + call.asked.amount > limit);
      });
      return blocked;
    });
  }

  void note_reached(const typename call_recorder<model_type>::blocking_call& call, const response& said) {
    auto& s = sim::scheduler::here();
    if (call.parked == 0) return;
    if (said.what == result::cancelled) s.reached("cancelled while waiting");
    if (said.what == result::timed_out) s.reached("timed out while waiting");
    if (said.what != result::granted) return;
    if (call.deadline_came > call.parked) s.reached("time-out raced with a grant");
    if (std::find(raised_.begin(), raised_.end(), call.asked.call) != raised_.end()) s.reached("granted after a raise");
  }

  // The rest --------------------------------------------------------------------------------------------------------

  void release_label(actor& who, std::uint64_t label) {
    if (auto handle = who.run.take(who, label)) {
      release(who, std::move(*handle));
    } else {
      say(who, "skipped: there is no #" + std::to_string(label));
    }
  }

  void put_back(actor& who, kept handle, bool own) {
    if (own) return who.own.push_back(std::move(handle));
    who.run.put_shared(std::move(handle));
  }

  void transfer(actor& who, std::uint64_t label, std::uint64_t to) {
    auto& in = who.run;
    const auto target = in.identity(to);
    const bool own = in.is_own(who, label);
    auto handle = target ? in.take(who, label) : std::nullopt;
    if (!handle) return say(who, "skipped: there is no #" + std::to_string(label) + " or no such task");
    const auto op = in.record.begin(who.task, model_type::transfer{handle->label, to});
    in.ledger.move_to(handle->label, permit_ledger::phase::ending);
    const transfer_result done = handle->permit.transfer(*target);
    if (done == transfer_result::transferred) {
      in.ledger.transferred(handle->label, to);
    } else {
      in.ledger.move_to(handle->label, permit_ledger::phase::over);
    }
    if (done == transfer_result::released) sim::scheduler::here().reached("transfer to a dead task");
    in.record.end(op, {done == transfer_result::transferred ? result::transferred
                       : done == transfer_result::released  ? result::released
                                                            : result::nothing});
    put_back(who, std::move(*handle), own);
  }

  void set_limit(actor& who, std::uint64_t limit) {
    auto& in = who.run;
    if (limit > Semaphore::limit_max) {
      const auto refused = semaphore_->set_limit(limit);
      return in.world.require(!refused && refused.error() == limit_error::too_large,
                              "a limit that is too large is set");
    }
    const auto before = in.world.unobserved([&] { return std::pair{semaphore_->limit(), semaphore_->current()}; });
    std::vector<model::call_number> asleep;
    in.record.for_each_open_call([&](const auto& call) {
      if (in.record.asleep(call)) asleep.push_back(call.asked.call);
    });
    const auto op = in.record.begin(who.task, model_type::set_limit{limit});
    const bool done = semaphore_->set_limit(limit).has_value();
    in.record.for_each_open_call([&](const auto& call) {
      if (limit > before.first && !in.record.asleep(call) &&
          std::find(asleep.begin(), asleep.end(), call.asked.call) != asleep.end()) {
        raised_.push_back(call.asked.call);
      }
    });
    if (done && limit < before.second) sim::scheduler::here().reached("limit lowered below current");
    in.record.end(op, {done ? result::done : result::zero_limit});
  }

  void stop(actor& who, std::uint64_t source) {
    if (source == 0) return;
    auto& in = who.run;
    auto& of = in.stop_source(source);
    const bool first = in.record.stop_begins(source);
    of.request_stop();
    if (first) in.record.stop_ends(source);
  }

  /// The handle itself is moved to another place; its owner stays.
  void move(actor& who, std::uint64_t label) {
    const bool own = who.run.is_own(who, label);
    auto handle = who.run.take(who, label);
    if (!handle) return say(who, "skipped: there is no #" + std::to_string(label));
    permit elsewhere = std::move(handle->permit);
    world_.require(!handle->permit.valid(), "a moved-from handle is valid");
    world_.require(!handle->permit.release(), "a moved-from handle released something");
    world_.require(handle->permit.transfer(task_id{1}) == transfer_result::nothing, "a moved-from handle transferred");
    put_back(who, kept{handle->label, std::move(elsewhere)}, !own);
  }

  // Observers -------------------------------------------------------------------------------------------------------

  void observe_current(actor& who) {
    const auto op = who.run.record.begin(who.task, model_type::current{});
    const std::uint64_t seen = semaphore_->current();
    who.run.record.end(op, {result::value, seen, {}});
  }

  void observe_limit(actor& who) {
    const auto op = who.run.record.begin(who.task, model_type::limit{});
    const std::uint64_t seen = semaphore_->limit();
    who.run.record.end(op, {result::value, seen, {}});
  }

  void observe_waiting(actor& who) {
    if (!sequential_) return static_cast<void>(semaphore_->waiting());
    const auto op = who.run.record.begin(who.task, model_type::waiting{});
    const std::uint64_t seen = semaphore_->waiting();
    who.run.record.end(op, {result::value, seen, {}});
  }

  void observe_holders(actor& who) {
    if (!sequential_) return static_cast<void>(semaphore_->holders());
    const auto op = who.run.record.begin(who.task, model_type::holders{});
    const auto all = semaphore_->holders();
    response seen{result::value, all.size(), {}};
    for (const auto& h : all) seen.held_by.emplace_back(h.owner.value - 1, h.weight);
    std::sort(seen.held_by.begin(), seen.held_by.end());
    who.run.record.end(op, std::move(seen));
  }

  void observe_valid(actor& who, std::uint64_t label) {
    const bool own = who.run.is_own(who, label);
    auto handle = who.run.take(who, label);
    if (!handle) return say(who, "skipped: there is no #" + std::to_string(label));
    observe_validity(who, *handle);
    put_back(who, std::move(*handle), own);
  }

  /// A handle may learn of its owner's death a moment before the permit is counted out, so that only `true` is placed
  /// among the calls; `false` needs an end that has begun.
  void observe_validity(actor& who, const kept& handle) {
    auto& in = who.run;
    const auto op = in.record.begin(who.task, model_type::valid{handle.label});
    const bool live = handle.permit.valid();
    if (live || sequential_) return in.record.end(op, {result::value, live ? 1u : 0u, {}});
    const auto* known = in.ledger.find(handle.label);
    in.world.require(semaphore_ == nullptr || known->now != permit_ledger::phase::held,
                     "a live permit says that it is not");
    in.record.end_unknown(op);
  }

  sim::world& world_;
  std::unique_ptr<Semaphore> semaphore_;
  std::vector<model::call_number> raised_;
  std::uint64_t last_current_ = 0;
  bool sequential_ = false;
};

}  // namespace wavetank::props
