#include <wavetank/props/buffer/buffer_ledger.h>

#include <algorithm>
#include <string>

#include <wavetank/props/running.h>
#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::props {

namespace {

/// No exception that a component may take for its processor's.
void demand(bool holds, const std::string& what) {
  if (!holds) sim::scheduler::here().fail_and_unwind(sim::verdict_kind::assertion, what);
}
std::string name(std::uint64_t one) { return "record " + std::to_string(one); }

}  // namespace

buffer_ledger::numbers numbers_of(std::span<const buffer_record> records) {
  buffer_ledger::numbers all;
  for (const buffer_record& one : records) all.push_back(one.number);
  return all;
}

// Puts ------------------------------------------------------------------------------------------------------------

buffer_ledger::numbers buffer_ledger::put_begins(std::uint64_t producer, std::uint64_t count) {
  numbers made;
  for (std::uint64_t i = 0; i < count; ++i) {
    records_.push_back({producer, ++*now_, clock_now()});
    made.push_back(records_.size());
  }
  return made;
}

void buffer_ledger::returns(const numbers& some, status is) {
  ++*now_;
  for (const number one : some) {
    at(one).is = is;
    at(one).returned = *now_;
  }
}

void buffer_ledger::accepted(const numbers& some) {
  enter(some);
  check_bound(some, terms_, {this, 1});
}

void buffer_ledger::enter(const numbers& some) {
  for (const number one : some) {
    demand(!closed_since_ || at(one).called < *closed_since_,
           name(one) + " was accepted after a put was told `closed`");
  }
  returns(some, status::accepted);
}

void buffer_ledger::written(const numbers& some) {
  enter(some);
  for (const number one : some) at(one).returned = under_way;
}

void buffer_ledger::lease_ended(const numbers& some) {
  ++*now_;
  for (const number one : some) at(one).returned = *now_;
}

void buffer_ledger::refused(const numbers& some, bool closed) {
  returns(some, status::refused);
  if (closed && !closed_since_) closed_since_ = *now_;
  for (const number one : some) {
    demand(!at(one).last_call, name(one) + " was refused and given to the processor");
  }
}

void buffer_ledger::unheard(const numbers& some) { returns(some, status::unheard); }

bool buffer_ledger::is_outstanding(const entry& one) const {
  if (one.is != status::accepted || one.given_back) return false;
  if (!one.last_call) return true;
  const call& last = calls_[*one.last_call];
  return last.running && !last.settled;
}

/// The processor has it, or it cannot have been handed over to a call that was given up before it was seen: that may
/// be over before anybody is told.
bool buffer_ledger::is_held_for_sure(const entry& one) const {
  return is_outstanding(one) && (one.last_call || (!stopping_ && clock_now() < one.called_at + terms_.time_out));
}

void buffer_ledger::check_bound(const numbers& put, const terms& of_all, std::span<const buffer_ledger> all) const {
  if (of_all.most_held == 0 || of_all.drops) return;
  std::uint64_t beside = 0;
  std::uint64_t may_be_too_many = 0;
  for (const buffer_ledger& each : all) {
    beside += each.held_before(at(put.front()).called);
    may_be_too_many += each.may_be_unseen_;
  }
  demand(beside + put.size() <= of_all.most_held + may_be_too_many,
         name(put.front()) + " was accepted beside " + std::to_string(beside) +
             " records that were put before it; the bound is " + std::to_string(of_all.most_held));
}

/// What may have been dropped, or settled, does not count, nor what was put side by side.
std::uint64_t buffer_ledger::held_before(std::uint64_t moment) const {
  return static_cast<std::uint64_t>(std::count_if(records_.begin(), records_.end(), [&](const entry& one) {
    return is_held_for_sure(one) && one.returned < moment;
  }));
}

// The processor ---------------------------------------------------------------------------------------------------

void buffer_ledger::check_first_gift(number one) {
  number& newest = newest_given_[at(one).producer];
  demand(newest < one, name(one) + " is given after a later one of its producer");
  newest = one;
}

void buffer_ledger::check_another_gift(const entry& one, number its, std::uint32_t attempt) const {
  const call& last = calls_[*one.last_call];
  demand(terms_.at_least_once || terms_.retries, name(its) + " is given twice although nothing is tried again");
  demand(attempt > last.attempt, name(its) + " is given again, but not as a later attempt");
  if (!terms_.at_least_once) {
    demand(last.how == ending::threw, name(its) + " is given twice at most once, and its processor had not thrown");
    demand(!last.settled, name(its) + " is given again after its time-out");
  }
}

buffer_ledger::call_number buffer_ledger::call_begins(const numbers& batch, std::uint64_t generation,
                                                      std::uint32_t attempt, bool given_up) {
  ++*now_;
  demand(!stopped_ || may_still_call_, "the processor is called after the stop has returned");
  may_still_call_ = may_still_call_ && !stopped_;
  demand(!batch.empty(), "the processor is called for nothing");
  demand(terms_.batch_size == 0 || batch.size() <= terms_.batch_size, "a batch is too large");
  for (const call& each : calls_) {
    demand(!each.running, "two calls of the processor at a time");
    demand(each.generation <= generation, "an older table is processed after a newer one");
  }
  for (const number one : batch) {
    demand(one != 0 && one <= records_.size(), "the processor is given what nobody put");
    entry& each = at(one);
    demand(each.is != status::refused, name(one) + " was refused and is given to the processor");
    demand(!each.covered, name(one) + " is given after a flush has answered for it");
    demand(!each.given_back, name(one) + " is given after it was given back");
    if (each.last_call) {
      check_another_gift(each, one, attempt);
      reached(terms_.at_least_once ? "a batch is given again at least once" : "a batch is given again after a throw");
    } else {
      check_first_gift(one);
    }
    each.last_call = calls_.size();
  }
  calls_.push_back({batch, generation, attempt});
  calls_.back().settled = given_up;
  return calls_.size() - 1;
}

void buffer_ledger::call_ends(call_number number_of_call, ending how) {
  ++*now_;
  call& ended = calls_.at(number_of_call);
  ended.running = false;
  ended.how = how;
  for (call_number earlier = 0; earlier < number_of_call; ++earlier) {
    const bool same_table = calls_[earlier].generation == ended.generation && calls_[earlier].batch != ended.batch;
    if (same_table && calls_[earlier].how != ending::returned && how == ending::returned) {
      reached("a batch failed and a later one of its table was delivered");
    }
  }
}

void buffer_ledger::call_failed(std::uint64_t handed_over, bool for_good) {
  const auto seen = std::find_if(calls_.begin(), calls_.end(), [](const call& each) { return each.running; });
  if (seen != calls_.end()) {
    seen->settled = true;
  } else if (for_good) {
    may_be_unseen_ += handed_over;
  }
}

void buffer_ledger::dead_letter(const numbers& some) {
  for (const number one : some) {
    demand(one != 0 && one <= records_.size(), "a dead letter that nobody put");
    demand(at(one).is != status::refused, name(one) + " was refused and is a dead letter");
    demand(!at(one).covered, name(one) + " is a dead letter after a flush has answered for it");
  }
  reached("a batch went to the dead letters");
}

// Flush and stop --------------------------------------------------------------------------------------------------

void buffer_ledger::flushed(std::uint64_t begun) {
  std::uint64_t unseen = 0;
  for (number one = 1; one <= records_.size(); ++one) {
    entry& each = at(one);
    if (each.is != status::accepted || each.returned >= begun) continue;
    if (each.last_call) {
      const call& last = calls_[*each.last_call];
      demand(!last.running || last.settled, name(one) + " is being processed as a flush answers");
    } else {
      demand(terms_.drops || ++unseen <= may_be_unseen_,
             "a flush answers, and " + name(one) + " was not given to the processor");
    }
    // A call that was given up may still come to the processor's first line.
    each.covered = each.last_call.has_value() || may_be_unseen_ == 0;
  }
}

void buffer_ledger::given_back(const numbers& rest) {
  for (const number one : rest) {
    demand(one != 0 && one <= records_.size(), "a stop gives back what nobody put");
    entry& each = at(one);
    demand(each.is != status::refused, name(one) + " was refused and is given back");
    demand(!each.given_back, name(one) + " is given back twice");
    demand(!each.covered, name(one) + " is given back after a flush has answered for it");
    if (each.last_call) {
      const call& last = calls_[*each.last_call];
      demand(!last.running, name(one) + " is given back while the processor has it");
      demand(terms_.at_least_once || last.how == ending::threw, name(one) + " is given back and was processed");
    }
    each.given_back = true;
  }
  if (!rest.empty()) reached("a stop gave back what was left");
}

void buffer_ledger::stop_has_returned(bool stuck) {
  ++*now_;
  if (!closed_since_) closed_since_ = *now_;
  const bool seen = std::any_of(calls_.begin(), calls_.end(), [](const call& each) { return each.running; });
  stopped_ = true;
  may_still_call_ = stuck && !seen;
}

void buffer_ledger::judge(const buffer_counts& counts) const {
  demand(counts.balanced(), "accepted is not accounted: " + std::to_string(counts.accepted) + " accepted, " +
                                std::to_string(counts.accounted()) + " accounted");
  demand(counts.buffered == 0 && counts.in_flight == 0, "something is buffered or in flight after a stop");
  std::uint64_t accepted = 0;
  std::uint64_t unheard = 0;
  std::uint64_t settled = 0;
  std::uint64_t returned_normally = 0;
  std::uint64_t given_back = 0;
  std::uint64_t vanished = 0;
  for (const entry& one : records_) {
    if (one.is == status::refused) continue;
    if (one.is == status::accepted) ++accepted;
    if (one.is == status::unheard) ++unheard;
    if (one.given_back) {
      ++given_back;
    } else if (one.last_call) {
      ++settled;
      if (calls_[*one.last_call].how == ending::returned) ++returned_normally;
    } else if (one.is == status::accepted) {
      ++vanished;
    }
  }
  const std::uint64_t dropped = counts.dropped_newest + counts.dropped_oldest;
  demand(accepted <= counts.accepted && counts.accepted <= accepted + unheard, "another number was accepted");
  const std::uint64_t done = counts.delivered + counts.failed;
  demand(settled <= done && done <= settled + may_be_unseen_, "another number was delivered or failed");
  demand(counts.delivered <= returned_normally, "more counts as delivered than was");
  demand(counts.returned == given_back, "another number was given back");
  demand(vanished <= dropped + may_be_unseen_ && dropped <= vanished + unheard, "another number was dropped");
  demand(terms_.drops || dropped == 0, "something was dropped against the policy");
}

}  // namespace wavetank::props
