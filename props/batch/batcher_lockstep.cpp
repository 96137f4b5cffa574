#include <wavetank/props/batch/batcher_lockstep.h>

#include <algorithm>
#include <utility>
#include <variant>

#include <wavetank/props/batch/batcher_landmarks.h>
#include <wavetank/props/batch/direct_replay.h>
#include <wavetank/props/batch/lockstep_verdict.h>
#include <wavetank/props/running.h>

namespace wavetank::props {

namespace {

using std::chrono::milliseconds;

using lockstep::require;

}  // namespace

batcher_lockstep::batcher_lockstep(sim::world& w, const program& p) : world_(w), what_(p), shadow_(bounds()) {
  backend_.names_offenders = setting(lockstep_setting::anonymous) == 0;
  backend_.listener = this;
  batcher_ = std::make_unique<batcher>(w.runtime(), backend_, std::vector<shard_number>{shard}, options());
}

model::window_batcher_bounds batcher_lockstep::bounds() const {
  model::window_batcher_bounds all;
  all.submitters = what_.branches.size() + 1;
  all.kinds = batch_kinds + std::size(prefixes);
  all.requests = ~std::uint64_t{0};
  all.max_items = setting(lockstep_setting::max_items);
  all.max_pending_items = setting(lockstep_setting::pending) * all.max_items;
  all.max_bytes = setting(lockstep_setting::max_bytes);
  all.max_pending_bytes = setting(lockstep_setting::pending_bytes) * all.max_bytes;
  all.max_work = setting(lockstep_setting::max_work);
  return all;
}

batch_options batcher_lockstep::options() const {
  const auto most = bounds();
  batch_options all;
  all.max_items = most.max_items;
  all.max_pending_items = most.max_pending_items;
  if (most.max_bytes != 0) {
    all.max_bytes = most.max_bytes;
    all.max_pending_bytes = most.max_pending_bytes;
  }
  if (most.max_work != 0) all.max_work = most.max_work;
  all.generic_window = batch_window{milliseconds(setting(lockstep_setting::generic_window))};
  all.put_window = batch_window{milliseconds(setting(lockstep_setting::put_window))};
  return all;
}

// Turns ---------------------------------------------------------------------------------------------------------------

void batcher_lockstep::run() {
  waiting_turns turns{world_, what_, [this](std::uint64_t task, const step& s) { perform(task, s); }};
  turns.run([this](const step& s) {
    next_moment();
    return takes_itself(s);
  });
  if (setting(lockstep_setting::end) == 0) {
    turns.wait_for_all();
    next_moment();
    stop(batcher::no_deadline);
  }
  next_moment();
  mark(shadow_.metrics());
  destroy();
  turns.wait_for_all();
  next_moment();
  turns.end();
  world_.join_all();
  const std::string wrong = ledger_.judge(backend_);
  world_.require(wrong.empty(), wrong);
  const std::string unlike = unlike_direct<batcher>(world_.runtime(), ledger_, backend_);
  world_.require(unlike.empty(), unlike);
}

/// Until all that could happen before has happened; nothing else comes at this instant.
void batcher_lockstep::next_moment() {
  world_.runtime().sleep_until(moments_.next_call());
  come_to_rest();
}

sim::time_point batcher_lockstep::deadline_in(std::uint64_t ms) const {
  return ms == 0 ? batcher::no_deadline : moments_.deadline_in(milliseconds(ms));
}

void batcher_lockstep::come_to_rest() {
  shadow_.come_to_rest();
  for (const auto& [number, one] : by_command_) {
    const bool may_begin = one->direct && shadow_.may_commit_directly(one->submitter);
    require(!may_begin, "a direct write may go and does not");
    require(!one->direct || clock_now() < one->deadline, "a direct write waits beyond its deadline");
  }
  if (batcher_ == nullptr) return;
  const batch_metrics seen = *batcher_->metrics(shard);
  const batch_metrics& meant = shadow_.metrics();
  require(batcher_->pending_items(shard) == shadow_.pending_items(), "another number of items is pending");
  require(seen.by_reason == meant.by_reason, "a batch is counted for another reason");
  require(seen.batches == meant.batches && seen.items == meant.items, "batches or items are miscounted");
  require(seen.largest_batch == meant.largest_batch, "another batch is called the largest");
  require(seen.longest_wait == meant.longest_wait, "the longest wait is another");
}

/// What main does itself.
bool batcher_lockstep::takes_itself(const step& s) {
  switch (static_cast<lockstep_verb>(s.verb)) {
    case lockstep_verb::pass:
      world_.runtime().sleep_until(clock_now() + milliseconds(s.operands[0]));
      return true;
    case lockstep_verb::window:
      set_window(s.operands);
      return true;
    case lockstep_verb::plan:
      plan(s.operands);
      return true;
    case lockstep_verb::write:
    case lockstep_verb::batch:
    case lockstep_verb::flush:
    case lockstep_verb::stop:
      break;
  }
  return false;
}

void batcher_lockstep::perform(std::uint64_t task, const step& s) {
  switch (static_cast<lockstep_verb>(s.verb)) {
    case lockstep_verb::write:
      return write(task, s.operands);
    case lockstep_verb::batch:
      return write_batch(task, s.operands);
    case lockstep_verb::flush:
      return flush(s.operands);
    case lockstep_verb::stop:
      return stop(deadline_in(s.operands[0]));
    case lockstep_verb::pass:
    case lockstep_verb::window:
    case lockstep_verb::plan:
      return;
  }
}

// The rest ------------------------------------------------------------------------------------------------------------

/// Operands: which of the calls to come, and how it fails.
void batcher_lockstep::plan(const operands& o) {
  const std::uint64_t which = backend_.calls() + o[0];
  backend_.failures[which] = o[1] == 0 ? commit_error::kind::failed : commit_error::kind::unknown;
  if (o[1] == 2) backend_.throwing.insert(which);
}

void batcher_lockstep::flush(const operands& o) {
  if (shadow_.is_flushing() || shadow_.is_stopping()) return;
  const auto deadline = deadline_in(o[0]);
  const auto begin = clock_now();
  shadow_.flushes(deadline);
  const bool done = batcher_->flush(shard, deadline);
  shadow_.flush_returns(done);
  if (!done) return reached("a flush timed out");
  if (clock_now() != begin) reached("a flush waited");
}

void batcher_lockstep::stop(sim::time_point deadline) {
  if (shadow_.is_stopping()) return;
  shadow_.stops(deadline);
  const bool done = batcher_->stop(shard, deadline);
  shadow_.stop_returns(done);
  if (!done) reached("a stop came to its deadline");
}

/// Operands: prefix, ms.
void batcher_lockstep::set_window(const operands& o) {
  const milliseconds window(o[1]);
  const bool is_prefix = prefixes[o[0]].find(':') == std::string_view::npos;
  const bool takes = is_prefix && window <= longest_window;
  if (takes) {
    windows_[o[0]] = window;
    shadow_.shortens(batch_kinds + o[0], window);
  }
  const auto set = batcher_->set_window(prefixes[o[0]], window);
  require(set.has_value() == takes, "a window is taken that should not be, or refused");
  if (set) return;
  require(set.error() == (is_prefix ? window_error::too_long : window_error::bad_prefix), "another error of a window");
  reached("a window was refused");
}

/// Whoever is in a call is answered.
void batcher_lockstep::destroy() {
  shadow_.is_destroyed();
  for (const auto& [number, one] : by_command_) {
    if (!one->direct) continue;
    gives_up(*one, write_cause::destroyed);
    reached("destroyed while a direct write waited");
  }
  batcher_.reset();
}

}  // namespace wavetank::props
