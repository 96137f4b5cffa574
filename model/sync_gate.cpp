#include <wavetank/model/sync_gate.h>

#include <algorithm>

namespace wavetank::model {
namespace {

using gate = sync_gate;
using step_kind = gate::step_kind;

bool paused(const gate::state& s) {
  return std::any_of(s.pausers.begin(), s.pausers.end(),
                     [](auto one) { return one == gate::pauser::waiting || one == gate::pauser::drained; });
}
bool admissions(const gate::state& s) {
  return std::any_of(s.writers.begin(), s.writers.end(),
                     [](auto one) { return one == gate::writer::published || one == gate::writer::inside; });
}

bool move_writer(gate::writer& is, gate::writer from, gate::writer to) {
  if (is != from) return false;
  is = to;
  return true;
}

bool look(gate::state& s, gate::writer& is, gate::response& said) {
  if (is != gate::writer::published) return false;
  const bool back = paused(s);
  said = back ? gate::response::sent_back : gate::response::admitted;
  is = back ? gate::writer::outside : gate::writer::inside;
  return true;
}

bool look_for_writers(const gate::state& s, gate::pauser& is, gate::response& said) {
  if (is != gate::pauser::waiting || admissions(s)) return false;
  said = gate::response::drained;
  is = gate::pauser::drained;
  return true;
}

bool drained(const gate::state& s) {
  return std::any_of(s.pausers.begin(), s.pausers.end(), [](auto one) { return one == gate::pauser::drained; });
}
bool somebody_is_inside(const gate::state& s) {
  return std::any_of(s.writers.begin(), s.writers.end(), [](auto one) { return one == gate::writer::inside; });
}

}  // namespace

gate::state sync_gate::initial() const {
  return {std::vector<writer>(bounds.writers, writer::outside), std::vector<pauser>(bounds.pausers, pauser::idle)};
}

bool sync_gate::may_die(const state& s) const {
  const auto dead = std::count(s.writers.begin(), s.writers.end(), writer::dead) +
                    std::count(s.pausers.begin(), s.pausers.end(), pauser::dead);
  return static_cast<std::uint64_t>(dead) < bounds.deaths;
}

bool sync_gate::carry_out(state& s, const command& what, response& said) {
  switch (what.what) {
    case step_kind::publish:  // it cannot know whether a pause comes at this moment
      return move_writer(s.writers[what.who], writer::outside, writer::published);
    case step_kind::look:
      return look(s, s.writers[what.who], said);
    case step_kind::leave:
      return move_writer(s.writers[what.who], writer::inside, writer::outside);
    case step_kind::writer_dies:
      if (s.writers[what.who] == writer::dead) return false;
      s.writers[what.who] = writer::dead;
      return true;
    case step_kind::pause:
      if (s.pausers[what.who] != pauser::idle) return false;
      s.pausers[what.who] = pauser::waiting;
      return true;
    case step_kind::look_for_writers:
      return look_for_writers(s, s.pausers[what.who], said);
    case step_kind::resume:
      if (s.pausers[what.who] != pauser::waiting && s.pausers[what.who] != pauser::drained) return false;
      s.pausers[what.who] = pauser::idle;
      return true;
    case step_kind::pauser_dies:
      if (s.pausers[what.who] == pauser::dead) return false;
      s.pausers[what.who] = pauser::dead;
      return true;
  }
  return false;
}

std::string describe(const sync_gate::command& what) {
  const char* words[] = {"publishes", "looks for pauses",  "leaves",  "dies (writer)",
                         "pauses",    "looks for writers", "resumes", "dies (pauser)"};
  return "#" + std::to_string(what.who) + " " + words[static_cast<std::size_t>(what.what)];
}

std::string describe(const sync_gate::response& said) {
  const char* words[] = {"done", "admitted", "sent back", "drained"};
  return words[static_cast<std::size_t>(said)];
}

std::string describe(const sync_gate::state& s) {
  std::string text = "writers ";
  for (const auto one : s.writers) text += "-pI+"[static_cast<std::size_t>(one)];
  text += ", pausers ";
  for (const auto one : s.pausers) text += "-wD+"[static_cast<std::size_t>(one)];
  return text;
}

properties_of<sync_gate> sync_gate_properties() {
  properties_of<sync_gate> all;
  all.invariants = {{"nobody is inside under a drained pause",
                     [](const gate::state& s) { return !drained(s) || !somebody_is_inside(s); }}};
  all.reachable = {
      {"two writers inside",
       [](const gate::state& s) { return std::count(s.writers.begin(), s.writers.end(), gate::writer::inside) >= 2; }},
      {"drained under two pauses",
       [](const gate::state& s) { return std::count(s.pausers.begin(), s.pausers.end(), gate::pauser::drained) >= 2; }},
      {"a writer was overtaken by a pause between its two steps", [](const gate::state& s) {
         return paused(s) && std::count(s.writers.begin(), s.writers.end(), gate::writer::published) != 0;
       }}};
  all.reachable_steps = {
      {"a writer is sent back", [](const gate::state&, const gate::command&, gate::response said, const gate::state&) {
         return said == gate::response::sent_back;
       }}};
  // Nobody has to come, but whoever has begun can end: a pause drains once the writers have left.
  all.may_rest = [](const gate::state& s) { return !admissions(s) && !paused(s); };
  all.certain = [](const gate::state&, const gate::command& c) {
    return c.what == step_kind::look || c.what == step_kind::leave || c.what == step_kind::look_for_writers ||
           c.what == step_kind::resume;
  };
  return all;
}

}  // namespace wavetank::model
