#include <wavetank/sim/reproduction.h>

#include <algorithm>
#include <optional>

#include <wavetank/sim/random.h>
#include <wavetank/sim/story.h>
#include <wavetank/sim/strategies/random_walk.h>

namespace wavetank::sim {

namespace {

// A simpler program reaches the failure by other schedules than the old one: it is also given this many random ones.
constexpr std::uint64_t fresh_schedules = 24;

std::vector<labelled_decision> deviations_of(const std::vector<labelled_decision>& all) {
  std::vector<labelled_decision> uncalm;
  std::copy_if(all.begin(), all.end(), std::back_inserter(uncalm), [](const auto& d) { return !d.calm; });
  return uncalm;
}

/// Looks for smaller failing executions, starting from one.
class shrinker {
 public:
  shrinker(scheduler& s, reproduction failing, std::uint64_t max_runs)
      : scheduler_(s), best_(std::move(failing)), kind_(best_.result.what.kind), max_runs_(max_runs) {}

  shrink_result run() {
    for (bool smaller = true; smaller && !spent();) {
      smaller = fewer_deviations();
      smaller |= simpler_program();
      smaller |= smaller_budgets();
      smaller |= lower_choices();
    }
    return {std::move(best_), runs_, accepted_};
  }

 private:
  bool spent() const { return runs_ >= max_runs_; }

  /// Delta debugging (Zeller & Hildebrandt, TSE'02) on the decisions that are not calm.
  bool fewer_deviations() {
    bool any = false;
    if (!deviations_of(best_.decisions).empty() && attempt(best_.what, best_.bounds, {})) return true;
    for (std::size_t chunk = std::max<std::size_t>(deviations_of(best_.decisions).size() / 2, 1); !spent();) {
      bool removed = false;
      for (std::size_t at = 0; at < deviations_of(best_.decisions).size() && !spent();) {
        auto kept = deviations_of(best_.decisions);
        const auto first = kept.begin() + static_cast<std::ptrdiff_t>(at);
        kept.erase(first, first + static_cast<std::ptrdiff_t>(std::min(chunk, kept.size() - at)));
        if (attempt(best_.what, best_.bounds, kept)) {
          removed = any = true;
        } else {
          at += chunk;
        }
      }
      if (chunk == 1 && !removed) break;
      if (!removed) chunk = std::max<std::size_t>(chunk / 2, 1);
      chunk = std::min(chunk, std::max<std::size_t>(deviations_of(best_.decisions).size(), 1));
    }
    return any;
  }

  bool simpler_program() {
    bool any = false;
    for (bool found = true; found && !spent();) {
      found = false;
      for (const auto& candidate : best_.what->simpler()) {
        if (spent()) break;
        if (attempt(candidate, best_.bounds, deviations_of(best_.decisions)) || attempt_fresh(candidate)) {
          found = any = true;
          break;
        }
      }
    }
    return any;
  }

  bool smaller_budgets() {
    bool any = false;
    const auto lower = [&](auto member, auto value) {
      scenario smaller = best_.bounds;
      if (smaller.*member == value) return;
      smaller.*member = value;
      any |= attempt(best_.what, smaller, deviations_of(best_.decisions));
    };
    lower(&scenario::spurious_wakeups, 0u);
    lower(&scenario::weak_failures, 0u);
    lower(&scenario::early_timers, 0u);
    lower(&scenario::kills, 0u);
    lower(&scenario::start_barrier, false);
    for (auto member :
         {&scenario::spurious_wakeups, &scenario::weak_failures, &scenario::early_timers, &scenario::kills}) {
      while (best_.bounds.*member > 1 && !spent()) {
        const std::uint32_t before = best_.bounds.*member;
        lower(member, before - 1);
        if (best_.bounds.*member == before) break;
      }
    }
    return any;
  }

  bool lower_choices() {
    bool any = false;
    for (std::size_t i = 0; i < deviations_of(best_.decisions).size() && !spent(); ++i) {
      auto kept = deviations_of(best_.decisions);
      if (kept[i].kind == decision_kind::schedule || kept[i].choice < 2) continue;
      --kept[i].choice;
      any |= attempt(best_.what, best_.bounds, kept);
    }
    return any;
  }

  bool attempt(const std::shared_ptr<const test_case>& what, const scenario& bounds,
               const std::vector<labelled_decision>& kept) {
    if (spent()) return false;
    tolerant_replay replay(kept);
    return consider(what, bounds, replay, 0);
  }

  bool attempt_fresh(const std::shared_ptr<const test_case>& what) {
    random_walk walk;
    for (std::uint64_t i = 0; i < fresh_schedules && !spent(); ++i) {
      if (consider(what, best_.bounds, walk, execution_seed(runs_, i))) return true;
    }
    return false;
  }

  bool consider(const std::shared_ptr<const test_case>& what, const scenario& bounds, strategy& answers,
                std::uint64_t seed) {
    ++runs_;
    reproduction candidate = tell(scheduler_, what, bounds, answers, seed);
    if (candidate.result.what.kind != kind_ || !smaller(candidate)) return false;
    best_ = std::move(candidate);
    ++accepted_;
    return true;
  }

  /// A well-founded order, so that shrinking ends: the program first, then deviations, decisions, budgets.
  bool smaller(const reproduction& r) const { return measure(r) < measure(best_); }

  static std::tuple<std::size_t, std::size_t, std::size_t, std::size_t, std::size_t> measure(const reproduction& r) {
    const auto commands = r.what->commands();
    std::size_t characters = 0;
    for (const auto& c : commands) characters += c.size();
    std::size_t choices = 0;
    for (const auto& d : r.decisions) choices += d.calm || d.kind == decision_kind::schedule ? 0 : d.choice;
    const std::size_t budgets = r.bounds.kills + r.bounds.spurious_wakeups + r.bounds.early_timers +
                                r.bounds.weak_failures + (r.bounds.start_barrier ? 1u : 0u);
    return {commands.size(), characters, r.deviations(), budgets, r.decisions.size() + choices};
  }

  scheduler& scheduler_;
  reproduction best_;
  verdict_kind kind_;
  std::uint64_t max_runs_;
  std::uint64_t runs_ = 0;
  std::uint64_t accepted_ = 0;
};

}  // namespace

std::size_t reproduction::deviations() const {
  return static_cast<std::size_t>(
      std::count_if(decisions.begin(), decisions.end(), [](const auto& d) { return !d.calm; }));
}

scheduler::result run_once(scheduler& s, const test_case& what, const scenario& bounds, strategy& answers) {
  return s.execute(answers, bounds, [&] {
    world w;
    what.run(w);
  });
}

reproduction tell(scheduler& s, std::shared_ptr<const test_case> what, const scenario& bounds, strategy& answers,
                  std::uint64_t seed) {
  recording recorder(answers);
  recorder.begin(seed);
  story told;
  auto result = s.execute(
      recorder, bounds,
      [&] {
        world w;
        what->run(w);
      },
      &told);
  return {std::move(what), bounds, recorder.take(), std::move(result), told.text()};
}

shrink_result shrink(scheduler& s, reproduction failing, std::uint64_t max_runs) {
  return shrinker(s, std::move(failing), max_runs).run();
}

trace make_trace(const reproduction& r, std::string property, std::uint64_t seed, std::string strategy) {
  trace t;
  t.property = std::move(property);
  t.seed = seed;
  t.strategy = std::move(strategy);
  t.bounds = r.bounds;
  t.expected = r.result.what;
  t.commands = r.what->commands();
  t.decisions = as_expected(r.decisions);
  t.hash = r.result.hash;
  t.steps = r.result.steps;
  return t;
}

}  // namespace wavetank::sim
