#include <wavetank/model/disk_log.h>

#include <algorithm>

namespace wavetank::model {
namespace {

using log = disk_log;
using state = log::state;
using response = log::response;
using result = log::result;
using condition = log::condition;
using said = std::optional<response>;

constexpr std::nullopt_t disabled = std::nullopt;

log::frame next_frame(const state& s, log::batch_number batch, condition is) { return {batch, s.next, s.synced, is}; }

bool readable(condition is) { return is != condition::torn && is != condition::rotten; }

std::vector<log::frame*> pending_frames(state& s) {
  std::vector<log::frame*> all;
  for (log::frame& f : s.segments.back().frames) {
    if (f.is == condition::pending) all.push_back(&f);
  }
  return all;
}

/// Whoever opened the log has seen what is in it: that is a promise as well.
void promise(state& s, const std::vector<log::batch_number>& seen) {
  s.promised = seen;
  s.doubtful = {{}};
}

said carry(state& s, const log::write& c) {
  if (s.is != log::writer::ready) return disabled;
  s.segments.back().frames.push_back(next_frame(s, c.batch, condition::pending));
  s.doubtful.back().push_back(c.batch);
  ++s.next;
  return response{result::written};
}

said carry(state& s, const log::write_fails& c) {
  if (s.is != log::writer::ready) return disabled;
  s.segments.back().frames.push_back(next_frame(s, c.batch, condition::torn));
  s.is = log::writer::between;
  return response{result::refused};
}

said carry(state& s, const log::begin_sync&) {
  if (s.is == log::writer::down || s.sync_covers || pending_frames(s).empty()) return disabled;
  s.sync_covers = pending_frames(s).back()->sequence;
  return response{result::syncing};
}

said carry(state& s, const log::sync&) {
  if (!s.sync_covers) return disabled;
  s.doubtful.erase(s.doubtful.begin(), s.doubtful.end() - 1);
  for (log::frame* const f : pending_frames(s)) {
    if (f->sequence > *s.sync_covers) break;
    f->is = condition::durable;
    s.promised.push_back(f->batch);
    std::erase(s.doubtful.back(), f->batch);
  }
  s.synced = *s.sync_covers;
  s.sync_covers.reset();
  return response{result::acknowledged};
}

said carry(state& s, const log::sync_fails& c) {
  const auto pending = pending_frames(s);
  if (!s.sync_covers || c.frames.size() != pending.size()) return disabled;
  for (std::size_t i = 0; i < pending.size(); ++i) {
    pending[i]->is = c.frames[i] == log::left::durable   ? condition::durable
                     : c.frames[i] == log::left::unsized ? condition::unsized
                                                         : condition::torn;
  }
  s.sync_covers.reset();
  s.next = s.synced + 1;
  s.doubtful.emplace_back();
  s.is = log::writer::between;
  return response{result::unknown};
}

said carry(state& s, const log::begin_segment&) {
  if (s.segments.back().header != condition::durable || !pending_frames(s).empty()) return disabled;
  if (s.is != log::writer::ready && s.is != log::writer::between) return disabled;
  s.segments.push_back({s.next, s.next - 1, condition::pending, {}});
  s.is = log::writer::between;
  return response{result::begun};
}

said carry(state& s, const log::sync_segment&) {
  if (s.is != log::writer::between || s.segments.back().header != condition::pending) return disabled;
  s.segments.back().header = condition::durable;
  s.doubtful = {{}};  // what an older segment has from here on is void
  s.is = log::writer::ready;
  return response{result::ready};
}

said carry(state& s, const log::segment_fails&) {
  if (s.is != log::writer::between || s.segments.back().header != condition::pending) return disabled;
  s.segments.pop_back();
  return response{result::removed};
}

void settle_frames(log::segment& last, const std::vector<log::remains>& pending) {
  auto next = pending.begin();
  for (auto& f : last.frames) {
    if (f.is != condition::pending) continue;
    const auto left = *next++;
    if (left != log::remains::nothing) f.is = left == log::remains::all ? condition::durable : condition::torn;
  }
  while (!last.frames.empty() && last.frames.back().is == condition::pending) last.frames.pop_back();
  for (auto& f : last.frames) {
    if (f.is == condition::pending) f.is = condition::torn;  // a hole before what survived
  }
}

void settle(state& s, const std::vector<log::remains>& pending) {
  auto& last = s.segments.back();
  s.sync_covers.reset();
  if (last.header != condition::pending) return settle_frames(last, pending);
  if (pending.front() == log::remains::all) {
    last.header = condition::durable;
  } else {
    s.segments.pop_back();
  }
}

said carry(state& s, const log::process_dies&) {
  if (s.is == log::writer::down) return disabled;
  settle(s, std::vector(pending_in(s), log::remains::all));
  s.is = log::writer::down;
  return response{result::died};
}

said carry(state& s, const log::crash& c) {
  if (c.pending.size() != pending_in(s)) return disabled;
  settle(s, c.pending);
  for (auto& one : s.segments) {
    for (auto& f : one.frames) {
      if (f.is == condition::unsized) f.is = condition::torn;
    }
  }
  s.is = log::writer::down;
  return response{result::crashed};
}

/// The frames of one segment that are replayed, and whether they reach `limit`.
log::sequence_number replay(const log::segment& from, log::sequence_number limit,
                            std::vector<log::batch_number>& into) {
  log::sequence_number expected = from.first;
  for (const auto& f : from.frames) {
    if (!readable(f.is) || f.sequence != expected || f.sequence >= limit) break;
    into.push_back(f.batch);
    ++expected;
  }
  return expected;
}

/// The last sequence that a valid header of the segment says was synced.
log::sequence_number synced_by(const log::segment& of) {
  log::sequence_number synced = of.synced;
  for (const auto& f : of.frames) {
    if (readable(f.is)) synced = std::max(synced, f.synced);
  }
  return synced;
}

/// The next segment, with the batches at the end that no header calls synced.
void carry_over(state& s) {
  const log::segment& old = s.segments.back();
  const auto synced = synced_by(old);
  log::segment next{s.next, s.next - 1, condition::durable, {}};
  for (const auto& f : old.frames) {
    if (f.sequence <= synced || f.sequence >= s.next) continue;
    if (next.frames.empty()) next.first = f.sequence;
    next.frames.push_back({f.batch, f.sequence, f.sequence - 1, condition::durable});
  }
  s.segments.push_back(std::move(next));
}

said carry(state& s, const log::recover&) {
  if (s.is != log::writer::down) return disabled;
  std::vector<log::batch_number> replayed;
  for (std::size_t i = 0; i < s.segments.size(); ++i) {
    const bool last = i + 1 == s.segments.size();
    const auto limit = last ? synced_by(s.segments[i]) + 1 : s.segments[i + 1].first;
    const auto reached = replay(s.segments[i], last ? ~log::sequence_number{0} : limit, replayed);
    if (reached < limit) return response{result::rot, {}, reached};
  }
  s.next = replayed.size() + 1;
  s.synced = replayed.size();
  promise(s, replayed);
  carry_over(s);
  s.is = log::writer::ready;
  return response{result::recovered, std::move(replayed)};
}

said carry(state& s, const log::decay& c) {
  if (c.segment >= s.segments.size() || c.frame >= s.segments[c.segment].frames.size()) return disabled;
  condition& is = s.segments[c.segment].frames[c.frame].is;
  if (is != condition::durable) return disabled;
  is = condition::rotten;
  return response{result::decayed};
}

// For people
// -----------------------------------------------------------------------------------------------------------

std::string words(const std::vector<log::batch_number>& batches) {
  std::string text = "[";
  for (const auto one : batches) text += (text.size() == 1 ? "" : " ") + std::to_string(one);
  return text + "]";
}

char letter(condition is) { return "p.?t!"[static_cast<std::size_t>(is)]; }

std::string say(const log::write& c) { return "batch " + std::to_string(c.batch) + " is written"; }
std::string say(const log::write_fails& c) { return "the write of batch " + std::to_string(c.batch) + " fails"; }
std::string say(const log::begin_sync&) { return "a sync begins"; }
std::string say(const log::sync&) { return "it ends"; }
std::string say(const log::sync_fails& c) {
  const char* left[] = {"durable", "there until the power fails", "lost"};
  std::string text = "it fails, and what is pending is";
  for (const auto one : c.frames) text += std::string{" "} + left[static_cast<std::size_t>(one)];
  return text;
}
std::string say(const log::begin_segment&) { return "a segment is made"; }
std::string say(const log::sync_segment&) { return "the segment is durable"; }
std::string say(const log::segment_fails&) { return "making the segment fails"; }
std::string say(const log::process_dies&) { return "the process dies"; }
std::string say(const log::crash& c) {
  const char* left[] = {"nothing", "a part", "all"};
  std::string text = "power loss; of what is pending survives";
  for (const auto one : c.pending) text += std::string{" "} + left[static_cast<std::size_t>(one)];
  return text;
}
std::string say(const log::recover&) { return "recovery"; }
std::string say(const log::decay& c) {
  return "frame " + std::to_string(c.frame) + " of segment " + std::to_string(c.segment) + " rots";
}

}  // namespace

std::size_t pending_in(const state& s) {
  if (s.segments.back().header == condition::pending) return 1;
  const auto& frames = s.segments.back().frames;
  return static_cast<std::size_t>(
      std::count_if(frames.begin(), frames.end(), [](const auto& f) { return f.is == condition::pending; }));
}

std::optional<disk_log::response> disk_log::carry_out(state& s, const command& what) {
  return std::visit([&](const auto& one) { return carry(s, one); }, what);
}

std::string describe(const disk_log::command& what) {
  return std::visit([](const auto& one) { return say(one); }, what);
}

std::string describe(const disk_log::response& said) {
  const char* names[] = {"written", "refused", "syncing", "acknowledged", "unknown", "begun",  "ready",
                         "removed", "died",    "crashed", "recovered",    "rot",     "decayed"};
  std::string text = names[static_cast<std::size_t>(said.what)];
  if (said.what == result::recovered) text += " " + words(said.replayed);
  if (said.what == result::rot) text += " from " + std::to_string(said.first_unreadable) + " on";
  return text;
}

std::string describe(const disk_log::state& s) {
  std::string text;
  for (const auto& one : s.segments) {
    text += std::string{text.empty() ? "" : " | "} + letter(one.header) + "from " + std::to_string(one.first) + ":";
    for (const auto& f : one.frames) text += " " + std::to_string(f.batch) + letter(f.is);
  }
  text += "; promised " + words(s.promised) + ", doubtful";
  for (const auto& line : s.doubtful) text += " " + words(line);
  return text;
}

}  // namespace wavetank::model
