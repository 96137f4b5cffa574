#include <wavetank/model/directory_scan.h>

#include <algorithm>
#include <iterator>

namespace wavetank::model {
namespace {

using scan = directory_scan;
using state = scan::state;
using name = scan::name;
using place = scan::place;
using content = scan::content;
using life = scan::life;
using stage = scan::stage;
using result = scan::result;
using said = std::optional<scan::response>;

constexpr std::nullopt_t disabled = std::nullopt;

/// Of commands that may fail, the way in which they do.
constexpr std::size_t fails = 1;

said answer_with(result what) { return scan::response{what, {}}; }

// Names -----------------------------------------------------------------------------------------------------------

void change_names(scan::names& to, const scan::operation& one) {
  for (const auto& part : one) {
    if (part.becomes == content::nothing) {
      to.erase(part.of);
    } else {
      to.put(part.of, part.becomes);
    }
  }
}

/// What is in a folder goes with its name.
void drop_what_nothing_leads_to(scan::names& all) {
  if (all.contains(scan::the_quarantine)) return;
  all.erase_if([](const name& one, content) { return one.in == place::quarantined; });
}

bool share_a_name(const scan::operation& a, const scan::operation& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& one) {
    return std::any_of(b.begin(), b.end(), [&](const auto& other) { return one.of == other.of; });
  });
}

/// Behind what changes the same names; among the others in an order of its own, so that equal situations are equal
/// states.
void enqueue(state& s, const scan::operation& one) {
  auto at = s.pending.end();
  while (at != s.pending.begin() && !share_a_name(*std::prev(at), one) && one.front().of < std::prev(at)->front().of) {
    --at;
  }
  s.pending.insert(at, one);
}

bool is_pending(const state& s, const name& which) {
  return std::any_of(s.pending.begin(), s.pending.end(), [&](const auto& one) {
    return std::any_of(one.begin(), one.end(), [&](const auto& part) { return part.of == which; });
  });
}

content shown_at(const state& s, const name& which) {
  content seen = content::nothing;
  if (const auto* there = s.durable.find(which)) seen = *there;
  for (const auto& one : s.pending) {
    for (const auto& part : one) {
      if (part.of == which) seen = part.becomes;
    }
  }
  return seen;
}

/// The bytes behind a name change, whatever becomes of the name.
void set_content(state& s, const name& which, content what) {
  if (auto* there = s.durable.find(which)) *there = what;
  for (auto& one : s.pending) {
    for (auto& part : one) {
      if (part.of == which && part.becomes != content::nothing) part.becomes = what;
    }
  }
}

// Processes -------------------------------------------------------------------------------------------------------

bool is_locked(const state& s) {
  return std::any_of(s.lives.begin(), s.lives.end(), [](const auto& entry) { return entry.second.locked; });
}

/// The process, if it may change names now.
life* holder(state& s, scan::process_number who) {
  auto* one = s.lives.find(who);
  return one != nullptr && one->locked ? one : nullptr;
}

life* server(state& s, scan::process_number who) {
  auto* one = holder(s, who);
  return one != nullptr && one->is == stage::serving ? one : nullptr;
}

void end(state& s, scan::process_number who) {
  s.lives.erase(who);
  s.owners.erase_if([&](const name&, scan::process_number owner) { return owner == who; });
}

/// It stays where it is, and no row comes of it.
void leave(life& by, const name& what) {
  by.ahead.erase(what);
  by.left.put(what, {});
}

void leave_damaged(life& by, key_number key) {
  by.bad.erase(key);
  leave(by, scan::final_name_of(key));
}

// A start ---------------------------------------------------------------------------------------------------------

/// Ways: with the lock; with it where no name can be made durable; without it.
said carry(state& s, const scan::start& c, std::size_t way) {
  if (s.lives.contains(c.by)) return disabled;
  life fresh;
  fresh.locked = way < 2;
  fresh.trusted = way == 0;
  if (fresh.locked && is_locked(s)) return way == 0 ? answer_with(result::refused) : disabled;
  s.lives.put(c.by, fresh);
  return answer_with(fresh.locked ? result::locked : result::unlocked);
}

said carry(state& s, const scan::list& c, std::size_t way) {
  auto* by = s.lives.find(c.by);
  if (by == nullptr || by->is != stage::opening) return disabled;
  if (way == fails) {
    end(s, c.by);
    return answer_with(result::failed);
  }
  by->is = stage::scanning;
  scan::response all{result::listed, {}};
  for (const auto& entry : scan::shown(s)) {
    const name& one = entry.first;
    if (one.in != place::final_name && one.in != place::temporary) continue;
    all.names.push_back(one);
    if (by->locked || one.in == place::final_name) by->ahead.put(one, {});
  }
  return all;
}

said carry(state& s, const scan::look& c, std::size_t way) {
  auto* by = s.lives.find(c.by);
  const name file = scan::final_name_of(c.key);
  if (by == nullptr || !by->ahead.contains(file) || by->bad.contains(c.key)) return disabled;
  const content seen = shown_at(s, file);
  if (way == fails || seen == content::nothing) {
    leave(*by, file);
    return answer_with(result::unreadable);
  }
  if (seen == content::whole) {
    by->ahead.erase(file);
    by->found.put(c.key, {});
    return answer_with(result::whole);
  }
  by->bad.put(c.key, {});
  if (!by->locked) leave_damaged(*by, c.key);
  return answer_with(result::damaged);
}

said carry(state& s, const scan::make_quarantine& c, std::size_t way) {
  auto* by = holder(s, c.by);
  if (by == nullptr || !by->bad.contains(c.key)) return disabled;
  if (way == fails || !by->trusted) leave_damaged(*by, c.key);
  if (way == fails) return answer_with(result::failed);
  if (shown_at(s, scan::the_quarantine) != content::nothing) return answer_with(result::exists);
  enqueue(s, {{scan::the_quarantine, content::whole}});
  return answer_with(result::made);
}

said carry(state& s, const scan::set_aside& c, std::size_t way) {
  auto* by = holder(s, c.by);
  if (by == nullptr || !by->bad.contains(c.key)) return disabled;
  if (!scan::is_durable(s, scan::the_quarantine, content::whole)) return disabled;
  const name to{place::quarantined, c.key, c.number};
  if (way == fails) {
    leave_damaged(*by, c.key);
    return answer_with(result::failed);
  }
  if (shown_at(s, to) != content::nothing) return answer_with(result::exists);
  const name from = scan::final_name_of(c.key);
  enqueue(s, {{from, content::nothing}, {to, content::damaged}});
  by->bad.erase(c.key);
  by->ahead.erase(from);
  return answer_with(result::moved);
}

said carry(state& s, const scan::remove& c, std::size_t way) {
  auto* by = holder(s, c.by);
  if (by == nullptr || c.what.in != place::temporary) return disabled;
  const auto* owner = s.owners.find(c.what);
  const bool ours = owner != nullptr ? *owner == c.by : by->ahead.contains(c.what) || by->left.contains(c.what);
  if (!ours) return disabled;
  if (way == fails) {
    leave(*by, c.what);
    return answer_with(result::failed);
  }
  const bool there = shown_at(s, c.what) != content::nothing;
  if (there) enqueue(s, {{c.what, content::nothing}});
  by->ahead.erase(c.what);
  by->left.erase(c.what);
  s.owners.erase(c.what);
  return answer_with(there ? result::removed : result::gone);
}

said carry(state& s, const scan::sync& c, std::size_t way) {
  auto* by = holder(s, c.by);
  if (by == nullptr || !by->trusted) return disabled;
  if (way == fails) {
    by->trusted = false;
    const auto bad = by->bad;
    for (const auto& entry : bad) leave_damaged(*by, entry.first);
    return answer_with(result::failed);
  }
  s.durable = scan::shown(s);
  s.pending.clear();
  return answer_with(result::synced);
}

said carry(state& s, const scan::adopt& c, std::size_t) {
  auto* by = s.lives.find(c.by);
  if (by == nullptr || by->is != stage::scanning || !by->ahead.empty() || !by->found.contains(c.key)) return disabled;
  if (by->trusted && !scan::is_durable(s, scan::final_name_of(c.key), content::whole)) return disabled;
  by->found.erase(c.key);
  by->rows.put(c.key, {});
  return answer_with(result::row);
}

/// A file was set aside, and a loss of power might bring it back.
bool sets_aside(const state& s) {
  return std::any_of(s.pending.begin(), s.pending.end(), [](const auto& one) {
    return std::any_of(one.begin(), one.end(), [](const auto& part) { return part.of.in == place::quarantined; });
  });
}

/// A file that was set aside must not come back under the name of one that is saved later.
said carry(state& s, const scan::serve& c, std::size_t) {
  auto* by = s.lives.find(c.by);
  if (by == nullptr || by->is != stage::scanning || !by->ahead.empty() || !by->found.empty()) return disabled;
  if (by->trusted && sets_aside(s)) return disabled;
  by->is = stage::serving;
  return answer_with(result::serving);
}

// Saves -----------------------------------------------------------------------------------------------------------

/// While it opens, a process tries how files can be published. Without trust no save begins.
said carry(state& s, const scan::create& c, std::size_t way) {
  auto* by = holder(s, c.by);
  if (by == nullptr || by->is == stage::scanning || c.what.in != place::temporary) return disabled;
  if (by->is == stage::serving && !by->trusted) return disabled;
  if (shown_at(s, c.what) != content::nothing) return disabled;
  if (way == fails) return answer_with(result::failed);
  enqueue(s, {{c.what, content::unfinished}});
  s.owners.put(c.what, c.by);
  return answer_with(result::made);
}

bool is_own(const state& s, scan::process_number who, const name& file) {
  const auto* owner = s.owners.find(file);
  return owner != nullptr && *owner == who;
}

said carry(state& s, const scan::finish& c, std::size_t way) {
  if (holder(s, c.by) == nullptr || !is_own(s, c.by, c.what)) return disabled;
  if (way == fails) return answer_with(result::failed);
  set_content(s, c.what, content::whole);
  return answer_with(result::synced);
}

said carry(state& s, const scan::link& c, std::size_t way) {
  if (server(s, c.by) == nullptr || !is_own(s, c.by, c.from)) return disabled;
  if (shown_at(s, c.from) != content::whole) return disabled;
  if (way == fails) return answer_with(result::failed);
  const name to = scan::final_name_of(c.from.key);
  if (shown_at(s, to) != content::nothing) return answer_with(result::exists);
  scan::operation made{{to, content::whole}};
  if (c.moves) {
    made.push_back({c.from, content::nothing});
    s.owners.erase(c.from);
  }
  enqueue(s, made);
  return answer_with(result::linked);
}

said carry(state& s, const scan::acknowledge& c, std::size_t) {
  auto* by = server(s, c.by);
  if (by == nullptr || !by->trusted || !scan::is_durable(s, scan::final_name_of(c.key), content::whole)) {
    return disabled;
  }
  by->rows.put(c.key, {});
  return answer_with(result::acknowledged);
}

said carry(state& s, const scan::evict& c, std::size_t way) {
  auto* by = server(s, c.by);
  if (by == nullptr) return disabled;
  by->rows.erase(c.key);
  if (way == fails) return answer_with(result::failed);
  const name file = scan::final_name_of(c.key);
  if (shown_at(s, file) == content::nothing) return answer_with(result::gone);
  enqueue(s, {{file, content::nothing}});
  return answer_with(result::removed);
}

// The world -------------------------------------------------------------------------------------------------------

said carry(state& s, const scan::rot& c, std::size_t) {
  const bool known = std::any_of(s.lives.begin(), s.lives.end(), [&](const auto& entry) {
    return entry.second.found.contains(c.key) || entry.second.rows.contains(c.key);
  });
  const name file = scan::final_name_of(c.key);
  if (known || !scan::is_durable(s, file, content::whole)) return disabled;
  set_content(s, file, content::damaged);
  return answer_with(result::done);
}

said carry(state& s, const scan::dies& c, std::size_t) {
  if (!s.lives.contains(c.who)) return disabled;
  end(s, c.who);
  return answer_with(result::done);
}

/// It is a step of its own.
said carry(state&, const scan::power_fails&, std::size_t) { return disabled; }

bool can_fail(const scan::command& what) {
  using one = scan;
  return std::holds_alternative<one::list>(what) || std::holds_alternative<one::look>(what) ||
         std::holds_alternative<one::make_quarantine>(what) || std::holds_alternative<one::set_aside>(what) ||
         std::holds_alternative<one::remove>(what) || std::holds_alternative<one::sync>(what) ||
         std::holds_alternative<one::create>(what) || std::holds_alternative<one::finish>(what) ||
         std::holds_alternative<one::link>(what) || std::holds_alternative<one::evict>(what);
}

}  // namespace

std::vector<directory_scan::names> directory_scan::left_without_power(const state& s) {
  std::vector<names> all{s.durable};
  const auto add = [&](const names& one) {
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  };
  for (const auto& survivor : s.pending) {
    const std::size_t without = all.size();
    for (std::size_t i = 0; i < without; ++i) {
      names with = all[i];
      change_names(with, survivor);
      add(with);
    }
  }
  for (names& one : all) drop_what_nothing_leads_to(one);
  return all;
}

directory_scan::names directory_scan::shown(const state& s) {
  names all = s.durable;
  for (const auto& one : s.pending) change_names(all, one);
  return all;
}

bool directory_scan::is_durable(const state& s, const name& which, content what) {
  const auto* there = s.durable.find(which);
  return there != nullptr && *there == what && !is_pending(s, which);
}

std::size_t directory_scan::ways(const command& what) const {
  if (!calls_may_fail) return 1;
  if (std::holds_alternative<start>(what)) return 3;
  return can_fail(what) ? 2 : 1;
}

std::optional<directory_scan::response> directory_scan::carry_out(state& s, const command& what,
                                                                  std::size_t way) const {
  return std::visit([&](const auto& one) { return carry(s, one, way); }, what);
}

}  // namespace wavetank::model
