#include <wavetank/props/table/table_run.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include <wavetank/props/program/run_in_lockstep.h>
#include <wavetank/props/running.h>

namespace wavetank::props {

namespace {

constexpr std::chrono::seconds ttl{60};

/// The model's tiers are the cache's.
model::tier model_tier(cache_tier tier) { return static_cast<model::tier>(tier); }

/// What is not in memory is in the tier that it was saved to, also if it was adopted.
void require_own_tier(model::key_number key, cache_tier tier) {
  sim::require(tier == cache_tier::ram || tier == file_tier_of(key), "a row is in a tier that it was not saved to");
}

}  // namespace

table_actor::~table_actor() {
  while (!own.empty()) {
    kept_claim last = std::move(own.back());
    own.pop_back();
    run.check_in(std::move(last));
  }
}

table_run::table_run(sim::world& w, const program& p, bool one_step_at_a_time)
    : world_(w),
      what_(p),
      in_turn_(one_step_at_a_time),
      first_object_(sim::scheduler::here().new_object()),
      table_(w.runtime(), keeper_),
      end_object_(sim::scheduler::here().new_object()) {}

// Tasks -----------------------------------------------------------------------------------------------------------

void table_run::start_tasks(manner how) {
  how_ = std::move(how);
  for (std::size_t i = 0; i < what_.branches.size(); ++i) {
    const auto number = static_cast<model::task_number>(i + 1);
    const task_id id = world_.spawn(task_name(number), [this, number] { body(number, how_); });
    tasks_.push_back({number, sim::scheduler::here().find(id)->index});
  }
}

void table_run::body(model::task_number number, const manner& how) {
  struct announce_end {
    table_run& run;
    model::task_number number;
    ~announce_end() {
      death ends{number, {}};
      for (model::key_number key = 1; key <= table_keys; ++key) {
        ends.events.push_back(run.record_.event_begins(key, spec::owner_dies{number}));
      }
      run.deaths_.push_back(std::move(ends));
    }
  } const announce{*this, number};
  table_actor me{*this, number};
  for (const step& s : what_.branches[number - 1]) {
    sim::runtime::point("before a step");
    how(me, s);
  }
}

bool table_run::all_finished() const {
  return std::all_of(tasks_.begin(), tasks_.end(), [](const program_task& t) {
    return sim::scheduler::here().finished(sim::scheduler::here().at(t.index));
  });
}

void table_run::run_tasks_concurrently(table_actor& main) {
  for (const step& s : what_.prefix) perform(main, s);
  start_tasks([](table_actor& who, const step& s) { who.run.perform(who, s); });
  // Only a sweep answers those who wait for a writer that died, or that waits itself until its time has passed.
  while (!all_finished()) {
    if (all_wait_for_ever()) sweep();
    world_.runtime().sleep_until(clock_now() + ttl);
  }
  world_.join_all();
  look();
}

bool table_run::all_wait_for_ever() const {
  return std::all_of(tasks_.begin(), tasks_.end(), [](const program_task& t) {
    const sim::task& of = sim::scheduler::here().at(t.index);
    if (of.state == sim::task_state::finished) return true;
    return of.state == sim::task_state::waiting && of.waits_for != nullptr && !of.timer_armed && !of.doomed;
  });
}

void table_run::run_tasks_in_turn() {
  turns order;
  table_actor main{*this, 0};
  for (const step& s : what_.prefix) perform(main, s);
  start_tasks([&order](table_actor& who, const step& s) {
    order.await(who.task);
    who.run.perform(who, s);
    order.give(0);
  });
  std::size_t rounds = 0;
  for (const auto& branch : what_.branches) rounds = std::max(rounds, branch.size());
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t b = 0; b < what_.branches.size(); ++b) {
      if (round >= what_.branches[b].size()) continue;
      order.give(b + 1);
      order.await(0);
      if (round + 1 != what_.branches[b].size()) continue;
      sim::scheduler::here().join(sim::scheduler::here().at(tasks_[b].index));
      look();
    }
  }
  world_.join_all();
  look();
}

void table_run::look() {
  auto& world = sim::scheduler::here();
  for (auto& call : waiting_) {
    const sim::task& t = world.at(call.task);
    const bool in_table =
        t.state == sim::task_state::waiting && t.wait_mutex->id >= first_object_ && t.wait_mutex->id < end_object_;
    if (call.parked == 0 && in_table) call.parked = record_.tick();
    if (call.deadline_came == 0 && call.deadline && world.now() >= *call.deadline) call.deadline_came = record_.tick();
  }
  for (auto& [label, token] : tokens_) {
    if (!token.expiry_noted && world.now() >= token.expiry_at_least) note_expiry(token, record_.tick());
  }
  for (auto& t : tasks_) {
    if (t.buried || !world.finished(world.at(t.index))) continue;
    t.buried = true;
    for (const death& d : deaths_) {
      if (d.task != t.number) continue;
      for (const auto event : d.events) record_.event_ends(event);
    }
  }
}

// Tokens ----------------------------------------------------------------------------------------------------------

/// One step at a time, the time of a reservation passes when it does. Else the component may have read the clock later
/// than the call began, and what is known is that it cannot expire before.
void table_run::note_expiry(token_info& token, lin::instant from) {
  token.expiry_noted = true;
  if (in_turn_) return record_.happened(token.key, spec::expire{token.number}, from, from, std::nullopt);
  record_.perhaps(token.key, spec::expire{token.number}, from);
}

void table_run::renewed(token_info& token, sim::time_point asked_at, lin::instant invoked) {
  token.expiry_at_least = asked_at + ttl;
  token.expiry_noted = false;
  if (clock_now() >= token.expiry_at_least) note_expiry(token, invoked);
}

/// The token of this label, or else the task's own newest, so that programs drawn at random go on with what they began.
table_run::token_info* table_run::find_token(const table_actor& who, std::uint64_t label) {
  const auto named = tokens_.find(label);
  if (named != tokens_.end()) return &named->second;
  token_info* newest = nullptr;
  for (auto& [other, token] : tokens_) {
    if (token.owner == who.task && (newest == nullptr || newest->number < token.number)) newest = &token;
  }
  return newest;
}

void table_run::reserve(table_actor& who, std::uint64_t label, model::key_number key) {
  const auto first = record_.new_number();
  const auto asked_at = clock_now();
  auto& call = record_.begin(key, spec::reserve_save{first, key, model_tier(file_tier_of(key)), who.task});
  const auto got = table_.reserve_save(table_key(key), file_tier_of(key), table_path(key));
  const bool present = !got && got.error() == reserve_refusal::already_present;
  const response said{got ? result::reserved : present ? result::already_present : result::conflict};
  auto number = first;
  if (call.worked != 0) {  // a first attempt, whose recovery it did; then another one
    reached("a reservation recovered what was there");
    record_.end(call, std::nullopt);
    number = record_.new_number();
    record_.happened(key, spec::reserve_save{number, key, model_tier(file_tier_of(key)), who.task}, call.worked,
                     record_.tick(), said);
  } else {
    record_.end(call, said);
  }
  if (!got) return;
  token_info& token = tokens_[label];
  token = {*got, number, key, who.task, true, false, {}, false};
  renewed(token, asked_at, call.invoked);
}

template <class Got>
table_run::response table_run::saved(const Got& got) {
  if (got) return {result::ok};
  switch (got.error()) {
    case save_refusal::expired:
      reached("a late writer was refused");
      return {result::expired};
    case save_refusal::not_linked:
      return {result::not_linked};
    case save_refusal::over_quota:
    case save_refusal::bad_content:
      break;
  }
  sim::require(false, "a save was refused for a quota that there is not, or its content");
  return {};
}

/// As a writer does it; `until` 1: no further than the link, 2: than the mark.
void table_run::save(table_actor& who, const step& s) {
  reserve(who, s.result, s.operands[0]);
  const auto made = tokens_.find(s.result);
  if (made == tokens_.end()) return;
  token_info& token = made->second;
  sim::runtime::point("while a writer writes");
  link(who, token, s.operands[2] != 0);
  const bool usable = token.published && keeper_.files.count(token.key) != 0 && keeper_.files[token.key].valid;
  if (s.operands[1] == 1) return;
  if (!usable) return cancel(who, token);
  mark(token);
  if (s.operands[1] != 2) announce(token);
}

void table_run::check(token_info& token) {
  const auto asked_at = clock_now();
  const token_info mine = token;
  auto& call = record_.begin(token.key, spec::check_reservation{token.number});
  const auto got = table_.check_reservation(token.token);
  record_.end(call, saved(got));
  if (got && token.number == mine.number) renewed(token, asked_at, call.invoked);
}

/// A writer links its file, and perhaps a bad one, once and not after it gave up. What it finds in its way it takes for
/// its own if it is valid.
void table_run::link(table_actor& who, token_info& token, bool bad) {
  if (who.task != token.owner || !std::exchange(token.may_link, false)) return;
  const auto key = token.key;
  const auto number = token.number;
  const lin::instant from = record_.tick();
  sim::runtime::point("before a link");
  const bool linked = keeper_.files.emplace(key, recording_keeper::file{}).second;
  record_.happened(key, spec::link{number, key}, from, record_.tick(),
                   response{linked ? result::linked : result::exists});
  if (linked && bad) rot(key);
  if (token.number == number) token.published = linked || keeper_.files[key].valid;
}

void table_run::rot(model::key_number key) {
  const auto file = keeper_.files.find(key);
  if (file == keeper_.files.end() || !file->second.valid) return;
  file->second.valid = false;
  const lin::instant at = record_.tick();
  record_.happened(key, spec::rot{key}, at, at, response{result::done});
}

void table_run::mark(token_info& token) {
  if (!token.published) return;
  auto& call = record_.begin(token.key, spec::mark_published{token.number});
  record_.end(call, saved(table_.mark_published(token.token)));
}

/// A writer announces what it has linked, and looks at its file before.
void table_run::announce(token_info& token) {
  if (!token.published) return;
  const auto key = token.key;
  const auto file = keeper_.files.find(key);
  if (file == keeper_.files.end() || !file->second.valid) return;
  const auto generation = record_.new_number();
  row_content content = numbered_content(generation, table_file_bytes);
  content.path = table_path(key);
  auto& call = record_.begin(key, spec::announce_saved{token.number, generation});
  record_.end(call, saved(table_.announce_saved(token.token, content)));
}

void table_run::cancel(table_actor& who, token_info& token) {
  if (who.task != token.owner) return;
  token.may_link = false;
  auto& call = record_.begin(token.key, spec::cancel_reservation{token.number});
  const bool ended = table_.cancel_reservation(token.token);
  record_.end(call, response{ended ? result::ok : result::no_op});
}

/// Of a writer that has linked nothing: what is under the final name is not its own.
void table_run::abandon(table_actor& who, token_info& token) {
  if (who.task != token.owner || !std::exchange(token.may_link, false)) return;
  auto& call = record_.begin(token.key, spec::abandon_reservation{token.number});
  const bool ended = table_.abandon_reservation(token.token);
  if (ended) reached("a writer abandoned its reservation");
  record_.end(call, response{ended ? result::ok : result::no_op});
}

void table_run::put(model::key_number key) {
  const auto generation = record_.new_number();
  row_content content = numbered_content(generation, 1);
  content.bytes = std::make_shared<std::vector<std::byte>>(1);
  auto& call = record_.begin(key, spec::insert_available{key, model::tier::ram, generation});
  const auto got = table_.insert_available(table_key(key), cache_tier::ram, std::move(content));
  record_.end(call, response{got ? result::ok : result::conflict});
}

// Claims ----------------------------------------------------------------------------------------------------------

void table_run::checkout(table_actor& who, std::uint64_t label, model::key_number key, bool shared) {
  const auto number = record_.new_number();
  auto& call = record_.begin(key, spec::checkout{number, key, who.task});
  auto got = table_.checkout(table_key(key));
  if (!got) return record_.end(call, response{got.error() == checkout_refusal::miss ? result::miss : result::busy});
  require_own_tier(key, got->tier());
  const auto content = number_of(got->content());
  record_.end(call, response{result::row, content});
  kept_claim claim{label, number, key, content, std::move(*got)};
  if (shared) {
    shared_.insert_or_assign(label, std::move(claim));
  } else {
    who.own.push_back(std::move(claim));
  }
}

/// The claim of this label, or else the newest on the task's own stack.
std::optional<kept_claim> table_run::take_claim(table_actor& who, std::uint64_t label) {
  const auto own = std::find_if(who.own.begin(), who.own.end(), [&](const auto& c) { return c.label == label; });
  if (own != who.own.end()) {
    kept_claim found = std::move(*own);
    who.own.erase(own);
    return found;
  }
  const auto shared = shared_.find(label);
  if (shared != shared_.end()) {
    kept_claim found = std::move(shared->second);
    shared_.erase(shared);
    return found;
  }
  if (who.own.empty()) return std::nullopt;
  kept_claim newest = std::move(who.own.back());
  who.own.pop_back();
  return newest;
}

void table_run::check_in(kept_claim claim) {
  sim::require(number_of(claim.handle.content()) == claim.content, "a claimed content has changed");
  auto& call = record_.begin(claim.key, spec::checkin{claim.number});
  const bool was_live = claim.handle.check_in();
  if (!was_live) reached("a claim outlived its owner");
  record_.end(call, response{was_live ? result::ok : result::no_op});
}

void table_run::report_corrupt(kept_claim claim) {
  auto& call = record_.begin(claim.key, spec::report_corrupt{claim.number});
  const bool was_live = claim.handle.report_corrupt();
  record_.end(call, response{was_live ? result::ok : result::no_op});
}

// Readers ---------------------------------------------------------------------------------------------------------

void table_run::lookup(model::key_number key) {
  auto& call = record_.begin(key, spec::lookup_exact{key});
  const auto row = table_.lookup_exact(table_key(key));
  if (row) require_own_tier(key, row->tier);
  record_.end(call, row ? response{result::row, number_of(row->content)} : response{result::miss});
}

namespace {

model::reservation::reason reason_of(miss_reason why) {
  using reason = model::reservation::reason;
  switch (why) {
    case miss_reason::absent:
      return reason::none;
    case miss_reason::cancelled:
      return reason::cancelled;
    case miss_reason::owner_died:
      return reason::owner_died;
    case miss_reason::expired:
      return reason::expired;
    case miss_reason::invalid:
      return reason::invalid;
    case miss_reason::over_quota:
      return reason::over_quota;
    case miss_reason::evicted:
      return reason::evicted;
    case miss_reason::deadline:
      return reason::deadline;
  }
  return reason::none;
}

}  // namespace

/// `within_s` 0: no deadline; 1: one that has passed; else so many seconds less one.
void table_run::wait(table_actor& who, model::key_number key, std::uint64_t within_s) {
  if ((in_turn_ || who.task == 0) && within_s != 1) within_s = 1;  // nobody would be left to answer
  std::optional<sim::time_point> deadline;
  if (within_s != 0) deadline = clock_now() + std::chrono::seconds(within_s - 1);
  auto& call = record_.begin();
  const auto mine = waiting_.insert(waiting_.end(), {sim::scheduler::here().self().index, deadline});
  try {
    const auto got = table_.lookup_exact_or_wait(table_key(key), deadline.value_or(sim::time_point::max()));
    look();
    record_wait(call, *mine, key, who.task, got);
  } catch (const sim::task_killed&) {
    reached("killed while waiting");
    record_.happened(key, spec::lookup_or_wait{record_.new_number(), key, who.task, model::patience::forever},
                     call.invoked, mine->parked, response{result::queued});
    waiting_.erase(mine);
    throw;
  }
  waiting_.erase(mine);
}

void table_run::record_wait(const table_record::call& call, const waiting_call& waited, model::key_number key,
                            model::task_number task, const tl::expected<cached_row, miss_reason>& got) {
  const auto number = record_.new_number();
  const lin::instant at = record_.tick();
  const response said =
      got ? response{result::row, number_of(got->content)} : response{result::miss, 0, reason_of(got.error())};
  const bool timed_out = said.why == spec::reason::deadline;
  sim::require(!timed_out || (waited.deadline && clock_now() >= *waited.deadline), "a call missed before its deadline");
  if (waited.parked == 0) {
    const auto waits = timed_out ? model::patience::one_attempt : model::patience::forever;
    return record_.happened(key, spec::lookup_or_wait{number, key, task, waits}, call.invoked, at, said);
  }
  const auto waits = waited.deadline ? model::patience::until_deadline : model::patience::forever;
  record_.happened(key, spec::lookup_or_wait{number, key, task, waits}, call.invoked, waited.parked,
                   response{result::queued});
  if (timed_out) {
    reached("missed at its deadline");
    record_.happened(key, spec::time_out{number}, std::max(waited.deadline_came, waited.parked), at,
                     response{result::withdrawn});
  } else {
    reached(got ? "waited for a row" : "waited for a miss");
  }
  record_.happened(key, spec::answer{number}, waited.parked, at, said);
}

// Eviction and upkeep ---------------------------------------------------------------------------------------------

void table_run::evict(model::key_number key) {
  auto& call = record_.begin(key, spec::evict{key});
  const auto done = table_.evict(table_key(key));
  const bool worked = call.worked != 0;
  record_.end(call, response{worked ? result::evicting : done.evicted.empty() ? result::skipped : result::evicted});
}

template <class Command>
void table_run::for_each_key(table_record::call& of) {
  for (model::key_number key = 1; key <= table_keys; ++key) record_.also(of, key, Command{});
}

void table_run::gc() {
  auto& call = record_.begin();
  for_each_key<spec::gc>(call);
  table_.gc();
  record_.end(call, response{result::done});
}

void table_run::sweep() {
  auto& call = record_.begin();
  for_each_key<spec::sweep>(call);
  table_.sweep();
  record_.end(call, response{result::done});
}

void table_run::conclude(table_actor& main) {
  while (!shared_.empty()) {
    kept_claim last = std::move(shared_.begin()->second);
    shared_.erase(shared_.begin());
    check_in(std::move(last));
  }
  while (!main.own.empty()) {
    kept_claim last = std::move(main.own.back());
    main.own.pop_back();
    check_in(std::move(last));
  }
  keeper_.failures.clear();
  world_.runtime().sleep_until(clock_now() + ttl);
  sweep();
  for (model::key_number key = 1; key <= table_keys; ++key) {
    lookup(key);
    const auto told = table_.dump(table_key(key));
    sim::require(!told || told->status == row_status::available, "after a sweep a key has not come to rest");
    sim::require(!told || (told->pins == 0 && told->waiters == 0), "a claim or a waiter is left");
    sim::require(told.has_value() || keeper_.files.count(key) == 0, "a file is left that nobody has");
  }
  gc();
  sim::require(keeper_.files.empty(), "an unpinned row's file outlives a collection");
  sim::require(table_.dump().empty(), "an unpinned row outlives a collection");
  for (const auto bytes : table_.counters().bytes_in_use) sim::require(bytes == 0, "bytes are in use of nothing");
}

void table_run::perform(table_actor& who, const step& s) {
  const auto& o = s.operands;
  const auto with_token = [&](auto&& f) {
    if (token_info* const found = find_token(who, o[0])) f(*found);
  };
  const auto with_claim = [&](auto&& f) {
    if (auto claim = take_claim(who, o[0])) f(std::move(*claim));
  };
  switch (static_cast<table_verb>(s.verb)) {
    case table_verb::save:
      return save(who, s);
    case table_verb::reserve:
      return reserve(who, s.result, o[0]);
    case table_verb::check:
      return with_token([&](auto& t) { check(t); });
    case table_verb::link:
      return with_token([&](auto& t) { link(who, t, o[1] != 0); });
    case table_verb::mark:
      return with_token([&](auto& t) { mark(t); });
    case table_verb::announce:
      return with_token([&](auto& t) { announce(t); });
    case table_verb::cancel:
      return with_token([&](auto& t) { cancel(who, t); });
    case table_verb::abandon:
      return with_token([&](auto& t) { abandon(who, t); });
    case table_verb::put:
      return put(o[0]);
    case table_verb::checkout:
      return checkout(who, s.result, o[0], o[1] != 0);
    case table_verb::checkin:
      return with_claim([&](kept_claim c) { check_in(std::move(c)); });
    case table_verb::corrupt:
      return with_claim([&](kept_claim c) { report_corrupt(std::move(c)); });
    case table_verb::lookup:
      return lookup(o[0]);
    case table_verb::wait:
      return wait(who, o[0], o[1]);
    case table_verb::evict:
      return evict(o[0]);
    case table_verb::gc:
      return gc();
    case table_verb::sweep:
      return sweep();
    case table_verb::sleep:
      return world_.runtime().sleep_until(clock_now() + std::chrono::seconds(o[0]));
    case table_verb::fail:
      ++keeper_.failures[o[0]];
      return;
  }
}

}  // namespace wavetank::props
