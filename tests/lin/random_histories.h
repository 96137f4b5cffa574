// Small random histories of every model: overlapping, with ties, pending calls, unknown outputs, crashes, and now and
// then a lie.
//
// A history is made by running the model: each operation takes effect at an instant of its interval, so it is
// linearizable under `strict` until an answer is falsified. That keeps both verdicts frequent; random answers alone
// make nearly everything illegal.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/model/lin/history.h>
#include <wavetank/model/lin/models/atomic_register.h>
#include <wavetank/model/lin/models/buffered_register.h>
#include <wavetank/model/lin/models/fair_semaphore.h>
#include <wavetank/model/lin/models/fifo_queue.h>
#include <wavetank/model/lin/models/integer_set.h>
#include <wavetank/model/lin/models/key_value.h>
#include <wavetank/model/lin/models/semaphore.h>
#include <wavetank/model/lin/refinements.h>

namespace wavetank::lin::testing {

/// splitmix64: small, fast, the same everywhere.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// 0 .. below - 1.
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(limit));
  }
  bool one_in(std::int64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

/// What the makers below have in common: a name of the file format, a model, random commands, lies.
struct register_maker {
  using model = models::atomic_register;
  static constexpr const char* name = "register";
  static constexpr bool stuck = false;
  model make() const { return {}; }
  model::command command(random_source& r) const {
    using kind = model::command::kind;
    const std::int64_t which = r.below(4);
    if (which == 0) return {kind::read};
    if (which == 1) return {kind::cas, r.below(3), r.below(3)};
    if (which == 2) return {kind::write, r.below(3)};
    return {kind::read};
  }
  models::answer lie(const model::command& c, random_source& r) const {
    if (c.op == model::command::kind::read)
      return r.one_in(4) ? models::answer::null() : models::answer::number(r.below(3));
    return c.op == model::command::kind::write ? models::answer() : models::answer::truth(r.one_in(2));
  }
};

template <class Model>
struct key_value_maker {
  using model = Model;
  static constexpr const char* name = std::is_same_v<Model, models::one_key> ? "kv" : "kvmap";
  static constexpr bool stuck = false;
  model make() const { return {}; }
  models::key_value_command command(random_source& r) const {
    using kind = models::key_value_command::kind;
    // The model of one key stands alone here: with a single key it needs no partitions.
    const std::string key = std::is_same_v<Model, models::one_key> || r.one_in(2) ? "x" : "y";
    const std::int64_t which = r.below(5);
    if (which < 2) return {kind::get, key, {}};
    const models::rope text(r.one_in(8) ? "" : r.one_in(2) ? "a" : r.one_in(2) ? "b" : "aa");
    return {which == 2 ? kind::put : kind::append, key, text};
  }
  models::rope lie(const models::key_value_command& c, random_source& r) const {
    if (c.op != models::key_value_command::kind::get) return {};
    std::string text;
    while (!r.one_in(3)) text += r.one_in(3) ? "b" : "a";
    return models::rope(text);
  }
};

struct queue_maker {
  using model = models::fifo_queue;
  static constexpr const char* name = "queue";
  static constexpr bool stuck = false;
  model make() const { return {}; }
  model::command command(random_source& r) const {
    if (r.one_in(2)) return {model::command::kind::enqueue, r.below(3)};
    return {model::command::kind::dequeue};
  }
  models::answer lie(const model::command& c, random_source& r) const {
    if (c.op == model::command::kind::enqueue) return {};
    return r.one_in(3) ? models::answer::null() : models::answer::number(r.below(3));
  }
};

struct set_maker {
  using model = models::integer_set;
  static constexpr const char* name = "set";
  static constexpr bool stuck = false;
  model make() const { return {}; }
  model::command command(random_source& r) const { return {static_cast<model::command::kind>(r.below(3)), r.below(2)}; }
  models::answer lie(const model::command&, random_source& r) const { return models::answer::truth(r.one_in(2)); }
};

template <bool Stuck>
struct semaphore_maker {
  using model = models::semaphore;
  static constexpr const char* name = Stuck ? "semaphore_stuck" : "semaphore";
  static constexpr bool stuck = Stuck;
  static constexpr std::int64_t limit = 2;
  model make() const { return model(limit); }
  model::command command(random_source& r) const {
    return {static_cast<model::command::kind>(r.below(5)), r.one_in(8) ? 0 : 1 + r.below(3)};
  }
  models::answer lie(const model::command& c, random_source& r) const {
    using kind = model::command::kind;
    if (c.op == kind::available) return models::answer::number(r.below(3));
    return c.op == kind::acquire || c.op == kind::release ? models::answer() : models::answer::truth(r.one_in(2));
  }
};

/// Ids are used again and again when `Reusable`, once at most otherwise (see fair_semaphore.h).
template <bool Reusable>
struct fair_semaphore_maker {
  using model = models::fair_semaphore;
  static constexpr const char* name = "fair_semaphore";
  static constexpr bool stuck = false;
  static constexpr std::int64_t limit = 2;
  mutable std::int64_t requested = 0;
  mutable std::int64_t done = 0;
  model make() const { return model(limit); }
  model::command command(random_source& r) const {
    using kind = model::command::kind;
    const std::int64_t which = r.below(7);
    const std::int64_t permits = r.one_in(8) ? 0 : 1 + r.below(3);
    if (which < 2) return {kind::request, Reusable ? r.below(2) : requested++, permits, false};
    if (which < 4) return {kind::done, Reusable ? r.below(2) : done++, 0, Reusable};
    if (which == 4) return {kind::cancel, r.below(Reusable ? 2 : std::max<std::int64_t>(requested, 1)), 0, false};
    if (which == 5) return {kind::release, 0, permits, false};
    return {kind::available, 0, 0, false};
  }
  models::answer lie(const model::command& c, random_source& r) const {
    using kind = model::command::kind;
    if (c.op == kind::available) return models::answer::number(r.below(3));
    return c.op == kind::cancel ? models::answer::truth(r.one_in(2)) : models::answer();
  }
};

struct buffered_register_maker {
  using model = models::buffered_register;
  static constexpr const char* name = "buffered_register";
  static constexpr bool stuck = false;
  model make() const { return {}; }
  model::command command(random_source& r) const {
    using kind = model::command::kind;
    const std::int64_t which = r.below(5);
    if (which < 2) return {kind::write, r.below(3)};
    return {which < 4 ? kind::read : kind::sync};
  }
  models::answer lie(const model::command& c, random_source& r) const {
    return c.op == model::command::kind::read ? models::answer::number(r.below(3)) : models::answer();
  }
};

/// How large and how wild.
struct shape {
  std::int64_t operations = 6;
  std::int64_t clients = 3;
  std::int64_t instants = 9;
  std::int64_t crashes = 2;  ///< at most
};

template <class Maker>
history<typename Maker::model> random_history(const Maker& maker, random_source& r, const shape& size) {
  using model_type = typename Maker::model;
  using response = typename model_type::response;
  const model_type model = maker.make();

  // Operations live on even instants, crashes on odd ones.
  std::vector<instant> crashes;
  if (size.crashes > 0 && r.one_in(2)) {
    for (std::int64_t i = r.below(size.crashes + 1); i > 0; --i) crashes.push_back(2 * r.below(size.instants) + 1);
    std::sort(crashes.begin(), crashes.end());
    crashes.erase(std::unique(crashes.begin(), crashes.end()), crashes.end());
  }
  const auto next_crash = [&](instant at) {
    const auto it = std::upper_bound(crashes.begin(), crashes.end(), at);
    return it == crashes.end() ? std::optional<instant>() : *it;
  };

  struct plan {
    typename model_type::command request;
    std::int64_t client;
    instant call;
    std::optional<instant> returned;
    instant effect;  // when it takes effect; crash instants are even more so
    bool happens = true;
    std::optional<response> answer;
  };
  std::vector<plan> plans;
  for (std::int64_t i = 1 + r.below(size.operations); i > 0; --i) {
    plan one{maker.command(r), r.below(size.clients), 2 * r.below(size.instants), std::nullopt, 0, true, std::nullopt};
    const instant end = one.call + 2 * r.below(5);
    const std::optional<instant> crash = next_crash(one.call);
    if (!r.one_in(5) && (!crash || end < *crash)) one.returned = end;
    if (!one.returned) one.happens = r.one_in(2);
    // Under `strict` what a crash cuts off has happened before it.
    const instant last = one.returned ? end : crash ? *crash - 1 : one.call + 8;
    one.effect = one.call + (last > one.call ? r.below(last - one.call + 1) : 0);
    plans.push_back(one);
  }
  std::vector<std::size_t> order(plans.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return plans[a].effect < plans[b].effect; });

  typename model_type::state state = model.initial();
  std::size_t crashed = 0;
  const auto crash_until = [&](instant at) {
    for (; crashed < crashes.size() && crashes[crashed] < at; ++crashed)
      if constexpr (changed_by_crashes<model_type>) {
        std::vector<typename model_type::state> next;
        model.crash(state, [&](const auto& to) { next.push_back(to); });
        state = next[static_cast<std::size_t>(r.below(static_cast<std::int64_t>(next.size())))];
      }
  };
  for (const std::size_t i : order) {
    plan& one = plans[i];
    if (!one.happens) continue;
    crash_until(one.effect);
    std::vector<std::pair<response, typename model_type::state>> ways;
    model.step(state, one.request, [&](const response& a, const auto& to) { ways.emplace_back(a, to); });
    if (ways.empty()) {
      // Not enabled: it stays pending, or, seldom, returns against the model.
      if (!r.one_in(6)) one.returned.reset();
      one.answer = maker.lie(one.request, r);
      continue;
    }
    const auto& way = ways[static_cast<std::size_t>(r.below(static_cast<std::int64_t>(ways.size())))];
    one.answer = way.first;
    state = way.second;
  }
  if (r.one_in(2)) {
    plan& liar = plans[static_cast<std::size_t>(r.below(static_cast<std::int64_t>(plans.size())))];
    liar.answer = maker.lie(liar.request, r);
  }

  history<model_type> made;
  for (const plan& one : plans) {
    const op_id id = made.invoke(one.client, one.request, one.call);
    if (one.returned) {
      if (one.answer && !r.one_in(8))
        made.returns(id, *one.answer, *one.returned);
      else
        made.returns_unknown(id, *one.returned);
    } else if constexpr (Maker::stuck) {
      if (one.request.op == model_type::command::kind::acquire) made.stuck(id);
    }
  }
  for (const instant at : crashes) made.crash(at);
  return made;
}

}  // namespace wavetank::lin::testing
