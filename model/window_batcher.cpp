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

/// The kind has no open slot any more.
void close(state& s, std::uint64_t kind) {
  s.open[kind].clear();
  s.opened[kind] = 0;
  std::erase(s.due, kind);
  std::replace(s.latest.begin(), s.latest.end(), kind + 1, std::uint64_t{0});
}

void seal(state& s, std::uint64_t kind) {
  if (s.open[kind].empty()) return;
  s.sealed.push_back(std::move(s.open[kind]));
  close(s, kind);
}

/// In the order in which the slots were opened.
void seal_all(state& s) {
  std::vector<std::uint64_t> kinds;
  for (std::uint64_t kind = 0; kind < s.open.size(); ++kind) {
    if (!s.open[kind].empty()) kinds.push_back(kind);
  }
  std::sort(kinds.begin(), kinds.end(), [&](std::uint64_t a, std::uint64_t b) { return s.opened[a] < s.opened[b]; });
  for (const auto kind : kinds) seal(s, kind);
}

void make_due(state& s, std::uint64_t kind) {
  if (std::find(s.due.begin(), s.due.end(), kind) == s.due.end()) s.due.push_back(kind);
}

batcher::load operator+(const batcher::load& a, const batcher::load& b) {
  return {a.items + b.items, a.bytes + b.bytes, a.work + b.work};
}
constexpr batcher::load nothing{0, 0, 0};

bool exceeds(std::uint64_t amount, std::uint64_t bound) { return bound != 0 && amount > bound; }

/// A slot of it waits for nothing.
bool is_full(const batcher::load& all, const window_batcher_bounds& bounds) {
  const auto reaches = [](std::uint64_t amount, std::uint64_t bound) { return bound != 0 && amount >= bound; };
  return reaches(all.items, bounds.max_items) || reaches(all.bytes, bounds.max_bytes) ||
         reaches(all.work, bounds.max_work);
}

bool has_room(const state& s, const batcher::load& more, const window_batcher_bounds& bounds) {
  const batcher::load all = batcher::pending_load(s) + more;
  return !exceeds(all.items, bounds.max_pending_items) && !exceeds(all.bytes, bounds.max_pending_bytes);
}

/// Light ones and, for each bound of a slot, one that fills it and one that breaks it.
std::vector<batcher::load> loads(const window_batcher_bounds& bounds) {
  std::vector<batcher::load> all{{1, 1, 1}};
  for (const std::uint64_t more : {0U, 1U}) {
    if (bounds.max_bytes != 0) all.push_back({1, bounds.max_bytes + more, 1});
    if (bounds.max_work != 0) all.push_back({1, 1, bounds.max_work + more});
  }
  return all;
}

bool is_in_flight(const state& s, batcher::request_number one) {
  return std::any_of(s.in_flight.begin(), s.in_flight.end(), [&](const auto& flight) {
    return std::find(flight.requests.begin(), flight.requests.end(), one) != flight.requests.end();
  });
}
/// What it wrote before goes before what it writes to another kind.
void send_latest(state& s, std::uint64_t submitter) {
  if (s.latest[submitter] != 0 && batcher::has_unsettled(s, submitter)) seal(s, s.latest[submitter] - 1);
}

std::optional<response> submit(state& s, const batcher::command& c, const batcher& m) {
  if (s.requests.size() == m.bounds.requests || s.destroyed) return disabled;
  if (s.stopping) return response::shutting_down;
  if (!m.fits_a_slot(c.weighs)) return response::too_large;
  const bool fits = m.fits_a_slot(batcher::load_of(s, s.open[c.b]) + c.weighs);
  const bool may_seal = s.in_flight.size() + s.sealed.size() < m.bounds.commits;
  if (!has_room(s, c.weighs, m.bounds) || (!fits && !may_seal)) return response::overloaded;
  if (s.latest[c.a] != c.b + 1) send_latest(s, c.a);
  if (!fits) seal(s, c.b);
  s.requests.push_back({c.a, c.b, c.weighs});
  if (s.open[c.b].empty()) s.opened[c.b] = s.requests.size();
  s.open[c.b].push_back(s.requests.size());
  s.latest[c.a] = c.b + 1;
  if (is_full(batcher::load_of(s, s.open[c.b]), m.bounds)) make_due(s, c.b);
  return response::accepted;
}

std::optional<response> write_directly(state& s, const batcher::command& c, const batcher& m) {
  if (s.destroyed) return disabled;
  if (s.stopping) return response::shutting_down;
  if (!m.fits_a_slot(c.weighs)) return response::too_large;
  send_latest(s, c.a);
  return response::accepted;
}

std::optional<response> take(state& s, std::uint64_t most) {
  if (s.in_flight.size() == most) return disabled;
  batcher::flight next;
  if (!s.sealed.empty()) {
    next.requests = s.sealed.front();
    s.sealed.erase(s.sealed.begin());
  } else {
    if (s.due.empty()) return disabled;
    const std::uint64_t kind = s.due.front();
    next.requests = std::move(s.open[kind]);
    close(s, kind);
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
    if (!s.open[first.kind].empty()) make_due(s, first.kind);
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
    if (!remove(s.open[kind], one)) continue;
    queued = true;
    if (s.open[kind].empty()) close(s, kind);
  }
  for (auto& slot : s.sealed) queued = remove(slot, one) || queued;
  std::erase_if(s.sealed, [](const auto& slot) { return slot.empty(); });
  answer(s, one, queued ? fate::not_committed : fate::unknown);
  return response::done;
}

void withdraw_queued(state& s) {
  seal_all(s);
  for (const auto& slot : s.sealed) {
    for (const auto one : slot) answer(s, one, fate::not_committed);
  }
  s.sealed.clear();
}

std::optional<response> destroy(state& s) {
  if (s.destroyed) return disabled;
  withdraw_queued(s);
  for (const auto& flight : s.in_flight) {
    for (const auto one : flight.requests) answer(s, one, fate::unknown);
  }
  s.stopping = s.destroyed = true;
  return response::done;
}

}  // namespace

batcher::load window_batcher::load_of(const state& s, const slot& some) {
  load all = nothing;
  for (const auto one : some) all = all + s.requests[one - 1].weighs;
  return all;
}

batcher::load window_batcher::pending_load(const state& s) {
  load all = nothing;
  for (const auto& one : s.requests) {
    if (one.is == fate::pending) all = all + one.weighs;
  }
  return all;
}

bool window_batcher::fits_a_slot(const load& all) const {
  return !exceeds(all.items, bounds.max_items) && !exceeds(all.bytes, bounds.max_bytes) &&
         !exceeds(all.work, bounds.max_work);
}

bool window_batcher::answered_up_to(const state& s, request_number last) {
  return std::all_of(s.requests.begin(), s.requests.begin() + static_cast<std::ptrdiff_t>(last),
                     [](const auto& one) { return one.is != fate::pending; });
}

bool window_batcher::settled_up_to(const state& s, request_number last) {
  return answered_up_to(s, last) && std::none_of(s.in_flight.begin(), s.in_flight.end(), [&](const auto& flight) {
           return *std::min_element(flight.requests.begin(), flight.requests.end()) <= last;
         });
}

bool window_batcher::has_unsettled(const state& s, std::uint64_t submitter) {
  for (std::size_t i = 0; i < s.requests.size(); ++i) {
    if (s.requests[i].submitter != submitter) continue;
    if (s.requests[i].is == fate::pending || is_in_flight(s, i + 1)) return true;
  }
  return false;
}

state window_batcher::initial() const {
  state s;
  s.open.resize(bounds.kinds);
  s.opened.resize(bounds.kinds, 0);
  s.latest.resize(bounds.submitters, 0);
  return s;
}

std::optional<response> window_batcher::carry_out(state& s, const command& what) const {
  switch (what.what) {
    case event::submit:
      return submit(s, what, *this);
    case event::direct:
      return write_directly(s, what, *this);
    case event::direct_commit:
      if (batcher::has_unsettled(s, what.a)) return disabled;
      return response::done;
    case event::timer:
      if (s.open[what.a].empty() || std::find(s.due.begin(), s.due.end(), what.a) != s.due.end()) return disabled;
      make_due(s, what.a);
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
      if (!s.barrier || !settled_up_to(s, *s.barrier)) return disabled;
      s.barrier.reset();
      return response::done;
    case event::flush_gives_up:
      if (!s.barrier) return disabled;
      s.barrier.reset();
      return response::done;
    case event::stop:
      if (s.stopping) return disabled;
      seal_all(s);
      s.stopping = true;
      return response::done;
    case event::stop_gives_up:
      if (!s.stopping) return disabled;
      withdraw_queued(s);
      return response::done;
    case event::destroy:
      return destroy(s);
  }
  return disabled;
}

std::vector<window_batcher::command> window_batcher::commands_in(const state& s) const {
  const std::vector<load> weights = loads(bounds);
  std::vector<command> all;
  for (std::uint64_t submitter = 0; submitter < bounds.submitters; ++submitter) {
    for (std::uint64_t kind = 0; kind < bounds.kinds; ++kind) {
      for (const load& one : weights) all.push_back({event::submit, submitter, kind, one});
    }
    all.push_back({event::direct, submitter});
    all.push_back({event::direct_commit, submitter});
  }
  for (std::uint64_t kind = 0; kind < bounds.kinds; ++kind) all.push_back({event::timer, kind});
  for (const auto what : {event::take, event::flush, event::flush_answers, event::flush_gives_up, event::stop,
                          event::stop_gives_up, event::destroy}) {
    all.push_back({what});
  }
  for (std::uint64_t commit = 0; commit < s.in_flight.size(); ++commit) {
    all.push_back({event::done, commit});
    all.push_back({event::fails, commit});
    all.push_back({event::is_lost, commit, 0});
    all.push_back({event::is_lost, commit, 1});
  }
  for (std::uint64_t one = 1; one <= s.requests.size(); ++one) all.push_back({event::deadline, one});
  return all;
}

}  // namespace wavetank::model
