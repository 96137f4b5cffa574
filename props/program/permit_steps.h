// What programs do with permits, whichever semaphore they come from.
//
// `Self` is the component's program; it adds `give_back(permit&)` (releases and says the model's response),
// `gave_nothing()` (that of a release without effect), `semaphore()` (nullptr once destroyed) and the verbs of its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <wavetank/impl/semaphore/acquire_error.h>
#include <wavetank/impl/semaphore/transfer_result.h>
#include <wavetank/props/program/program_run.h>
#include <wavetank/props/running.h>

namespace wavetank::props {

/// The word of a model for a refusal; both semaphores' models share these.
template <class Result>
Result result_of(acquire_error e) {
  switch (e) {
    case acquire_error::busy:
      return Result::busy;
    case acquire_error::timed_out:
      return Result::timed_out;
    case acquire_error::closed:
      return Result::closed;
    case acquire_error::cancelled:
      return Result::cancelled;
    case acquire_error::too_large:
    case acquire_error::zero_weight:
      break;
  }
  // Of the words that only one of the models has.
  if constexpr (requires { Result::too_large; }) {
    return e == acquire_error::too_large ? Result::too_large : Result::zero_weight;
  } else {
    sim::require(false, "a merge semaphore refused a weight");
    return Result::busy;
  }
}

template <class Self, class Permit, class Model>
class permit_steps {
 public:
  using model_type = Model;
  using permit = Permit;
  using result = typename Model::result;
  using response = typename Model::response;
  using run = program_run<Self>;
  using actor = program_actor<Self>;
  using kept = kept_permit<Self>;
  using blocking_call = typename call_recorder<Model>::blocking_call;

  explicit permit_steps(sim::world& w) : world_(w) {}

  /// Nobody else is at work during a step: more can be judged, and nobody may wait for ever.
  void one_step_at_a_time() { sequential_ = true; }

  void close(actor& who) {
    if (anybody_asleep(who.run)) reached("closed with waiters");
    const auto op = who.run.record.begin(who.task, typename Model::close{});
    self().semaphore()->close();
    who.run.record.end(op, {result::done});
  }

  void release(actor& who, kept handle) {
    auto& in = who.run;
    const auto op = in.record.begin(who.task, typename Model::release{handle.label});
    in.ledger.move_to(handle.label, permit_ledger::phase::ending);
    const response said = Self::give_back(handle.permit);
    in.ledger.move_to(handle.label, permit_ledger::phase::over);
    in.record.end(op, said);
  }

 protected:
  void say(actor& who, const std::string& what) {
    if (world_.told()) world_.say(task_name(who.task) + ": " + what);
  }

  // What can be seen from outside -----------------------------------------------------------------------------------

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

  /// The call that has been parked for longest, unless it is on its way out; no waiter sleeps past its deadline.
  static const blocking_call* sleeping_head(run& in) {
    const blocking_call* head = nullptr;
    in.record.for_each_open_call([&](const auto& call) {
      if (call.parked == 0) return;
      if (head == nullptr || call.parked < head->parked) head = &call;
      if (!call.deadline || !in.record.asleep(call)) return;
      const bool armed_late = call.sleeps_since && *call.sleeps_since > *call.deadline;
      sim::require(armed_late || clock_now() <= *call.deadline, "a waiter sleeps past its deadline");
    });
    return head != nullptr && in.record.asleep(*head) ? head : nullptr;
  }

  // Acquiring -------------------------------------------------------------------------------------------------------

  template <class Attempt>
  void settle(actor& who, std::uint32_t label, Attempt&& got, bool shared) {
    if (!got) return who.run.ledger.move_to(label, permit_ledger::phase::over);
    who.run.ledger.move_to(label, permit_ledger::phase::held);
    kept handle{label, std::move(*got)};
    if (shared) return who.run.put_shared(std::move(handle));
    who.own.push_back(std::move(handle));
  }

  /// `within` 0: no deadline; 1: one that has passed; else so many milliseconds less one. `amount`: weight or shard;
  /// `holds`: how much of the semaphore the permit takes. `call(deadline, token)` is the component's.
  template <class Call>
  void acquire_blocking(actor& who, std::uint32_t label, std::uint64_t amount, std::uint64_t holds,
                        std::uint64_t within, std::uint64_t source, bool shared, Call&& make_call) {
    auto& in = who.run;
    if ((who.task == 0 || sequential_) && within == 0) within = 1;  // nobody would be left to answer
    std::optional<sim::time_point> deadline;
    auto waits = model::patience::forever;
    if (within != 0) {
      deadline = clock_now() + std::chrono::milliseconds(within - 1);
      waits = within == 1 ? model::patience::one_attempt : model::patience::until_deadline;
    }
    in.ledger.asked(label, who.task, holds);
    const auto token = source != 0 ? in.stop_source(source).get_token() : sim::runtime::stop_token{};
    blocking_call& call = in.record.begin_call({label, who.task, amount, waits}, deadline, source);
    try {
      auto got = make_call(deadline.value_or(sim::time_point::max()), token);
      const response said = Self::response_of(got);
      note_reached(call, said);
      check_exact_time_out(call, said);
      in.record.answered(call, said);
      settle(who, label, std::move(got), shared);
    } catch (const sim::task_killed&) {
      if (call.parked != 0) reached("killed while waiting");
      in.record.unwound(call);
      in.ledger.move_to(label, permit_ledger::phase::over);
      throw;
    }
  }

  // Handles ---------------------------------------------------------------------------------------------------------

  void release_label(actor& who, std::uint64_t label) {
    if (auto handle = who.run.take(who, label)) return release(who, std::move(*handle));
    skip(who, label);
  }

  void transfer(actor& who, std::uint64_t label, std::uint64_t to) {
    auto& in = who.run;
    const auto target = in.identity(to);
    const bool own = in.is_own(who, label);
    auto handle = target ? in.take(who, label) : std::nullopt;
    if (!handle) return skip(who, label);
    const auto op = in.record.begin(who.task, typename Model::transfer{handle->label, to});
    in.ledger.move_to(handle->label, permit_ledger::phase::moving);
    const transfer_result done = handle->permit.transfer(*target);
    if (done == transfer_result::transferred) {
      in.ledger.transferred(handle->label, to);
    } else {
      in.ledger.move_to(handle->label, permit_ledger::phase::over);
    }
    if (done == transfer_result::released) reached("transfer to a dead task");
    in.record.end(op, {done == transfer_result::transferred ? result::transferred
                       : done == transfer_result::released  ? result::released
                                                            : result::nothing});
    put_back(who, std::move(*handle), own);
  }

  /// The handle itself is moved to another place; its owner stays.
  void move(actor& who, std::uint64_t label) {
    const bool own = who.run.is_own(who, label);
    auto handle = who.run.take(who, label);
    if (!handle) return skip(who, label);
    permit elsewhere = std::move(handle->permit);
    sim::require(!handle->permit.valid(), "a moved-from handle is valid");
    sim::require(Self::give_back(handle->permit) == Self::gave_nothing(), "a moved-from handle released something");
    sim::require(handle->permit.transfer(task_id{1}) == transfer_result::nothing, "a moved-from handle transferred");
    put_back(who, kept{handle->label, std::move(elsewhere)}, !own);
  }

  /// Releases twice through one handle: the second time is nothing.
  void release_twice(actor& who, std::uint64_t label) {
    auto handle = who.run.take(who, label);
    if (!handle) return skip(who, label);
    auto& in = who.run;
    for (int times = 0; times < 2; ++times) {
      const auto op = in.record.begin(who.task, typename Model::release{handle->label});
      in.ledger.move_to(handle->label, permit_ledger::phase::ending);
      const response said = Self::give_back(handle->permit);
      in.ledger.move_to(handle->label, permit_ledger::phase::over);
      in.record.end(op, said);
    }
  }

  void observe_valid(actor& who, std::uint64_t label) {
    const bool own = who.run.is_own(who, label);
    auto handle = who.run.take(who, label);
    if (!handle) return skip(who, label);
    observe_validity(who, *handle);
    put_back(who, std::move(*handle), own);
  }

  /// A handle may learn of its owner's death a moment before the permit is counted out, so that only `true` is placed
  /// among the calls of a concurrent run; `false` needs an end that has begun.
  void observe_validity(actor& who, const kept& handle) {
    auto& in = who.run;
    const auto op = in.record.begin(who.task, typename Model::valid{handle.label});
    const bool live = handle.permit.valid();
    if (live || sequential_) return in.record.end(op, {result::value, live ? 1u : 0u});
    const auto* known = in.ledger.find(handle.label);
    sim::require(self().semaphore() == nullptr || known->now != permit_ledger::phase::held,
                 "a live permit says that it is not");
    in.record.end_unknown(op);
  }

  void stop(actor& who, std::uint64_t source) {
    auto& of = who.run.stop_source(source);
    who.run.record.stop_begins(source);
    if (of.request_stop()) who.run.record.stop_ends(source);
  }

  /// A nanosecond less than so many milliseconds: up to just before the deadlines, where no time-out is due yet.
  void sleep(std::uint64_t ms) {
    world_.runtime().sleep_until(clock_now() + std::chrono::milliseconds(ms) - std::chrono::nanoseconds(1));
  }

  /// Main gives back whatever handles are left.
  void release_the_rest(actor& main) {
    auto& in = main.run;
    for (auto it = in.shared().begin(); it != in.shared().end(); it = in.shared().erase(it)) {
      if (in.ledger.is_dying(in.ledger.find(it->first)->owner)) reached("handle outlived its owner");
      observe_validity(main, it->second);
      release(main, std::move(it->second));
    }
    main.release_all();
  }

  sim::world& world_;
  bool sequential_ = false;
  std::vector<model::call_number> raised_;

 private:
  Self& self() { return static_cast<Self&>(*this); }

  void skip(actor& who, std::uint64_t label) {
    say(who, "skipped: there is no #" + std::to_string(label) + ", or no such task");
  }

  void put_back(actor& who, kept handle, bool own) {
    if (own) return who.own.push_back(std::move(handle));
    who.run.put_shared(std::move(handle));
  }

  void check_exact_time_out(const blocking_call& call, const response& said) {
    if (!sequential_ || said.what != result::timed_out || call.asked.waits == model::patience::one_attempt) return;
    sim::require(clock_now() == *call.deadline, "a call that waited alone timed out after its deadline");
  }

  void note_reached(const blocking_call& call, const response& said) {
    if (call.parked == 0) return;
    if (said.what == result::cancelled) reached("cancelled while waiting");
    if (said.what == result::timed_out) reached("timed out while waiting");
    if (said.what != result::granted) return;
    if (call.deadline_came > call.parked) reached("time-out raced with a grant");
    if (std::find(raised_.begin(), raised_.end(), call.asked.call) != raised_.end()) reached("granted after a raise");
  }
};

}  // namespace wavetank::props
