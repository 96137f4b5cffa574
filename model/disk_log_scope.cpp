#include <wavetank/model/disk_log_scope.h>

#include <algorithm>

namespace wavetank::model {

using log = disk_log;

namespace {

/// Every way to choose one of three for each of `places`.
template <class Choice>
std::vector<std::vector<Choice>> choices_for(std::size_t places) {
  std::vector<std::vector<Choice>> all{{}};
  for (std::size_t place = 0; place < places; ++place) {
    std::vector<std::vector<Choice>> longer;
    for (const auto& some : all) {
      for (std::uint8_t one = 0; one < 3; ++one) {
        longer.push_back(some);
        longer.back().push_back(static_cast<Choice>(one));
      }
    }
    all = std::move(longer);
  }
  return all;
}

}  // namespace

std::vector<log::command> commands_in(const disk_log_scope_state& s, const disk_log_bounds& bounds) {
  std::vector<log::command> all;
  const std::size_t pending = pending_in(s.log);
  if (s.tried < bounds.batches) {
    if (pending < bounds.in_flight) all.push_back(log::write{s.tried + 1});
    all.push_back(log::write_fails{s.tried + 1});
  }
  all.push_back(log::begin_sync{});
  all.push_back(log::sync{});
  for (const auto& left : choices_for<log::left>(pending)) all.push_back(log::sync_fails{left});
  if (s.log.segments.size() < bounds.segments) {
    all.push_back(log::begin_segment{});
    all.push_back(log::recover{});
  }
  all.push_back(log::sync_segment{});
  all.push_back(log::segment_fails{});
  all.push_back(log::process_dies{});
  for (const auto& left : choices_for<log::remains>(pending)) all.push_back(log::crash{left});
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

bool begins_with(const std::vector<log::batch_number>& whole, const std::vector<log::batch_number>& part) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

/// Of what was promised, the recovery gave all, in order, and after it the first few of what was in doubt.
bool keeps_promises(const state& before, const std::vector<log::batch_number>& replayed) {
  const auto& promised = before.log.promised;
  if (!begins_with(replayed, promised)) return false;
  const std::vector<log::batch_number> more(replayed.begin() + static_cast<std::ptrdiff_t>(promised.size()),
                                            replayed.end());
  const auto& lines = before.log.doubtful;
  return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return begins_with(line, more); });
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

bool doubts_are_bounded(const state& s, std::size_t in_flight) {
  const auto& lines = s.log.doubtful;
  const auto small = [&](const auto& line) { return line.size() <= in_flight; };
  return lines.size() <= 2 && std::all_of(lines.begin(), lines.end(), small);
}

/// What a sync acknowledges are the first that were in doubt of its segment, and nothing else stays in doubt but those
/// that were written behind them.
bool acknowledged_in_order(const state& before, const log::command&, const log::response& said, const state& after) {
  if (said.what != result::acknowledged) return true;
  auto expected = before.log.promised;
  const auto& line = before.log.doubtful.back();
  expected.insert(expected.end(), line.begin(), line.end());
  auto got = after.log.promised;
  const auto& rest = after.log.doubtful.back();
  got.insert(got.end(), rest.begin(), rest.end());
  return got == expected && after.log.promised.size() > before.log.promised.size() && after.log.doubtful.size() == 1;
}

bool nothing_in_doubt(const state& s) {
  const auto& lines = s.log.doubtful;
  return std::all_of(lines.begin(), lines.end(), [](const auto& line) { return line.empty(); });
}

/// Batches of unknown outcome are replayed, or not.
bool replays_doubts(const state& before, const log::response& said, std::size_t how_many) {
  return recovers(said) && said.replayed.size() == before.log.promised.size() + how_many;
}
bool drops_a_doubt(const state& before, const log::response& said) {
  return recovers(said) && !nothing_in_doubt(before) && said.replayed == before.log.promised;
}

}  // namespace

disk_log_claims disk_log_properties(const disk_log_bounds& bounds) {
  disk_log_claims all;
  all.invariants = {
      {"no batch is promised twice", no_batch_twice},
      {"what failed and what is on its way is in doubt, and nothing else",
       [most = static_cast<std::size_t>(bounds.in_flight)](const state& s) { return doubts_are_bounded(s, most); }}};
  all.step_invariants = {
      {"a recovery keeps the promises", a_healthy_medium_keeps_promises},
      {"rot never shortens the log in silence where a later header tells", rot_never_shortens_in_silence},
      {"only rot is called rot", only_rot_is_called_rot},
      {"what is acknowledged are the first that were in doubt", acknowledged_in_order},
  };
  all.reachable_steps = {
      {"a batch of unknown outcome is replayed", [](const state& b, const log::command&, const log::response& r,
                                                    const state&) { return replays_doubts(b, r, 1); }},
      {"a batch of unknown outcome is gone",
       [](const state& b, const log::command&, const log::response& r, const state&) { return drops_a_doubt(b, r); }},
      {"an older segment's batch is void",
       [](const state& b, const log::command&, const log::response& r, const state& a) {
         return r.what == result::ready && !nothing_in_doubt(b) && nothing_in_doubt(a);
       }},
      {"what was seen after a failed sync is carried over",
       [](const state& b, const log::command&, const log::response& r, const state&) {
         return recovers(r) && !b.log.segments.back().frames.empty() &&
                b.log.segments.back().frames.back().is == log::condition::unsized;
       }},
      {"a recovery after two crashes", [](const state& b, const log::command&, const log::response& r,
                                          const state&) { return recovers(r) && b.log.segments.size() >= 3; }},
  };
  if (bounds.in_flight > 1) {
    all.reachable_steps.push_back(
        {"two batches of unknown outcome are replayed", [](const state& b, const log::command&, const log::response& r,
                                                           const state&) { return replays_doubts(b, r, 2); }});
    all.reachable_steps.push_back({"a sync is not for what was written while it ran",
                                   [](const state&, const log::command&, const log::response& r, const state& a) {
                                     return r.what == result::acknowledged && !nothing_in_doubt(a);
                                   }});
  }
  if (bounds.rots != 0) {
    all.reachable_steps.push_back({"rot is found", [](const state&, const log::command&, const log::response& r,
                                                      const state&) { return r.what == result::rot; }});
  }
  all.may_rest = [](const state&) { return true; };
  return all;
}

}  // namespace wavetank::model
