#include <wavetank/tools/verification.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <wavetank/sim/campaign.h>
#include <wavetank/tools/fault_list.h>
#include <wavetank/tools/output_file.h>
#include <wavetank/tools/version.h>

namespace wavetank::tools {

namespace {

bool is_exhaustive(const std::string& strategy) { return strategy.rfind("exhaustive", 0) == 0; }

/// `property-0123456789abcdef.trace`: by content, so that no failure overwrites another one.
std::string trace_name(const sim::trace& t) {
  std::array<char, 16> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), t.hash, 16);
  return t.property + "-" + std::string(digits.data(), end) + ".trace";
}

class verifier {
 public:
  verifier(std::span<const sim::property* const> properties, const verification_options& options,
           progress_bar& progress)
      : options_(options), progress_(progress), end_(std::chrono::steady_clock::now() + options.time_limit) {
    std::size_t searches = 0;
    for (const auto* p : properties) {
      const std::string strategy = options.strategy.value_or(p->bounded() ? "exhaustive" : "mix");
      if (!is_exhaustive(strategy)) {
        sampled_.push_back({p, strategy});
      } else if (searches++ % options.part.count == options.part.index) {
        searched_.push_back({p, strategy});
      }
    }
  }

  tl::expected<campaign_record, std::string> run() {
    search_side_by_side();
    for (std::size_t i = 0; i < sampled_.size() && !stopped(); ++i) {
      explore(sampled_[i], options_.jobs, time_for_one_of(sampled_.size() - i));
    }
    if (!error_.empty()) return tl::unexpected(error_);
    record_.version = version;
    record_.seed = options_.seed;
    record_.interrupted = options_.stop != nullptr && options_.stop->load();
    if (record_.interrupted) forgive_coverage();
    std::sort(record_.properties.begin(), record_.properties.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return std::move(record_);
  }

 private:
  struct job {
    const sim::property* target;
    std::string strategy;
  };

  bool stopped() {
    if (options_.stop != nullptr && options_.stop->load()) return true;
    const std::scoped_lock lock(mutex_);
    return !error_.empty() || thrown_;
  }

  /// An equal share of what is left.
  std::chrono::milliseconds time_for_one_of(std::size_t remaining) const {
    if (options_.time_limit.count() == 0) return std::chrono::milliseconds{0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return std::max(left / static_cast<std::chrono::milliseconds::rep>(remaining), std::chrono::milliseconds{1});
  }

  void search_side_by_side() {
    std::atomic<std::size_t> next{0};
    const std::size_t lanes = std::min<std::size_t>(searched_.size(), std::max(options_.jobs, 1u));
    std::vector<std::thread> threads;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      threads.emplace_back([&] {
        for (std::size_t i = next++; i < searched_.size() && !stopped(); i = next++) {
          const std::size_t rounds = (searched_.size() - i + lanes - 1) / lanes;
          explore_keeping_exceptions(searched_[i], time_for_one_of(rounds + sampled_.size()));
        }
      });
    }
    for (auto& t : threads) t.join();
    if (thrown_) std::rethrow_exception(thrown_);
  }

  void explore_keeping_exceptions(const job& j, std::chrono::milliseconds time) {
    try {
      explore(j, 1, time);
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      thrown_ = std::current_exception();
    }
  }

  void explore(const job& j, unsigned jobs, std::chrono::milliseconds time) {
    sim::campaign_options o;
    o.strategy = j.strategy;
    o.seed = options_.seed;
    o.jobs = jobs;
    o.time_limit = time;
    o.stop = options_.stop;
    const bool exhaustive = is_exhaustive(j.strategy);
    const std::uint64_t usual = exhaustive ? usual_exhaustive_schedules : usual_schedules;
    const std::uint64_t unlimited = ~std::uint64_t{0} >> 1;
    o.schedules = options_.schedules.value_or(time.count() > 0 ? unlimited : usual);
    if (!exhaustive) {
      o.shard_index = options_.part.index;
      o.shard_count = options_.part.count;
    }
    if (options_.faults) o.budget = *restrict_faults(*options_.faults, j.target->budget());
    const auto start = std::chrono::steady_clock::now();
    o.progress = [&](std::uint64_t done) {
      const double share = time.count() > 0
                               ? std::chrono::duration<double>(std::chrono::steady_clock::now() - start) / time
                               : static_cast<double>(done) / static_cast<double>(o.schedules);
      progress_.working_on(j.target->name(), share, done);
    };
    keep(j, sim::run_campaign(*j.target, o));
  }

  void keep(const job& j, const sim::campaign_result& result) {
    progress_.finished_one(result.executions);
    property_record r = record_of(j, result);
    const std::scoped_lock lock(mutex_);
    if (result.failure) write_trace(*result.failure, r);
    record_.properties.push_back(std::move(r));
  }

  property_record record_of(const job& j, const sim::campaign_result& result) const {
    property_record r;
    r.name = j.target->name();
    r.strategy = j.strategy;
    r.schedules = result.executions;
    r.redundant = result.redundant;
    r.exhausted = result.exhausted;
    r.steps = result.steps;
    r.decisions = result.decisions;
    r.seconds = result.seconds;
    r.reached = result.reached;
    r.warnings = result.warnings;
    std::sort(r.warnings.begin(), r.warnings.end());
    // With fewer faults than the property promises to survive, or one case of many, less can be reached.
    const bool all_of_it = !options_.faults && (!is_exhaustive(j.strategy) || j.target->bounded());
    if (all_of_it) {
      for (const auto& what : j.target->must_reach()) r.reached.emplace(what, 0);
    }
    if (result.failure) {
      r.verdict = to_string(result.failure->what.kind);
      r.message = result.failure->what.message;
      r.found_after = result.failure->execution + 1;
      r.story = result.failure->told;
      r.exhausted = false;
    } else if (const auto missed = missed_coverage(r); missed && options_.part.count == 1) {
      r.verdict = "not_reached";
      r.message = *missed;
    }
    return r;
  }

  void write_trace(const sim::campaign_failure& failure, property_record& r) {
    std::error_code error;
    std::filesystem::create_directories(options_.traces, error);
    const auto path = options_.traces / trace_name(failure.smallest);
    if (const auto written = write_whole(path, sim::to_text(failure.smallest)); !written) {
      error_ = written.error();
      return;
    }
    r.trace = path.string();
  }

  void forgive_coverage() {
    for (auto& p : record_.properties) {
      if (p.verdict == "not_reached") p.verdict = "passed", p.message.clear();
    }
  }

  const verification_options& options_;
  progress_bar& progress_;
  const std::chrono::steady_clock::time_point end_;
  std::vector<job> searched_;
  std::vector<job> sampled_;
  std::mutex mutex_;  // guards what follows while searches run side by side
  campaign_record record_;
  std::string error_;
  std::exception_ptr thrown_;
};

}  // namespace

tl::expected<campaign_record, std::string> verify(std::span<const sim::property* const> properties,
                                                  const verification_options& options, progress_bar& progress) {
  return verifier(properties, options, progress).run();
}

}  // namespace wavetank::tools
