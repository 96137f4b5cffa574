#include <wavetank/sim/campaign.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <mutex>
#include <thread>

#include <wavetank/sim/random.h>
#include <wavetank/sim/story.h>
#include <wavetank/sim/strategies/exhaustive.h>
#include <wavetank/sim/strategies/pct.h>
#include <wavetank/sim/strategies/random_walk.h>
#include <wavetank/sim/strategies/replay.h>

namespace wavetank::sim {

namespace {

// Random walks that measure how long a case's executions are, for strategies that need to know.
constexpr std::uint64_t measuring_walks = 3;

/// The strategies of `mix`, in turn: an expert's prior, half random walks and half PCT of the usual depths.
constexpr std::array<std::uint32_t, 8> mix_depths{0, 2, 0, 3, 0, 1, 0, 5};

/// A failing execution before it is told again.
struct found {
  std::uint64_t execution = 0;
  std::shared_ptr<const test_case> what;
  scenario bounds;
  decision_list decisions;
  std::uint64_t seed = 0;
  std::string strategy;
  verdict outcome;
};

/// What the workers share.
struct shared_state {
  shared_state(const property& p, const campaign_options& o)
      : target(p),
        options(o),
        budget(o.budget.value_or(p.budget())),
        deadline(std::chrono::steady_clock::now() + o.time_limit) {}

  const property& target;
  const campaign_options& options;
  scenario budget;
  std::chrono::steady_clock::time_point deadline;
  std::atomic<std::uint64_t> next_case{0};
  std::atomic<std::uint64_t> lowest_failure{~std::uint64_t{0}};
  std::atomic<std::uint64_t> executions{0};
  std::atomic<bool> out_of_time{false};
  std::mutex mutex;  // guards what follows
  campaign_result result;
  std::optional<found> failure;

  bool stopped() {
    if (options.stop != nullptr && options.stop->load(std::memory_order_relaxed)) return true;
    return out_of_time.load(std::memory_order_relaxed);
  }
  void look_at_the_clock() {
    if (options.time_limit.count() > 0 && std::chrono::steady_clock::now() >= deadline) out_of_time = true;
  }
};

class worker {
 public:
  explicit worker(shared_state& s) : state_(s) {
    if (state_.options.strategy == "mix") {
      for (const std::uint32_t depth : mix_depths) {
        strategies_.push_back(depth == 0 ? std::unique_ptr<strategy>(std::make_unique<random_walk>())
                                         : std::make_unique<pct>(depth));
      }
    } else {
      strategies_.push_back(std::move(*make_strategy(state_.options.strategy)));
    }
  }

  void run() {
    if (auto* search = dynamic_cast<exhaustive*>(strategies_.front().get())) {
      search_exhaustively(*search);
    } else {
      sample();
    }
    const std::scoped_lock lock(state_.mutex);
    state_.result.steps += steps_;
    state_.result.decisions += decisions_;
    for (const auto& [what, times] : reached_) state_.result.reached[std::string(what)] += times;
    for (const auto& w : warnings_) {
      auto& all = state_.result.warnings;
      if (std::find(all.begin(), all.end(), w) == all.end()) all.push_back(w);
    }
  }

 private:
  void sample() {
    const campaign_options& o = state_.options;
    const std::uint64_t per_case = std::max(state_.target.schedules_per_case(), 1u);
    for (;;) {
      const std::uint64_t number = state_.next_case.fetch_add(1) * o.shard_count + o.shard_index;
      const std::uint64_t first = number * per_case;
      if (first >= o.schedules || first > state_.lowest_failure.load()) return;
      const std::uint64_t case_seed = execution_seed(o.seed, number);
      const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(100, 5 + number % 96));
      const auto what = state_.target.generate(substream(case_seed, "commands"), size);
      const std::uint64_t end = std::min(first + per_case, o.schedules);
      if (wants_size(first, end)) measure(*what, case_seed);
      for (std::uint64_t i = first; i < end; ++i) {
        if (i > state_.lowest_failure.load(std::memory_order_relaxed)) break;
        if (state_.stopped()) return;
        const std::uint64_t seed = execution_seed(case_seed, i);
        execute(i, what, draw_scenario(state_.budget, seed), strategy_of(i), seed);
      }
      state_.look_at_the_clock();
      report();
    }
  }

  void search_exhaustively(exhaustive& search) {
    const auto what = state_.target.generate(state_.options.seed, 100);
    scenario bounds = state_.budget;
    bounds.start_barrier = true;
    std::uint64_t i = 0;
    for (; i < state_.options.schedules && !state_.stopped() && state_.lowest_failure.load() == ~std::uint64_t{0};
         ++i) {
      if (!execute(i, what, bounds, search, 0)) break;
      if (i % 256 == 0) state_.look_at_the_clock(), report();
    }
    const std::scoped_lock lock(state_.mutex);
    state_.result.exhausted = search.exhausted();
    state_.result.redundant = search.redundant();
  }

  strategy& strategy_of(std::uint64_t execution) { return *strategies_[execution % strategies_.size()]; }

  /// One of these executions does.
  bool wants_size(std::uint64_t first, std::uint64_t end) {
    for (std::uint64_t i = first; i < std::min(end, first + strategies_.size()); ++i) {
      if (strategy_of(i).wants_size()) return true;
    }
    return false;
  }

  void measure(const test_case& what, std::uint64_t seed) {
    random_walk walk;
    std::uint64_t steps = 1;
    std::uint32_t tasks = 1;
    for (std::uint64_t i = 0; i < measuring_walks; ++i) {
      walk.begin(execution_seed(~seed, i));
      const auto r = run_once(scheduler_, what, draw_scenario(state_.budget, execution_seed(~seed, i)), walk);
      steps = std::max(steps, r.steps);
      tasks = std::max(tasks, r.tasks);
    }
    for (auto& s : strategies_) s->expect(steps, tasks);
  }

  bool execute(std::uint64_t i, const std::shared_ptr<const test_case>& what, const scenario& bounds, strategy& answers,
               std::uint64_t seed) {
    if (!answers.begin(seed)) return false;
    auto r = run_once(scheduler_, *what, bounds, answers);
    answers.end(r.steps, r.tasks);
    ++local_executions_;
    steps_ += r.steps;
    decisions_ += scheduler_.decisions().size();
    for (const auto& name : scheduler_.reached_in_this_execution()) ++reached_[name];
    for (auto& w : r.warnings) {
      if (std::find(warnings_.begin(), warnings_.end(), w) == warnings_.end()) warnings_.push_back(std::move(w));
    }
    const std::uint32_t every = state_.options.check_determinism_every;
    const bool check = !r.what.failed() && every != 0 && i % every == 0;
    if (check) run_again(*what, bounds, r);
    if (r.what.failed())
      fail({i,
            what,
            bounds,
            {scheduler_.decisions().begin(), scheduler_.decisions().end()},
            seed,
            answers.name(),
            r.what});
    return true;
  }

  /// The same decisions again: anything that differs is nondeterminism, told by the first event that does.
  void run_again(const test_case& what, const scenario& bounds, scheduler::result& r) {
    repeat again(scheduler_.decisions());
    const auto body = [&] {
      world w;
      what.run(w);
    };
    const auto second = scheduler_.execute(again, bounds, body);
    if (second.hash == r.hash && second.what.kind == r.what.kind) return;
    story one;
    story two;
    again.begin(0);
    scheduler_.execute(again, bounds, body, &one);
    again.begin(0);
    scheduler_.execute(again, bounds, body, &two);
    r.what = {verdict_kind::nondeterminism, first_difference(one.events(), two.events())};
  }

  static std::string first_difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (x == a.end() && y == b.end()) {
      return "two runs of the same decisions differ, but not when they are watched: look for state that outlives an "
             "execution";
    }
    return "two runs of the same decisions differ first here: one has '" + (x == a.end() ? "nothing more" : *x) +
           "', the other '" + (y == b.end() ? "nothing more" : *y) + "'";
  }

  void fail(found f) {
    const std::scoped_lock lock(state_.mutex);
    if (state_.failure && state_.failure->execution <= f.execution) return;
    state_.lowest_failure = f.execution;
    state_.failure = std::move(f);
  }

  void report() {
    state_.executions.fetch_add(std::exchange(local_executions_, 0));
    if (!state_.options.progress) return;
    const std::scoped_lock lock(state_.mutex);
    state_.options.progress(state_.executions.load());
  }

 public:
  std::uint64_t unreported() const noexcept { return local_executions_; }

 private:
  shared_state& state_;
  scheduler scheduler_;
  std::vector<std::unique_ptr<strategy>> strategies_;
  std::uint64_t local_executions_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t decisions_ = 0;
  std::map<std::string_view, std::uint64_t> reached_;
  std::vector<std::string> warnings_;
};

campaign_failure explain(const property& p, const found& f, const campaign_options& options) {
  campaign_failure out;
  out.execution = f.execution;
  out.what = f.outcome;
  on_world_thread([&] {
    scheduler s;
    repeat again(f.decisions);
    reproduction told = tell(s, f.what, f.bounds, again);
    out.original = make_trace(told, p.name(), f.seed, f.strategy);
    if (told.result.what.kind != f.outcome.kind) {
      // Nondeterminism shows when it wants to; everything else must show again.
      if (f.outcome.kind != verdict_kind::nondeterminism) {
        out.what = {verdict_kind::nondeterminism,
                    std::string(to_string(f.outcome.kind)) + " (" + f.outcome.message +
                        ") did not show again when its decisions were repeated; the run ended with " +
                        std::string(to_string(told.result.what.kind))};
      }
      out.original.expected = out.what;
      out.smallest = out.original;
      out.told = told.told;
      return;
    }
    shrink_result small = shrink(s, std::move(told), options.shrink_runs);
    out.what = small.smallest.result.what;
    out.smallest = make_trace(small.smallest, p.name(), f.seed, f.strategy);
    out.told = small.smallest.told;
    out.shrink_runs = small.runs;
  });
  return out;
}

}  // namespace

tl::expected<std::unique_ptr<strategy>, std::string> make_strategy(const std::string& name) {
  if (name == "random") return std::make_unique<random_walk>();
  if (name == "exhaustive") return std::make_unique<exhaustive>();
  if (name == "exhaustive(plain)") return std::make_unique<exhaustive>(reduction::none);
  if (name.rfind("pct(", 0) == 0 && name.back() == ')') {
    std::uint32_t depth = 0;
    const char* end = name.data() + name.size() - 1;
    const auto [stop, error] = std::from_chars(name.data() + 4, end, depth);
    if (error == std::errc{} && stop == end && depth >= 1 && depth <= 64) return std::make_unique<pct>(depth);
  }
  return tl::unexpected("'" + name +
                        "' is no strategy; there are mix, random, pct(1) to pct(64), exhaustive, exhaustive(plain)");
}

scenario draw_scenario(const scenario& budget, std::uint64_t seed) {
  generator g{substream(seed, "scenario")};
  const auto up_to = [&](std::uint32_t most) { return most == 0 || g.chance(1, 2) ? 0 : 1 + g.below(most); };
  scenario s = budget;
  s.start_barrier = g.chance(1, 2);
  s.kills = up_to(budget.kills);
  s.spurious_wakeups = up_to(budget.spurious_wakeups);
  s.early_timers = up_to(budget.early_timers);
  s.weak_failures = up_to(budget.weak_failures);
  return s;
}

void on_world_thread(const std::function<void()>& f) {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      f();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

campaign_result run_campaign(const property& p, const campaign_options& options) {
  const auto start = std::chrono::steady_clock::now();
  shared_state state(p, options);
  const bool parallel = options.strategy.rfind("exhaustive", 0) != 0;
  std::vector<std::thread> threads;
  std::exception_ptr thrown;
  for (unsigned i = 0; i < (parallel ? std::max(options.jobs, 1u) : 1u); ++i) {
    threads.emplace_back([&] {
      try {
        worker w(state);
        w.run();
        state.executions.fetch_add(w.unreported());
      } catch (...) {
        const std::scoped_lock lock(state.mutex);
        if (!thrown) thrown = std::current_exception();
      }
    });
  }
  for (auto& t : threads) t.join();
  if (thrown) std::rethrow_exception(thrown);
  campaign_result result = std::move(state.result);
  result.executions = state.executions.load();
  if (state.failure) result.failure = explain(p, *state.failure, options);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

reproduction replay(const property&, const trace& t, std::shared_ptr<const test_case> what, bool tolerant) {
  reproduction out;
  on_world_thread([&] {
    scheduler s;
    if (tolerant) {
      tolerant_replay answers(as_labelled(t.decisions));
      out = tell(s, std::move(what), t.bounds, answers);
      return;
    }
    strict_replay answers(t.decisions);
    out = tell(s, std::move(what), t.bounds, answers);
    if (out.result.what.kind == verdict_kind::diverged) return;
    if (!answers.complete()) {
      out.result.what = {verdict_kind::diverged, "the run ended before the trace did"};
    } else if (out.result.hash != t.hash) {
      out.result.what = {verdict_kind::diverged,
                         "every decision is as recorded, but what happened after the last one differs"};
    }
  });
  return out;
}

}  // namespace wavetank::sim
