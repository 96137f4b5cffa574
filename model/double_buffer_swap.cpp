#include <wavetank/model/double_buffer_swap.h>

#include <wavetank/model/double_buffer_swap_steps.h>

namespace wavetank::model {

using machine = double_buffer_swap;
using response = machine::response;

std::vector<machine::record_number> double_buffer_swap::buffered(const state& s) {
  std::vector<record_number> all;
  for (const auto& one : s.tables) {
    for (const auto& part : one.shards) all.insert(all.end(), part.records.begin(), part.records.end());
  }
  return all;
}

bool double_buffer_swap::has_looked_at_all(const state& s) {
  return swap_steps::all_retired_shards(s, [](const auto& part) { return part.quiet || part.looked; });
}

machine::state double_buffer_swap::initial() const {
  state s;
  s.tables.resize(bounds.tables);
  for (auto& one : s.tables) one.shards.resize(bounds.shards);
  s.tables[0].is = role::current;
  s.tables[0].generation = s.generation;
  for (auto& part : s.tables[0].shards) part.quiet = part.taken = false;
  s.writers.resize(bounds.writers);
  s.flushes.resize(bounds.flushes);
  return s;
}

std::optional<response> double_buffer_swap::carry_out(state& s, const command& c) const {
  using namespace swap_steps;
  switch (c.what) {
    case event::resolve:
      return resolve(s, *this, c.a, c.b);
    case event::enter:
      return enter(s, *this, c.a);
    case event::back_out:
      return back_out(s, *this, c.a);
    case event::write:
      return write(s, *this, c.a, c.b != 0);
    case event::leave:
      return leave(s, *this, c.a);
    case event::die:
      return die(s, *this, c.a);
    case event::death_notice:
      return death_notice(s, *this, c.a);
    case event::tick:
      if (s.due || s.closing || !s.alive) return disabled;
      s.due = true;
      return response::done;
    case event::open:
      return open(s);
    case event::publish:
      return publish(s);
    case event::look:
      return look(s, *this, c.a, c.b);
    case event::take_up:
      return take_up(s);
    case event::settle_shard:
      return settle_shard(s, *this);
    case event::give:
      return give(s, *this);
    case event::succeed:
      return succeed(s);
    case event::fail:
      return fail(s, *this, callback::none);
    case event::time_out:
      return fail(s, *this, callback::ignored);
    case event::return_late:
      if (s.processor != callback::ignored) return disabled;
      s.processor = callback::none;
      --s.at_work;
      return response::done;
    case event::complete:
      return complete(s);
    case event::partition_dies:
      return partition_dies(s, *this);
    case event::restart:
      if (s.alive) return disabled;
      s.alive = true;
      return response::done;
    case event::flush:
      return flush(s, c.a);
    case event::flush_answers:
      return flush_answers(s, c.a);
    case event::flush_gives_up:
      return flush_gives_up(s, c.a);
    case event::stop:
      return stop(s, *this);
    case event::stop_answers:
      return stop_answers(s);
    case event::give_up:
      return give_up(s, *this);
    case event::return_quiet:
      return return_quiet(s, *this);
    case event::deadline:
      return deadline(s, *this);
  }
  return disabled;
}

std::vector<machine::command> double_buffer_swap::commands_in(const state& s) const {
  std::vector<command> all;
  for (std::uint64_t w = 0; w < s.writers.size(); ++w) {
    for (const auto what :
         {event::resolve, event::enter, event::back_out, event::write, event::leave, event::die, event::death_notice}) {
      all.push_back({what, w});
    }
  }
  for (const auto what :
       {event::tick, event::open, event::publish, event::take_up, event::settle_shard, event::give, event::succeed,
        event::fail, event::time_out, event::return_late, event::complete, event::partition_dies, event::restart,
        event::stop, event::stop_answers, event::give_up, event::return_quiet, event::deadline}) {
    all.push_back({what, 0});
  }
  for (std::uint64_t f = 0; f < s.flushes.size(); ++f) {
    for (const auto what : {event::flush, event::flush_answers, event::flush_gives_up}) all.push_back({what, f});
  }
  for (const auto& one : s.tables) {
    if (one.is != role::retired) continue;
    for (std::uint64_t w = 0; w < s.writers.size(); ++w) all.push_back({event::resolve, w, one.generation});
    for (std::uint64_t i = 0; i < one.shards.size(); ++i) {
      // A look that finds nothing new is no step.
      const auto& part = one.shards[i];
      const bool counts = s.swap == swap_stage::looking && !part.looked;
      if (part.registered == 0 || counts) all.push_back({event::look, one.generation, i});
    }
  }
  return all;
}

}  // namespace wavetank::model
