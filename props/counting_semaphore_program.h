// The counting semaphore's verbs: what generated programs do with it, recorded for its model.
//
// `Semaphore` is `wavetank::counting_semaphore<sim::runtime>`, or in tests of the properties a broken relative of it
// with the same members.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/impl/counting_semaphore.h>
#include <wavetank/model/counting_semaphore.h>
#include <wavetank/props/program/permit_steps.h>

namespace wavetank::props {

/// Positions in the vocabulary.
enum class counting_verb : std::uint32_t {
  acquire,
  try_acquire,
  release,
  release_twice,
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

/// The verbs, for programs of `least` to `most` tasks with about so many steps each.
vocabulary counting_semaphore_words(std::uint32_t least_branches, std::uint32_t most_branches,
                                    std::uint32_t most_steps);

template <class Semaphore>
class counting_semaphore_program : public permit_steps<counting_semaphore_program<Semaphore>,
                                                       typename Semaphore::permit, model::counting_semaphore> {
  using steps =
      permit_steps<counting_semaphore_program<Semaphore>, typename Semaphore::permit, model::counting_semaphore>;

 public:
  using model_type = model::counting_semaphore;
  using typename steps::actor;
  using typename steps::permit;
  using typename steps::response;
  using typename steps::result;
  using typename steps::run;

  counting_semaphore_program(sim::world& w, const program& p)
      : steps(w), semaphore_(std::make_unique<Semaphore>(w.runtime(), initial_limit(p))) {}

  static judged_model<model_type> model_of(const program& p) { return {model_type{initial_limit(p)}}; }
  static bool destroys(const program& p) { return p.settings[1] != 0; }

  Semaphore* semaphore() noexcept { return semaphore_.get(); }
  static response give_back(permit& p) { return {p.release() ? result::released : result::nothing}; }
  static response gave_nothing() { return {result::nothing}; }
  template <class Attempt>
  static response response_of(const Attempt& got) {
    return {got ? result::granted : result_of<result>(got.error())};
  }

  void perform(actor& who, const step& s) {
    const auto& o = s.operands;
    switch (static_cast<counting_verb>(s.verb)) {
      case counting_verb::acquire:
        return this->acquire_blocking(who, s.result, o[0], o[0], o[1], o[2], o[3] != 0,
                                      [&](sim::time_point deadline, const sim::runtime::stop_token& token) {
                                        return semaphore_->acquire(deadline, o[0], token);
                                      });
      case counting_verb::try_acquire:
        return try_acquire(who, s.result, o[0], o[1] != 0);
      case counting_verb::release:
        return this->release_label(who, o[0]);
      case counting_verb::release_twice:
        return this->release_twice(who, o[0]);
      case counting_verb::transfer:
        return this->transfer(who, o[0], o[1]);
      case counting_verb::set_limit:
        return set_limit(who, o[0]);
      case counting_verb::close:
        return this->close(who);
      case counting_verb::stop:
        return this->stop(who, o[0]);
      case counting_verb::current:
        return observe(who, model_type::current{}, [&] { return semaphore_->current(); });
      case counting_verb::limit:
        return observe(who, model_type::limit{}, [&] { return semaphore_->limit(); });
      case counting_verb::waiting:
        return observe_waiting(who);
      case counting_verb::holders:
        return observe_holders(who);
      case counting_verb::valid:
        return this->observe_valid(who, o[0]);
      case counting_verb::move:
        return this->move(who, o[0]);
      case counting_verb::sleep:
        return this->sleep(o[0]);
    }
  }

  /// After every visible operation.
  void check(run& in) {
    if (semaphore_ == nullptr) return;
    const std::uint64_t current = semaphore_->current();
    const std::uint64_t limit = semaphore_->limit();
    sim::require(current >= in.ledger.certainly_live(), "current() is less than what live permits hold");
    sim::require(current <= in.ledger.perhaps_live(), "current() is more than any permits account for");
    sim::require(current <= limit || current <= last_current_, "current() grew although it is above the limit");
    last_current_ = current;
    const auto* head = this->sleeping_head(in);
    if (head == nullptr || this->somebody_holds_a_mutex()) return;
    sim::require(current + head->asked.amount > limit, "the head of the queue waits while its weight fits");
  }

  /// After all tasks have ended, nothing is live but what main owns; after main's releases nothing at all.
  void conclude(actor& main, bool destroyed_under_permits) {
    observe(main, model_type::current{}, [&] { return semaphore_->current(); });
    if (destroyed_under_permits) destroy(main);
    this->release_the_rest(main);
    if (semaphore_ == nullptr) return;
    if (const std::uint64_t left = semaphore_->current(); left != 0) {
      this->world_.fail(sim::verdict_kind::leaked_resource,
                        "all tasks have ended and all handles are released, but current() is " + std::to_string(left));
    }
    this->world_.require(semaphore_->waiting() == 0, "all tasks have ended, but waiting() is not 0");
  }

 private:
  static std::uint64_t initial_limit(const program& p) { return p.settings[0]; }

  void destroy(actor& who) {
    const auto op = who.run.record.begin(who.task, model_type::destroy{});
    semaphore_.reset();
    who.run.record.end(op, {result::done});
  }

  void try_acquire(actor& who, std::uint32_t label, std::uint64_t weight, bool shared) {
    auto& in = who.run;
    in.ledger.asked(label, who.task, weight);
    const bool behind_a_large_head = fits_behind_a_large_head(in, weight);
    const auto op = in.record.begin(who.task, model_type::try_acquire{label, who.task, weight});
    auto got = semaphore_->try_acquire(weight);
    in.record.end(op, response_of(got));
    if (behind_a_large_head && !got) reached("a large head blocked small ones");
    this->settle(who, label, std::move(got), shared);
  }

  bool fits_behind_a_large_head(run& in, std::uint64_t weight) {
    return this->world_.unobserved([&] {
      const auto* head = this->sleeping_head(in);
      const std::uint64_t free = semaphore_->limit() - std::min(semaphore_->limit(), semaphore_->current());
      return head != nullptr && weight <= free && head->asked.amount > free;
    });
  }

  void set_limit(actor& who, std::uint64_t limit) {
    auto& in = who.run;
    if (limit > Semaphore::limit_max) {
      const auto refused = semaphore_->set_limit(limit);
      sim::require(!refused && refused.error() == limit_error::too_large, "a limit that is too large was taken");
      return;
    }
    const auto limit_before = in.world.unobserved([&] { return semaphore_->limit(); });
    const auto current_before = in.world.unobserved([&] { return semaphore_->current(); });
    std::vector<model::call_number> asleep;
    in.record.for_each_open_call([&](const auto& call) {
      if (in.record.asleep(call)) asleep.push_back(call.asked.call);
    });
    const auto op = in.record.begin(who.task, model_type::set_limit{limit});
    const bool done = semaphore_->set_limit(limit).has_value();
    if (done && limit < current_before) reached("limit lowered below current");
    in.record.end(op, {done ? result::done : result::zero_limit});
    in.record.for_each_open_call([&](const auto& call) {
      const bool slept = std::find(asleep.begin(), asleep.end(), call.asked.call) != asleep.end();
      if (limit > limit_before && slept && !in.record.asleep(call)) this->raised_.push_back(call.asked.call);
    });
  }

  template <class Command, class Read>
  void observe(actor& who, Command what, Read&& read) {
    const auto op = who.run.record.begin(who.task, what);
    const std::uint64_t seen = read();
    who.run.record.end(op, {result::value, seen, {}});
  }

  /// Another word than `current()`, written a moment later: the two together are judged only in sequential runs.
  void observe_waiting(actor& who) {
    if (!this->sequential_) return static_cast<void>(semaphore_->waiting());
    observe(who, model_type::waiting{}, [&] { return semaphore_->waiting(); });
  }

  /// For people: permits on their way in or out may be missing while others are at work.
  void observe_holders(actor& who) {
    if (!this->sequential_) return static_cast<void>(semaphore_->holders());
    const auto op = who.run.record.begin(who.task, model_type::holders{});
    const auto all = semaphore_->holders();
    response seen{result::value, all.size(), {}};
    for (const auto& h : all) {
      seen.held_by.emplace_back(who.run.number_of(h.owner), h.weight);
      sim::require(h.name == task_name(who.run.number_of(h.owner)), "holders() names another task");
    }
    std::sort(seen.held_by.begin(), seen.held_by.end());
    who.run.record.end(op, std::move(seen));
  }

  std::unique_ptr<Semaphore> semaphore_;
  std::uint64_t last_current_ = 0;
};

}  // namespace wavetank::props
