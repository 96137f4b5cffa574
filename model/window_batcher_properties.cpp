// What is claimed of the window batcher's model.
#include <wavetank/model/window_batcher.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace wavetank::model {
namespace {

using batcher = window_batcher;
using state = batcher::state;
using fate = batcher::fate;
using event = batcher::event;
using response = batcher::response;

bool is_in_log(const state& s, batcher::request_number one) {
  return std::find(s.log.begin(), s.log.end(), one) != s.log.end();
}

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

bool slots_are_bounded(const state& s, const batcher& m) {
  const auto small = [&](const batcher::slot& slot) { return m.fits_a_slot(batcher::load_of(s, slot)); };
  return std::all_of(s.open.begin(), s.open.end(), small) && std::all_of(s.sealed.begin(), s.sealed.end(), small) &&
         std::all_of(s.in_flight.begin(), s.in_flight.end(), [&](const auto& one) { return small(one.requests); });
}

bool unanswered_is_bounded(const state& s, const window_batcher_bounds& bounds) {
  const batcher::load all = batcher::pending_load(s);
  return (bounds.max_pending_items == 0 || all.items <= bounds.max_pending_items) &&
         (bounds.max_pending_bytes == 0 || all.bytes <= bounds.max_pending_bytes);
}

bool reaches(std::uint64_t amount, std::uint64_t bound) { return bound != 0 && amount >= bound; }

bool full_slots_are_due(const state& s, const window_batcher_bounds& bounds) {
  for (std::uint64_t kind = 0; kind < s.open.size(); ++kind) {
    const batcher::load all = batcher::load_of(s, s.open[kind]);
    const bool full = reaches(all.items, bounds.max_items) || reaches(all.bytes, bounds.max_bytes) ||
                      reaches(all.work, bounds.max_work);
    if (full && std::find(s.due.begin(), s.due.end(), kind) == s.due.end()) return false;
  }
  return true;
}

/// Of some open slot that has room for another item.
template <class Amount>
bool some_slot_is_full_of(const state& s, const window_batcher_bounds& bounds, Amount amount, std::uint64_t bound) {
  return std::any_of(s.open.begin(), s.open.end(), [&](const auto& slot) {
    const batcher::load all = batcher::load_of(s, slot);
    return all.items < bounds.max_items && all.*amount == bound;
  });
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
  return c.what != event::flush_answers || batcher::settled_up_to(before, *before.barrier);
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

properties_of<window_batcher> window_batcher_properties(const window_batcher_bounds& bounds) {
  using command = batcher::command;
  properties_of<window_batcher> all;
  all.invariants = {
      {"B2: a write is in the log once at most", logged_once},
      {"B2: answers agree with the log", answers_agree_with_the_log},
      {"B3: a submitter's writes are committed in its order", submitters_are_in_order},
      {"B1: an unanswered request is in exactly one slot", nothing_is_dropped},
      {"B6: slots are bounded", [m = batcher{bounds}](const state& s) { return slots_are_bounded(s, m); }},
      {"B6: a full slot waits for nothing", [bounds](const state& s) { return full_slots_are_due(s, bounds); }},
      {"B6: commits in flight are bounded",
       [most = bounds.commits](const state& s) { return s.in_flight.size() <= most; }},
      {"answers come in the order of the commits", answers_come_in_order},
      {"B5: later writes do not share a slot with what a flush waits for", later_writes_do_not_prolong},
      {"B7: after the destruction nothing is pending",
       [](const state& s) { return !s.destroyed || batcher::answered_up_to(s, s.requests.size()); }},
  };
  all.step_invariants = {
      {"B1: an answer stays",
       [](const state& b, const command&, const response&, const state& a) { return an_answer_stays(b, a); }},
      {"B5: a flush covers what was accepted before it",
       [](const state& b, const command& c, const response&, const state&) {
         return a_barrier_covers_what_was_before(b, c);
       }},
      {"B3: a direct write goes behind what its submitter wrote before",
       [](const state& b, const command& c, const response&, const state&) {
         return c.what != event::direct_commit || !batcher::has_unsettled(b, c.a);
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
         return c.what == event::flush_answers && !batcher::answered_up_to(b, b.requests.size());
       }},
      {"a direct write waits for what its submitter wrote before",
       [](const state& b, const command& c, const response& r, const state&) {
         return c.what == event::direct && r == response::accepted && batcher::has_unsettled(b, c.a);
       }},
  };
  const bool is_unanswered_bounded = bounds.max_pending_items != 0 || bounds.max_pending_bytes != 0;
  if (is_unanswered_bounded) {
    all.invariants.push_back(
        {"B6: what has no answer is bounded", [bounds](const state& s) { return unanswered_is_bounded(s, bounds); }});
  }
  if (is_unanswered_bounded || bounds.requests > bounds.commits + bounds.max_items) {
    all.reachable_steps.push_back(
        {"a write is refused for want of room",
         [](const state&, const command&, const response& r, const state&) { return r == response::overloaded; }});
  }
  if (bounds.max_bytes != 0) {
    all.reachable.push_back({"a slot is full of bytes", [bounds](const state& s) {
                               return some_slot_is_full_of(s, bounds, &batcher::load::bytes, bounds.max_bytes);
                             }});
  }
  if (bounds.max_work != 0) {
    all.reachable.push_back({"a slot is full of work", [bounds](const state& s) {
                               return some_slot_is_full_of(s, bounds, &batcher::load::work, bounds.max_work);
                             }});
  }
  if (bounds.max_bytes != 0 || bounds.max_work != 0) {
    all.reachable_steps.push_back({"a write is too large", [](const state&, const command&, const response& r,
                                                              const state&) { return r == response::too_large; }});
  }
  if (bounds.commits > 1) {
    all.reachable.push_back({"a commit has ended and waits for the one before it", [](const state& s) {
                               return !s.in_flight.empty() && s.in_flight.back().ended_as != fate::pending;
                             }});
  }
  // A timer comes, a batch that is ready goes, a commit ends, a flush is answered: of themselves. Nothing may be left.
  all.may_rest = [](const state& s) { return batcher::answered_up_to(s, s.requests.size()) && !s.barrier; };
  all.certain = [](const state&, const command& c) {
    return c.what == event::timer || c.what == event::take || c.what == event::done || c.what == event::flush_answers;
  };
  return all;
}

}  // namespace wavetank::model
