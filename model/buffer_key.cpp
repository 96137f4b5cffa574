#include <wavetank/model/buffer_key.h>

namespace wavetank::model {
namespace {

using state = buffer_key::state;
using command = buffer_key::command;
using response = buffer_key::response;
using result = buffer_key::result;
using event = buffer_key::event;
using entry = buffer_key::entry;
using outcomes = std::vector<buffer_key::outcome>;

/// Of the newest entry there is, erased or not: a plain put counts no version before it.
std::optional<std::uint64_t> version_floor(const state& s) {
  if (s.current) return s.current->version;
  if (!s.waiting.empty()) return s.waiting.back().version;
  if (s.in_flight) return s.in_flight->version;
  return s.floor;
}

/// Into the current table, or into the one after it, if that was published meanwhile and the old one waits.
outcomes put(const state& s, const command& c) {
  if (s.closing) return {{{result::closed}, s}};
  const bool newer = c.what == event::put_newer;
  const auto floor = version_floor(s);
  if (newer && floor && c.record.version <= *floor) return {{{result::stale}, s}};
  outcomes all;
  state in_place = s;
  in_place.current = entry{c.record.value, c.record.version, newer && s.current ? s.current->updates + 1 : 0};
  all.push_back({{s.current ? result::replaced : result::inserted}, std::move(in_place)});
  if (!s.current) return all;
  state beside = s;
  beside.waiting.push_back({*s.current, false});
  beside.current = entry{c.record.value, c.record.version, 0};
  all.push_back({{result::inserted}, std::move(beside)});
  return all;
}

response get(const state& s) {
  if (s.closing) return {result::miss};
  if (s.current) return {result::value, s.current->value};
  if (!s.waiting.empty()) {
    return s.waiting.back().hidden ? response{result::miss} : response{result::value, s.waiting.back().value};
  }
  if (s.in_flight && !s.in_flight->hidden) return {result::value, s.in_flight->value};
  return {result::miss};
}

/// What waits may be taken out of its table, or be hidden until that is done with: whoever erases cannot say which.
/// What is taken out counts no more.
void add_erasures(outcomes& all, const response& said, const state& s) {
  for (std::uint64_t kept = 0; kept < std::uint64_t{1} << s.waiting.size(); ++kept) {
    state after = s;
    after.waiting.clear();
    for (std::size_t i = 0; i < s.waiting.size(); ++i) {
      if ((kept >> i & 1U) != 0) after.waiting.push_back({s.waiting[i], true});
    }
    all.push_back({said, std::move(after)});
  }
}

outcomes erase(const state& s) {
  if (s.closing) return {{{result::miss}, s}};
  state gone = s;
  if (gone.in_flight) gone.in_flight->hidden = true;
  gone.current.reset();
  if (s.current) gone.waiting.push_back({*s.current, true});  // if the next table was published meanwhile
  outcomes all;
  add_erasures(all, {get(s).what == result::value ? result::erased : result::miss}, gone);
  return all;
}

void add_flight(outcomes& all, state after, const buffer_key::older& taken) {
  state removed = after;
  after.in_flight = taken;
  all.push_back({{}, std::move(after)});
  if (taken.hidden) all.push_back({{}, std::move(removed)});  // with the table that hides it
}

/// So many of those that wait, and perhaps what is current, go into flight together: the newest of them wins.
outcomes swap(const state& s) {
  if (s.in_flight) return {};
  outcomes all{{{}, s}};
  for (std::size_t taken = 1; taken <= s.waiting.size(); ++taken) {
    state after = s;
    after.waiting.erase(after.waiting.begin(), after.waiting.begin() + static_cast<std::ptrdiff_t>(taken));
    add_flight(all, after, s.waiting[taken - 1]);
  }
  if (!s.current) return all;
  state after = s;
  after.waiting.clear();
  after.current.reset();
  add_flight(all, after, {*s.current, false});
  return all;
}

outcomes give(const state& s, const command& c) {
  if (!s.in_flight || s.given || static_cast<const entry&>(*s.in_flight) != c.record) return {};
  state after = s;
  after.given = true;
  return {{{}, std::move(after)}};
}

outcomes settle(const state& s) {
  if (!s.given || s.settled) return {};
  state after = s;
  after.settled = after.delivered = true;
  return {{{}, std::move(after)}};
}

/// What becomes of the entry in flight when its call has failed.
state failed(state s, bool at_least_once) {
  (at_least_once ? s.given : s.settled) = !at_least_once;
  return s;
}

outcomes fail(const state& s, bool at_least_once) {
  if (!s.given || s.settled) return {};
  return {{{}, failed(s, at_least_once)}};
}

/// What the task had may have been another key, or nothing that anybody saw.
outcomes die(const state& s, bool at_least_once) {
  outcomes all{{{}, s}};
  if (!s.in_flight || s.settled) return all;
  all.push_back({{}, failed(s, at_least_once)});
  if (!s.given) return all;
  state delivered = s;
  delivered.settled = delivered.delivered = true;
  all.push_back({{}, std::move(delivered)});
  return all;
}

/// As if it had never been put: what is older is seen again.
outcomes drop(const state& s) {
  outcomes all{{{}, s}};
  if (s.current) {
    state after = s;
    after.current.reset();
    all.push_back({{}, std::move(after)});
  }
  for (std::size_t i = 0; i < s.waiting.size(); ++i) {
    state after = s;
    after.waiting.erase(after.waiting.begin() + static_cast<std::ptrdiff_t>(i));
    all.push_back({{}, std::move(after)});
  }
  return all;
}

/// The table is done with: what was in it is seen no more.
outcomes complete(const state& s, bool keeps_floors) {
  if (s.in_flight && !s.settled) return {};
  state after = s;
  if (keeps_floors && s.delivered) after.floor = s.in_flight->version;
  after.in_flight.reset();
  after.given = after.settled = after.delivered = false;
  return {{{}, std::move(after)}};
}

std::string text_of(const entry& one) {
  return std::to_string(one.value) + "@" + std::to_string(one.version) + "+" + std::to_string(one.updates);
}

}  // namespace

std::vector<buffer_key::outcome> buffer_key::outcomes(const state& before, const command& c) const {
  switch (c.what) {
    case event::put:
    case event::put_newer:
      return put(before, c);
    case event::get:
      return {{get(before), before}};
    case event::erase:
      return erase(before);
    case event::swap:
      return swap(before);
    case event::give:
      return give(before, c);
    case event::settle:
      return settle(before);
    case event::fail:
      return fail(before, at_least_once);
    case event::die:
      return die(before, at_least_once);
    case event::complete:
      return complete(before, keeps_floors);
    case event::drop:
      return drop(before);
    case event::stop:
      break;
  }
  state after = before;
  after.closing = true;
  return {{{}, std::move(after)}};
}

std::string buffer_key::describe(const state& s) const {
  std::string text = s.current ? "current " + text_of(*s.current) : "nothing current";
  for (const auto& one : s.waiting) text += ", waits " + text_of(one) + (one.hidden ? " erased" : "");
  if (s.in_flight) text += ", in flight " + text_of(*s.in_flight) + (s.in_flight->hidden ? " erased" : "");
  return s.closing ? text + ", closing" : text;
}

std::string buffer_key::describe(const command& c) const {
  const char* words[] = {"put",
                         "put newer",
                         "get",
                         "erase",
                         "swap",
                         "deliver",
                         "delivery completed",
                         "delivery fails",
                         "task died",
                         "table done",
                         "an entry is dropped",
                         "the stop began"};
  std::string text = std::string(words[static_cast<std::size_t>(c.what)]) + " k" + std::to_string(c.key);
  const bool has_record = c.what == event::put || c.what == event::put_newer || c.what == event::give;
  return has_record ? text + " = " + text_of(c.record) : text;
}

std::string buffer_key::describe(const response& said) const {
  const char* words[] = {"done", "inserted", "replaced", "stale", "value", "miss", "erased", "closed"};
  std::string text = words[static_cast<std::size_t>(said.what)];
  return said.what == result::value ? text + " " + std::to_string(said.value) : text;
}

}  // namespace wavetank::model
