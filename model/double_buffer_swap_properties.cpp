// What a double-buffered partition's swap is checked for.
#include <algorithm>

#include <wavetank/model/double_buffer_swap.h>

namespace wavetank::model {
namespace {

using machine = double_buffer_swap;
using state = machine::state;
using command = machine::command;
using event = machine::event;
using response = machine::response;
using fate = machine::fate;
using role = machine::role;
using stage = machine::stage;
using swap_stage = machine::swap_stage;
using callback = machine::callback;
using claims = properties_of<machine>;

/// D1: what is accepted and not settled is in exactly one place; what is settled in none.
bool accepted_is_accounted(const state& s) {
  auto held = machine::buffered(s);
  held.insert(held.end(), s.in_flight.begin(), s.in_flight.end());
  held.insert(held.end(), s.batch.begin(), s.batch.end());
  std::sort(held.begin(), held.end());
  std::vector<machine::record_number> pending;
  for (std::size_t i = 0; i < s.records.size(); ++i) {
    if (s.records[i].is == fate::pending) pending.push_back(i + 1);
  }
  return held == pending;
}

/// What has failed once may be returned instead of being tried again.
bool fates_agree_with_the_processor(const state& s, bool at_least_once) {
  return std::all_of(s.records.begin(), s.records.end(), [&](const auto& one) {
    if (one.is == fate::returned) return one.given == 0 || at_least_once;
    return one.is == fate::pending || one.given != 0;
  });
}

/// D2, at every chunk: nothing of its writers that was accepted before is still to come.
bool writers_are_in_order(const state& before, const command& c, const state& after) {
  if (c.what != event::give) return true;
  const auto& batch = after.batch;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto writer = before.records[batch[i] - 1].writer;
    for (machine::record_number earlier = 1; earlier < batch[i]; ++earlier) {
      const auto& one = before.records[earlier - 1];
      if (one.writer != writer || one.is != fate::pending) continue;
      const auto end = batch.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::find(batch.begin(), end, earlier) == end) return false;
    }
  }
  return true;
}

/// D9: who is counted is so in the generation that it resolved, and that table is in use.
bool no_stale_writer_is_in(const state& s) {
  return std::all_of(s.writers.begin(), s.writers.end(), [&](const auto& one) {
    if (!one.holds) return true;
    const auto& at = s.tables[one.at];
    return at.generation == one.generation && (at.is == role::current || at.is == role::retired);
  });
}

/// D9: nobody is in what was found quiet, so that its records are the drainer's.
bool quiet_shards_are_empty_of_writers(const state& s, const machine& m) {
  for (std::size_t w = 0; w < s.writers.size(); ++w) {
    const auto& one = s.writers[w];
    if (one.holds && s.tables[one.at].shards[m.shard_of(w)].quiet) return false;
  }
  return std::all_of(s.tables.begin(), s.tables.end(), [](const auto& one) {
    return std::all_of(one.shards.begin(), one.shards.end(),
                       [](const auto& part) { return part.quiet || !part.taken; });
  });
}

bool registrations_are_counted(const state& s, const machine& m) {
  std::vector<std::vector<std::uint8_t>> counts(s.tables.size(), std::vector<std::uint8_t>(m.bounds.shards, 0));
  for (std::size_t w = 0; w < s.writers.size(); ++w) {
    if (s.writers[w].holds) ++counts[s.writers[w].at][m.shard_of(w)];
  }
  for (std::size_t t = 0; t < s.tables.size(); ++t) {
    for (std::size_t i = 0; i < m.bounds.shards; ++i) {
      if (s.tables[t].shards[i].registered != counts[t][i]) return false;
    }
  }
  return true;
}

bool nothing_is_left_after_stop(const state& s) {
  const bool settled =
      std::all_of(s.records.begin(), s.records.end(), [](const auto& one) { return one.is != fate::pending; });
  return !s.stopped || (settled && machine::buffered(s).empty() && s.in_flight.empty() && s.batch.empty());
}

/// D5: from the stop on nobody gets in, and once it has answered nobody is.
bool closed_is_for_good(const state& before, const command& c, const response& said, const state& after) {
  if (!before.closing) return true;
  if (before.stopped && after.records.size() != before.records.size()) return false;
  if (c.what == event::enter) return said != response::done;
  return c.what != event::resolve || c.b != 0 || said == response::closed;
}
bool nobody_is_inside_after_stop(const state& s) {
  return !s.stopped || std::none_of(s.writers.begin(), s.writers.end(), [](const auto& one) { return one.holds; });
}

/// D7: a wanted swap stays wanted until it begins, or there is nothing to swap.
bool a_noted_tick_is_kept(const state& before, const command& c, const state& after) {
  if (!before.due || after.due || after.closing) return true;
  return c.what == event::open && (after.swap == swap_stage::opened || machine::buffered(before).empty() ||
                                   std::any_of(before.tables.begin(), before.tables.end(),
                                               [](const auto& one) { return one.is == role::retired; }));
}

bool a_fate_stays(const state& before, const state& after) {
  for (std::size_t i = 0; i < before.records.size(); ++i) {
    if (before.records[i].is != fate::pending && after.records[i].is != before.records[i].is) return false;
  }
  return true;
}

std::uint64_t held(const state& s) {
  return static_cast<std::uint64_t>(
      std::count_if(s.records.begin(), s.records.end(), [](const auto& one) { return one.is == fate::pending; }));
}

bool settled(const state& s, machine::record_number last) {
  return std::all_of(s.records.begin(), s.records.begin() + static_cast<std::ptrdiff_t>(last),
                     [](const auto& one) { return one.is != fate::pending; });
}

bool a_flush_waits(const state& s) {
  return std::any_of(s.flushes.begin(), s.flushes.end(), [](const auto& one) { return one.waits; });
}

bool any_pending(const state& s, const std::vector<machine::record_number>& some) {
  return std::any_of(some.begin(), some.end(), [&](auto one) { return s.records[one - 1].is == fate::pending; });
}

/// Whoever wrote it and is outside has returned from its put.
bool covers_what_was_put(const state& s, const std::vector<machine::record_number>& covers) {
  for (machine::record_number one = 1; one <= s.records.size(); ++one) {
    const auto& each = s.records[one - 1];
    const bool covered = std::find(covers.begin(), covers.end(), one) != covers.end();
    const bool has_returned = s.writers[each.writer].is == stage::outside;
    if (each.is == fate::pending && has_returned && !covered) return false;
    if (each.is != fate::pending && covered) return false;
  }
  return true;
}

std::size_t retired_tables(const state& s) {
  return static_cast<std::size_t>(
      std::count_if(s.tables.begin(), s.tables.end(), [](const auto& one) { return one.is == role::retired; }));
}

bool any_fate(const state& s, fate is) {
  return std::any_of(s.records.begin(), s.records.end(), [&](const auto& one) { return one.is == is; });
}

// What must be possible -------------------------------------------------------------------------------------------

void add_what_writers_meet(claims& all, const double_buffer_swap_bounds& bounds) {
  all.reachable_steps.push_back({"a writer that resolved the old table is sent back",
                                 [](const state&, const command& c, const response& said, const state&) {
                                   return c.what == event::enter && said == response::sent_back;
                                 }});
  all.reachable_steps.push_back({"a writer meets its table in a later generation",
                                 [](const state& s, const command& c, const response& said, const state&) {
                                   if (c.what != event::enter || said != response::sent_back) return false;
                                   const auto& at = s.tables[s.writers[c.a].at];
                                   return at.is == role::current && at.generation != s.writers[c.a].generation;
                                 }});
  all.reachable_steps.push_back({"a writer registers after its table was published over",
                                 [](const state&, const command& c, const response& said, const state&) {
                                   return c.what == event::enter && said == response::late;
                                 }});
  all.reachable_steps.push_back({"a shard is left for a later generation",
                                 [](const state&, const command& c, const response& said, const state&) {
                                   return c.what == event::settle_shard && said == response::left;
                                 }});
  all.reachable_steps.push_back({"what came after a writer that stalls is quiet, and waits for it",
                                 [](const state&, const command& c, const response&, const state& s) {
                                   if (c.what != event::settle_shard) return false;
                                   return std::any_of(s.tables.begin(), s.tables.end(), [](const auto& one) {
                                     const auto& parts = one.shards;
                                     return one.is == role::retired &&
                                            std::any_of(parts.begin(), parts.end(), [](const auto& part) {
                                              return part.quiet && !part.taken && !part.records.empty();
                                            });
                                   });
                                 }});
  all.reachable.push_back({"two generations are still in the hands of writers",
                           [](const state& s) { return s.swap == swap_stage::none && retired_tables(s) >= 2; }});
  if (bounds.deaths == 0) return;
  all.reachable.push_back(
      {"a writer died registered and its record is delivered", [](const state& s) {
         for (std::size_t w = 0; w < s.writers.size(); ++w) {
           const auto delivered = [w](const auto& one) { return one.writer == w && one.is == fate::delivered; };
           if (s.writers[w].is == stage::buried && std::any_of(s.records.begin(), s.records.end(), delivered)) {
             return true;
           }
         }
         return false;
       }});
}

void add_what_processors_do(claims& all, const double_buffer_swap_bounds& bounds) {
  all.reachable.push_back({"a swap is wanted while a table is in flight", [](const state& s) {
                             return s.due && !s.closing && !a_flush_waits(s) && s.swap == swap_stage::handed_over &&
                                    !machine::buffered(s).empty();
                           }});
  if (bounds.failures != 0) {
    all.reachable.push_back({"the partition is stuck behind a callback", [](const state& s) {
                               return s.processor == callback::ignored && s.alive &&
                                      !(s.in_flight.empty() && s.batch.empty());
                             }});
    if (bounds.at_least_once) {
      all.reachable.push_back({"a batch that failed once is delivered", [](const state& s) {
                                 return std::any_of(s.records.begin(), s.records.end(), [](const auto& one) {
                                   return one.given == 2 && one.is == fate::delivered;
                                 });
                               }});
    } else {
      all.reachable.push_back({"of one table one chunk failed and another one is delivered", [](const state& s) {
                                 return any_fate(s, fate::failed) && any_fate(s, fate::delivered);
                               }});
    }
  }
  if (bounds.restarts == 0) return;
  all.reachable.push_back({"the partition's task is dead in the middle of a swap", [](const state& s) {
                             return !s.alive && s.swap != swap_stage::none && s.swap != swap_stage::handed_over;
                           }});
}

void add_what_bounds_do(claims& all, const double_buffer_swap_bounds& bounds) {
  if (bounds.most_held == 0) return;
  // When the last of them entered, each other writer had one put under way at most.
  all.invariants.push_back({"D6: bounds, but for puts side by side",
                            [bounds](const state& s) { return held(s) <= bounds.most_held + bounds.writers - 1; }});
  all.reachable.push_back(
      {"puts side by side exceed the bound", [most = bounds.most_held](const state& s) { return held(s) > most; }});
  all.reachable.push_back({"a put finds no room", [most = bounds.most_held](const state& s) {
                             return std::any_of(s.writers.begin(), s.writers.end(), [&](const auto& one) {
                               return one.is == stage::registered && one.beside.size() == most;
                             });
                           }});
  const auto room_comes_by = [most = bounds.most_held](event what) {
    return [most, what](const state& before, const command& c, const response&, const state& after) {
      if (c.what != what) return false;
      for (std::size_t w = 0; w < before.writers.size(); ++w) {
        const auto was = before.writers[w].beside.size();
        if (was == most && after.writers[w].beside.size() < was) return true;
      }
      return false;
    };
  };
  all.reachable_steps.push_back({"room comes for a writer that is inside", room_comes_by(event::succeed)});
  all.step_if(bounds.stops != 0, "a stop makes room for a writer that is inside", room_comes_by(event::return_quiet));
}

void add_how_calls_end(claims& all, const double_buffer_swap_bounds& bounds) {
  if (bounds.flushes != 0) {
    all.reachable_steps.push_back({"a flush answers while later records wait",
                                   [](const state& s, const command& c, const response&, const state&) {
                                     return c.what == event::flush_answers && !settled(s, s.records.size());
                                   }});
    all.reachable.push_back({"a flush waits for a shard that was left", [](const state& s) {
                               return s.swap == swap_stage::none && retired_tables(s) != 0 &&
                                      std::any_of(s.flushes.begin(), s.flushes.end(), [&](const auto& one) {
                                        return one.waits && any_pending(s, one.covers);
                                      });
                             }});
  }
  if (!bounds.stops) return;
  all.step_if(bounds.flushes != 0, "a flush hears that a stop has returned what it waits for",
              [](const state&, const command& c, const response& said, const state&) {
                return c.what == event::flush_answers && said == response::closed;
              });
  all.reachable.push_back({"a stop delivered everything",
                           [](const state& s) { return s.stopped && !s.timed_out && any_fate(s, fate::delivered); }});
  all.reachable.push_back({"a stop at its deadline returned what was left",
                           [](const state& s) { return s.stopped && s.timed_out && any_fate(s, fate::returned); }});
  all.reachable_steps.push_back({"a stop waits for a writer, and what it still writes is accepted",
                                 [](const state& before, const command& c, const response&, const state&) {
                                   return c.what == event::write && before.closing;
                                 }});
}

}  // namespace

claims double_buffer_swap_properties(const double_buffer_swap_bounds& bounds) {
  const machine m{bounds};
  claims all;
  all.invariants = {
      {"D1: what is accepted is accounted, once", accepted_is_accounted},
      {"D1: fates agree with what the processor saw",
       [again = bounds.at_least_once](const state& s) { return fates_agree_with_the_processor(s, again); }},
      {"D3: one processor at a time", [](const state& s) { return s.at_work <= 1; }},
      {"D5: after a stop nothing is buffered or in flight", nothing_is_left_after_stop},
      {"D5: after a stop nobody is inside", nobody_is_inside_after_stop},
      {"D9: no writer is in a table that was recycled", no_stale_writer_is_in},
      {"D9: no writer is in a shard that was found quiet, and nothing else is taken",
       [m](const state& s) { return quiet_shards_are_empty_of_writers(s, m); }},
      {"every registration is counted where it was made",
       [m](const state& s) { return registrations_are_counted(s, m); }},
      {"one table at most is current",
       [](const state& s) {
         return std::count_if(s.tables.begin(), s.tables.end(),
                              [](const auto& one) { return one.is == role::current; }) <= 1;
       }},
  };
  if (!bounds.at_least_once) {
    all.invariants.push_back({"D1: at most once", [](const state& s) {
                                return std::all_of(s.records.begin(), s.records.end(),
                                                   [](const auto& one) { return one.given <= 1; });
                              }});
  }
  all.step_invariants = {
      {"D2: a writer's records are given in its order",
       [](const state& b, const command& c, const response&, const state& a) { return writers_are_in_order(b, c, a); }},
      {"D4: a flush covers what was accepted before it, and nothing else",
       [](const state& b, const command& c, const response&, const state& a) {
         if (c.what == event::flush) return covers_what_was_put(a, a.flushes[c.a].covers);
         return c.what != event::flush_answers || !any_pending(b, b.flushes[c.a].covers);
       }},
      {"D5: closed is for good", closed_is_for_good},
      {"D7: a wanted swap is not forgotten",
       [](const state& b, const command& c, const response&, const state& a) { return a_noted_tick_is_kept(b, c, a); }},
      {"D1: a fate stays",
       [](const state& b, const command&, const response&, const state& a) { return a_fate_stays(b, a); }},
  };
  add_what_writers_meet(all, bounds);
  add_what_processors_do(all, bounds);
  add_what_bounds_do(all, bounds);
  add_how_calls_end(all, bounds);
  // Nobody need call; nobody need die, throw or stop. All else comes of itself, and in the end nothing is left.
  all.may_rest = [](const state& s) {
    const bool outside = std::none_of(s.writers.begin(), s.writers.end(), [](const auto& one) {
      return one.holds || one.is == stage::resolved || one.is == stage::dead;
    });
    return outside && settled(s, s.records.size()) && s.processor == callback::none && !a_flush_waits(s) &&
           s.closing == s.stopped;
  };
  all.certain = [](const state& s, const command& c) {
    switch (c.what) {
      case event::resolve:
      case event::die:
      case event::fail:
      case event::time_out:
      case event::partition_dies:
      case event::flush:
      case event::flush_gives_up:
      case event::stop:
      case event::give_up:
      case event::return_quiet:
        return false;
      case event::deadline:
        return s.timed_out;
      default:
        return true;
    }
  };
  return all;
}

}  // namespace wavetank::model
