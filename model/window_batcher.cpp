#include <wavetank/model/window_batcher.h>

#include <algorithm>

namespace wavetank::model {
namespace {

using batcher = window_batcher;
using state = batcher::state;
using fate = batcher::fate;
using event = batcher::event;
using response = batcher::response;

constexpr std::nullopt_t disabled = std::nullopt;

void seal(state& s, std::uint64_t kind) {
  if (s.open[kind].empty()) return;
  s.sealed.push_back(std::move(s.open[kind]));
  s.open[kind].clear();
  s.due[kind] = 0;
}

/// In the order in which the slots were opened.
void seal_all(state& s) {
  std::vector<std::uint64_t> kinds;
  for (std::uint64_t kind = 0; kind < s.open.size(); ++kind) {
    if (!s.open[kind].empty()) kinds.push_back(kind);
  }
  std::sort(kinds.begin(), kinds.end(),
            [&](std::uint64_t a, std::uint64_t b) { return s.open[a].front() < s.open[b].front(); });
  for (const auto kind : kinds) seal(s, kind);
}

std::optional<response> submit(state& s, const batcher::command& c, const window_batcher_bounds& bounds) {
  if (s.requests.size() == bounds.requests || s.destroyed) return disabled;
  if (s.stopping) return response::shutting_down;
  const bool full = s.open[c.b].size() == bounds.max_items;
  if (full && s.in_flight.size() + s.sealed.size() >= bounds.commits) return response::overloaded;
  for (std::uint64_t kind = 0; kind < s.open.size(); ++kind) {
    const auto& slot = s.open[kind];
    const bool has_earlier =
        std::any_of(slot.begin(), slot.end(), [&](auto one) { return s.requests[one - 1].submitter == c.a; });
    if (kind != c.b && has_earlier) seal(s, kind);
  }
  if (full) seal(s, c.b);
  s.requests.push_back({c.a, c.b});
  s.open[c.b].push_back(s.requests.size());
  if (s.open[c.b].size() == bounds.max_items) s.due[c.b] = 1;
  return response::accepted;
}

std::optional<response> take(state& s, std::uint64_t most) {
  if (s.in_flight.size() == most) return disabled;
  batcher::flight next;
  if (!s.sealed.empty()) {
    next.requests = s.sealed.front();
    s.sealed.erase(s.sealed.begin());
  } else {
    const auto kind = static_cast<std::size_t>(std::find(s.due.begin(), s.due.end(), 1) - s.due.begin());
    if (kind == s.due.size()) return disabled;
    next.requests = std::move(s.open[kind]);
    s.open[kind].clear();
    s.due[kind] = 0;
  }
  next.kind = s.requests[next.requests.front() - 1].kind;
  s.in_flight.push_back(std::move(next));
  return response::done;
}

void answer(state& s, batcher::request_number one, fate is) {
  auto& of = s.requests[one - 1].is;
  if (of == fate::pending) of = is;
}

/// What is durable is a prefix: with this commit all that were begun before it, but those that are lost.
void log_up_to(state& s, std::uint64_t last) {
  for (std::uint64_t i = 0; i <= last; ++i) {
    auto& one = s.in_flight[i];
    if (one.logged || one.ended_as != fate::pending) continue;
    one.logged = true;
    s.log.insert(s.log.end(), one.requests.begin(), one.requests.end());
  }
}

/// Answers are given in the order of the commits.
void answer_ended(state& s) {
  while (!s.in_flight.empty() && s.in_flight.front().ended_as != fate::pending) {
    const auto first = s.in_flight.front();
    s.in_flight.erase(s.in_flight.begin());
    for (const auto one : first.requests) answer(s, one, first.ended_as);
    if (!s.open[first.kind].empty()) s.due[first.kind] = 1;
  }
}

std::optional<response> finish(state& s, std::uint64_t which, fate is, bool logged) {
  if (which >= s.in_flight.size() || s.in_flight[which].ended_as != fate::pending) return disabled;
  if (s.in_flight[which].logged != logged && s.in_flight[which].logged) return disabled;
  if (is == fate::not_committed && which + 1 != s.in_flight.size()) return disabled;
  if (logged) log_up_to(s, which);
  s.in_flight[which].ended_as = is;
  answer_ended(s);
  return response::done;
}

bool remove(batcher::slot& from, batcher::request_number one) { return std::erase(from, one) != 0; }

std::optional<response> expire(state& s, batcher::request_number one) {
  if (one > s.requests.size() || s.requests[one - 1].is != fate::pending) return disabled;
  bool queued = false;
  for (std::size_t kind = 0; kind < s.open.size(); ++kind) {
    queued = remove(s.open[kind], one) || queued;
    if (s.open[kind].empty()) s.due[kind] = 0;
  }
  for (auto& slot : s.sealed) queued = remove(slot, one) || queued;
  std::erase_if(s.sealed, [](const auto& slot) { return slot.empty(); });
  answer(s, one, queued ? fate::not_committed : fate::unknown);
  return response::done;
}

std::optional<response> destroy(state& s) {
  if (s.destroyed) return disabled;
  seal_all(s);
  for (const auto& slot : s.sealed) {
    for (const auto one : slot) answer(s, one, fate::not_committed);
  }
  s.sealed.clear();
  for (const auto& flight : s.in_flight) {
    for (const auto one : flight.requests) answer(s, one, fate::unknown);
  }
  s.stopping = s.destroyed = true;
  return response::done;
}

bool answered_up_to(const state& s, batcher::request_number last) {
  return std::all_of(s.requests.begin(), s.requests.begin() + static_cast<std::ptrdiff_t>(last),
                     [](const auto& one) { return one.is != fate::pending; });
}

bool is_in_log(const state& s, batcher::request_number one) {
  return std::find(s.log.begin(), s.log.end(), one) != s.log.end();
}

// The claims
// -----------------------------------------------------------------------------------------------------------

bool logged_once(const state& s) {
  auto log = s.log;
  std::sort(log.begin(), log.end());
  return std::adjacent_find(log.begin(), log.end()) == log.end();
}

bool answers_agree_with_the_log(const state& s) {
  for (std::size_t i = 0; i < s.requests.size(); ++i) {
    const bool logged = is_in_log(s, i + 1);
    if (s.requests[i].is == fate::committed && !logged) return false;
    if (s.requests[i].is == fate::not_committed && logged) return false;
  }
  return true;
}

bool submitters_are_in_order(const state& s) {
  for (std::size_t i = 0; i < s.log.size(); ++i) {
    for (std::size_t k = i + 1; k < s.log.size(); ++k) {
      const bool same = s.requests[s.log[i] - 1].submitter == s.requests[s.log[k] - 1].submitter;
      if (same && s.log[i] > s.log[k]) return false;
    }
  }
  return true;
}

/// Everything unanswered is somewhere, once.
bool nothing_is_dropped(const state& s) {
  std::vector<batcher::request_number> held;
  for (const auto& one : s.in_flight) held.insert(held.end(), one.requests.begin(), one.requests.end());
  for (const auto& slot : s.open) held.insert(held.end(), slot.begin(), slot.end());
  for (const auto& slot : s.sealed) held.insert(held.end(), slot.begin(), slot.end());
  std::sort(held.begin(), held.end());
  if (std::adjacent_find(held.begin(), held.end()) != held.end()) return false;
  for (std::size_t i = 0; i < s.requests.size(); ++i) {
    const bool found = std::binary_search(held.begin(), held.end(), i + 1);
    if (s.requests[i].is == fate::pending && !found) return false;
  }
  return true;
}

bool slots_are_bounded(const state& s, std::uint64_t most) {
  const auto small = [&](const batcher::slot& one) { return one.size() <= most; };
  return std::all_of(s.open.begin(), s.open.end(), small) && std::all_of(s.sealed.begin(), s.sealed.end(), small) &&
         std::all_of(s.in_flight.begin(), s.in_flight.end(), [&](const auto& one) { return small(one.requests); });
}

/// Whoever is answered its result, everybody before it in the log has been answered.
bool answers_come_in_order(const state& s) {
  const auto is = [&](batcher::request_number one) { return s.requests[one - 1].is; };
  const auto last = std::find_if(s.log.rbegin(), s.log.rend(), [&](auto one) { return is(one) == fate::committed; });
  // Those of one commit are answered together.
  return std::none_of(last, s.log.rend(), [&](auto one) { return is(one) == fate::pending; });
}

bool an_answer_stays(const state& before, const state& after) {
  for (std::size_t i = 0; i < before.requests.size(); ++i) {
    if (before.requests[i].is != fate::pending && after.requests[i].is != before.requests[i].is) return false;
  }
  return true;
}

bool a_barrier_covers_what_was_before(const state& before, const batcher::command& c) {
  return c.what != event::flush_answers || answered_up_to(before, *before.barrier);
}

/// The commit of what a flush sent never holds what came after it.
bool later_writes_do_not_prolong(const state& s) {
  if (!s.barrier) return true;
  for (const auto& slot : s.sealed) {
    const auto [first, last] = std::minmax_element(slot.begin(), slot.end());
    if (*first <= *s.barrier && *last > *s.barrier) return false;
  }
  return true;
}

}  // namespace

state window_batcher::initial() const {
  state s;
  s.open.resize(bounds.kinds);
  s.due.resize(bounds.kinds, 0);
  return s;
}

std::optional<response> window_batcher::carry_out(state& s, const command& what) const {
  switch (what.what) {
    case event::submit:
      return submit(s, what, bounds);
    case event::timer:
      if (s.open[what.a].empty() || s.due[what.a] != 0) return disabled;
      s.due[what.a] = 1;
      return response::done;
    case event::take:
      return take(s, bounds.commits);
    case event::done:
      return finish(s, what.a, fate::committed, true);
    case event::fails:
      return finish(s, what.a, fate::not_committed, false);
    case event::is_lost:
      return finish(s, what.a, fate::unknown, what.b != 0);
    case event::deadline:
      return expire(s, what.a);
    case event::flush:
      if (s.barrier || s.stopping) return disabled;
      seal_all(s);
      s.barrier = s.requests.size();
      return response::done;
    case event::flush_answers:
      if (!s.barrier || !answered_up_to(s, *s.barrier)) return disabled;
      s.barrier.reset();
      return response::done;
    case event::stop:
      if (s.stopping) return disabled;
      seal_all(s);
      s.stopping = true;
      return response::done;
    case event::destroy:
      return destroy(s);
  }
  return disabled;
}

std::vector<window_batcher::command> window_batcher::commands_in(const state& s) const {
  std::vector<command> all;
  for (std::uint64_t submitter = 0; submitter < bounds.submitters; ++submitter) {
    for (std::uint64_t kind = 0; kind < bounds.kinds; ++kind) all.push_back({event::submit, submitter, kind});
  }
  for (std::uint64_t kind = 0; kind < bounds.kinds; ++kind) all.push_back({event::timer, kind, 0});
  for (const auto what : {event::take, event::flush, event::flush_answers, event::stop, event::destroy}) {
    all.push_back({what, 0, 0});
  }
  for (std::uint64_t commit = 0; commit < s.in_flight.size(); ++commit) {
    all.push_back({event::done, commit, 0});
    all.push_back({event::fails, commit, 0});
    all.push_back({event::is_lost, commit, 0});
    all.push_back({event::is_lost, commit, 1});
  }
  for (std::uint64_t one = 1; one <= s.requests.size(); ++one) all.push_back({event::deadline, one, 0});
  return all;
}

std::string describe(const window_batcher::command& c) {
  const char* words[] = {"submits to",          "timer of kind",
                         "the next batch goes", "done is commit",
                         "failed is commit",    "lost is the outcome of commit",
                         "deadline of request", "flush",
                         "the flush answers",   "stop",
                         "destruction"};
  const std::string text = words[static_cast<std::size_t>(c.what)];
  if (c.what == event::submit) return "task " + std::to_string(c.a) + " " + text + " kind " + std::to_string(c.b);
  const bool numbered = c.what == event::timer || c.what == event::deadline || c.what == event::done ||
                        c.what == event::fails || c.what == event::is_lost;
  return numbered ? text + " " + std::to_string(c.a) : text;
}

std::string describe(const window_batcher::response& said) {
  const char* words[] = {"done", "accepted", "overloaded", "shutting down"};
  return words[static_cast<std::size_t>(said)];
}

std::string describe(const window_batcher::state& s) {
  const auto list = [](const batcher::slot& some) {
    std::string text = "[";
    for (const auto one : some) text += (text.size() == 1 ? "" : " ") + std::to_string(one);
    return text + "]";
  };
  std::string text = "open";
  for (const auto& one : s.open) text += " " + list(one);
  text += ", sealed";
  for (const auto& one : s.sealed) text += " " + list(one);
  text += ", in flight";
  for (const auto& one : s.in_flight) text += " " + list(one.requests) + (one.ended_as == fate::pending ? "" : "!");
  return text + ", log " + list(s.log);
}

properties_of<window_batcher> window_batcher_properties(const window_batcher_bounds& bounds) {
  using command = batcher::command;
  properties_of<window_batcher> all;
  all.invariants = {
      {"B2: a write is in the log once at most", logged_once},
      {"B2: answers agree with the log", answers_agree_with_the_log},
      {"B3: a submitter's writes are committed in its order", submitters_are_in_order},
      {"B1: an unanswered request is in exactly one slot", nothing_is_dropped},
      {"B6: slots are bounded", [most = bounds.max_items](const state& s) { return slots_are_bounded(s, most); }},
      {"B6: commits in flight are bounded",
       [most = bounds.commits](const state& s) { return s.in_flight.size() <= most; }},
      {"answers come in the order of the commits", answers_come_in_order},
      {"B5: later writes do not share a slot with what a flush waits for", later_writes_do_not_prolong},
      {"B7: after the destruction nothing is pending",
       [](const state& s) { return !s.destroyed || answered_up_to(s, s.requests.size()); }},
  };
  all.step_invariants = {
      {"B1: an answer stays",
       [](const state& b, const command&, const response&, const state& a) { return an_answer_stays(b, a); }},
      {"B5: a flush covers what was accepted before it",
       [](const state& b, const command& c, const response&, const state&) {
         return a_barrier_covers_what_was_before(b, c);
       }},
  };
  all.reachable = {{"two requests share a commit",
                    [](const state& s) { return !s.in_flight.empty() && s.in_flight.back().requests.size() >= 2; }},
                   {"a slot waits behind a commit of its kind",
                    [](const state& s) { return !s.in_flight.empty() && !s.open[s.in_flight.front().kind].empty(); }},
                   {"a deadline came in flight and the write is in the log", [](const state& s) {
                      for (const auto one : s.log) {
                        if (s.requests[one - 1].is == fate::unknown) return true;
                      }
                      return false;
                    }}};
  all.reachable_steps = {
      {"a flush answers while later writes wait",
       [](const state& b, const command& c, const response&, const state&) {
         return c.what == event::flush_answers && !answered_up_to(b, b.requests.size());
       }},
  };
  if (bounds.requests > bounds.commits + bounds.max_items) {
    all.reachable_steps.push_back(
        {"a write is refused for want of room",
         [](const state&, const command&, const response& r, const state&) { return r == response::overloaded; }});
  }
  if (bounds.commits > 1) {
    all.reachable.push_back({"a commit has ended and waits for the one before it", [](const state& s) {
                               return !s.in_flight.empty() && s.in_flight.back().ended_as != fate::pending;
                             }});
  }
  // A timer comes, a batch that is ready goes, a commit ends, a flush is answered: of themselves. Nothing may be left.
  all.may_rest = [](const state& s) { return answered_up_to(s, s.requests.size()) && !s.barrier; };
  all.certain = [](const state&, const command& c) {
    return c.what == event::timer || c.what == event::take || c.what == event::done || c.what == event::flush_answers;
  };
  return all;
}

}  // namespace wavetank::model
