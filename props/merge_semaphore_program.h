// The merge semaphore's verbs: what generated programs do with it, recorded for its model.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <wavetank/impl/merge_semaphore.h>
#include <wavetank/model/merge_semaphore.h>
#include <wavetank/props/program/permit_steps.h>

namespace wavetank::props {

/// Positions in the vocabulary.
enum class merge_verb : std::uint32_t {
  acquire,
  acquire_until,
  release,
  release_twice,
  release_by_name,
  transfer,
  close,
  stop,
  status,
  waiting,
  valid,
  move,
  sleep,
};

/// The verbs, for programs of `least` to `most` tasks with about so many steps each.
vocabulary merge_semaphore_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps);

template <class Semaphore>
class merge_semaphore_program
    : public permit_steps<merge_semaphore_program<Semaphore>, typename Semaphore::permit, model::merge_semaphore> {
  using steps = permit_steps<merge_semaphore_program<Semaphore>, typename Semaphore::permit, model::merge_semaphore>;

 public:
  using model_type = model::merge_semaphore;
  using typename steps::actor;
  using typename steps::permit;
  using typename steps::response;
  using typename steps::result;
  using typename steps::run;

  merge_semaphore_program(sim::world& w, const program&)
      : steps(w), semaphore_(std::make_unique<Semaphore>(w.runtime())) {}

  static judged_model<model_type> model_of(const program&) { return {}; }
  static bool destroys(const program& p) { return p.settings[0] != 0; }

  Semaphore* semaphore() noexcept { return semaphore_.get(); }
  static response give_back(permit& p) { return {p.release() == release_result::ok ? result::ok : result::not_holder}; }
  static response gave_nothing() { return {result::not_holder}; }
  template <class Attempt>
  static response response_of(const Attempt& got) {
    if (got) return {result::granted};
    return {result_of<result>(got.error().reason), got.error().holder.value_or(0)};
  }

  void perform(actor& who, const step& s) {
    const auto& o = s.operands;
    switch (static_cast<merge_verb>(s.verb)) {
      case merge_verb::acquire:
        return acquire(who, s.result, o[0], o[1] != 0);
      case merge_verb::acquire_until:
        return this->acquire_blocking(who, s.result, o[0], 1, o[1], o[2], o[3] != 0,
                                      [&](sim::time_point deadline, const sim::runtime::stop_token& token) {
                                        return semaphore_->acquire_until(static_cast<shard_index>(o[0]), deadline,
                                                                         token);
                                      });
      case merge_verb::release:
        return this->release_label(who, o[0]);
      case merge_verb::release_twice:
        return this->release_twice(who, o[0]);
      case merge_verb::release_by_name:
        return release_by_name(who, o[0]);
      case merge_verb::transfer:
        return this->transfer(who, o[0], o[1]);
      case merge_verb::close:
        return this->close(who);
      case merge_verb::stop:
        return this->stop(who, o[0]);
      case merge_verb::status:
        return observe_status(who);
      case merge_verb::waiting:
        return observe_waiting(who);
      case merge_verb::valid:
        return this->observe_valid(who, o[0]);
      case merge_verb::move:
        return this->move(who, o[0]);
      case merge_verb::sleep:
        return this->sleep(o[0]);
    }
  }

  /// After every visible operation. Inside its mutex the component may be half-way; nobody can look then.
  void check(run& in) {
    sim::require(in.ledger.certainly_live() <= 1, "two hold the merge at once");
    const auto* head = this->sleeping_head(in);
    if (semaphore_ == nullptr || this->somebody_holds_a_mutex()) return;
    const bool held = semaphore_->status().has_value();
    sim::require(held || in.ledger.certainly_live() == 0, "the semaphore is free although a permit is live");
    sim::require(!held || in.ledger.perhaps_live() != 0, "the semaphore is held although no permit can be live");
    sim::require(held || head == nullptr, "the head of the queue waits while the semaphore is free");
  }

  /// After all tasks have ended, nothing is live but what main owns; after main's releases nothing at all.
  void conclude(actor& main, bool destroyed_under_permits) {
    observe_status(main);
    if (destroyed_under_permits) destroy(main);
    this->release_the_rest(main);
    if (semaphore_ == nullptr) return;
    if (const auto left = semaphore_->status()) {
      this->world_.fail(
          sim::verdict_kind::leaked_resource,
          "all tasks have ended and all handles are released, but shard " + std::to_string(left->shard) + " holds");
    }
    this->world_.require(semaphore_->waiting() == 0, "all tasks have ended, but waiting() is not 0");
  }

 private:
  void destroy(actor& who) {
    const auto op = who.run.record.begin(who.task, model_type::destroy{});
    semaphore_.reset();
    who.run.record.end(op, {result::done});
  }

  void acquire(actor& who, std::uint32_t label, std::uint64_t shard, bool shared) {
    auto& in = who.run;
    in.ledger.asked(label, who.task, 1);
    const auto op = in.record.begin(who.task, model_type::acquire{label, who.task, shard});
    auto got = semaphore_->acquire(static_cast<shard_index>(shard));
    in.record.end(op, response_of(got));
    this->settle(who, label, std::move(got), shared);
  }

  void release_by_name(actor& who, std::uint64_t shard) {
    auto& in = who.run;
    const auto op = in.record.begin(who.task, model_type::release_by_name{who.task, shard});
    in.ledger.owner_releases(who.task);
    const bool ended = semaphore_->release(static_cast<shard_index>(shard)) == release_result::ok;
    in.ledger.owner_released(who.task, ended);
    if (ended) reached("released by name");
    in.record.end(op, {ended ? result::ok : result::not_holder});
  }

  void observe_status(actor& who) {
    const auto op = who.run.record.begin(who.task, model_type::status{});
    const auto seen = semaphore_->status();
    who.run.record.end(op, seen ? response{result::held, seen->shard} : response{result::free});
  }

  void observe_waiting(actor& who) {
    const auto op = who.run.record.begin(who.task, model_type::waiting{});
    const std::uint64_t seen = semaphore_->waiting();
    who.run.record.end(op, {result::value, seen});
  }

  std::unique_ptr<Semaphore> semaphore_;
};

}  // namespace wavetank::props
