#include <wavetank/model/disk_log_scope.h>

#include <algorithm>

namespace wavetank::model {

using log = disk_log;

std::vector<log::command> commands_in(const disk_log_scope_state& s, const disk_log_bounds& bounds) {
  std::vector<log::command> all;
  if (s.tried < bounds.batches) {
    all.push_back(log::write{s.tried + 1});
    all.push_back(log::write_fails{s.tried + 1});
  }
  all.push_back(log::sync{});
  for (const auto left : {log::left::durable, log::left::unsized, log::left::lost}) {
    all.push_back(log::sync_fails{left});
  }
  if (s.log.segments.size() < bounds.segments) {
    all.push_back(log::begin_segment{});
    all.push_back(log::recover{});
  }
  all.push_back(log::sync_segment{});
  all.push_back(log::segment_fails{});
  all.push_back(log::process_dies{});
  for (const auto left : {log::remains::nothing, log::remains::a_part, log::remains::all}) {
    all.push_back(log::crash{left});
  }
  if (s.rots < bounds.rots) {
    for (std::size_t i = 0; i < s.log.segments.size(); ++i) {
      for (std::size_t f = 0; f < s.log.segments[i].frames.size(); ++f) all.push_back(log::decay{i, f});
    }
  }
  return all;
}

namespace {

using state = disk_log_scope_state;
using result = log::result;

bool recovers(const log::response& said) { return said.what == result::recovered; }

/// Of what was promised, the recovery gave all, in order, and after it at most one batch that was in doubt.
bool keeps_promises(const state& before, const std::vector<log::batch_number>& replayed) {
  const auto& promised = before.log.promised;
  if (replayed.size() < promised.size()) return false;
  if (!std::equal(promised.begin(), promised.end(), replayed.begin())) return false;
  if (replayed.size() == promised.size()) return true;
  if (replayed.size() > promised.size() + 1) return false;
  const auto& doubtful = before.log.doubtful;
  return std::find(doubtful.begin(), doubtful.end(), replayed.back()) != doubtful.end();
}

bool rotten_at_or_below(const state& s, log::sequence_number sequence) {
  for (const auto& one : s.log.segments) {
    for (const auto& f : one.frames) {
      if (f.is == log::condition::rotten && f.sequence <= sequence) return true;
    }
  }
  return false;
}

/// What the last readable header on the medium says was synced.
log::sequence_number known_to_be_synced(const state& s) {
  log::sequence_number known = 0;
  for (const auto& one : s.log.segments) {
    known = std::max(known, one.synced);
    for (const auto& f : one.frames) {
      if (f.is != log::condition::torn && f.is != log::condition::rotten) known = std::max(known, f.synced);
    }
  }
  return known;
}

bool a_healthy_medium_keeps_promises(const state& before, const log::command&, const log::response& said,
                                     const state&) {
  return !recovers(said) || before.rots != 0 || keeps_promises(before, said.replayed);
}

/// With rot: what is replayed is still in order, and what was known to be synced is there, or it is an error.
bool rot_never_shortens_in_silence(const state& before, const log::command&, const log::response& said, const state&) {
  if (!recovers(said)) return true;
  const auto& promised = before.log.promised;
  const auto common = std::min(promised.size(), said.replayed.size());
  if (!std::equal(promised.begin(), promised.begin() + static_cast<std::ptrdiff_t>(common), said.replayed.begin())) {
    return false;
  }
  return said.replayed.size() >= std::min<std::size_t>(known_to_be_synced(before), promised.size());
}

bool only_rot_is_called_rot(const state& before, const log::command&, const log::response& said, const state&) {
  return said.what != result::rot || rotten_at_or_below(before, ~log::sequence_number{0});
}

bool no_batch_twice(const state& s) {
  auto all = s.log.promised;
  std::sort(all.begin(), all.end());
  return std::adjacent_find(all.begin(), all.end()) == all.end();
}

bool one_doubt_at_most(const state& s) { return s.log.doubtful.size() <= 2; }

bool an_acknowledged_batch_is_the_last_promise(const state& before, const log::command&, const log::response& said,
                                               const state& after) {
  if (said.what != result::acknowledged) return true;
  return !before.log.doubtful.empty() && after.log.promised.size() == before.log.promised.size() + 1 &&
         after.log.promised.back() == before.log.doubtful.back() && after.log.doubtful.empty();
}

/// A batch of unknown outcome is replayed, or not.
bool replays_a_doubt(const state& before, const log::response& said) {
  return recovers(said) && said.replayed.size() == before.log.promised.size() + 1;
}
bool drops_a_doubt(const state& before, const log::response& said) {
  return recovers(said) && !before.log.doubtful.empty() && said.replayed == before.log.promised;
}

}  // namespace

disk_log_claims disk_log_properties(const disk_log_bounds& bounds) {
  disk_log_claims all;
  all.invariants = {{"no batch is promised twice", no_batch_twice},
                    {"at most a batch of unknown outcome and one on its way are in doubt", one_doubt_at_most}};
  all.step_invariants = {
      {"a recovery keeps the promises", a_healthy_medium_keeps_promises},
      {"rot never shortens the log in silence where a later header tells", rot_never_shortens_in_silence},
      {"only rot is called rot", only_rot_is_called_rot},
      {"an acknowledged batch is the last promise", an_acknowledged_batch_is_the_last_promise},
  };
  all.reachable_steps = {
      {"a batch of unknown outcome is replayed",
       [](const state& b, const log::command&, const log::response& r, const state&) { return replays_a_doubt(b, r); }},
      {"a batch of unknown outcome is gone",
       [](const state& b, const log::command&, const log::response& r, const state&) { return drops_a_doubt(b, r); }},
      {"an older segment's batch is void",
       [](const state& b, const log::command&, const log::response& r, const state& a) {
         return r.what == result::ready && !b.log.doubtful.empty() && a.log.doubtful.empty();
       }},
      {"what was seen after a failed sync is carried over",
       [](const state& b, const log::command&, const log::response& r, const state&) {
         return recovers(r) && !b.log.segments.back().frames.empty() &&
                b.log.segments.back().frames.back().is == log::condition::unsized;
       }},
      {"a recovery after two crashes", [](const state& b, const log::command&, const log::response& r,
                                          const state&) { return recovers(r) && b.log.segments.size() >= 3; }},
  };
  if (bounds.rots != 0) {
    all.reachable_steps.push_back({"rot is found", [](const state&, const log::command&, const log::response& r,
                                                      const state&) { return r.what == result::rot; }});
  }
  all.may_rest = [](const state&) { return true; };
  return all;
}

}  // namespace wavetank::model
