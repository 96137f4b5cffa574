#include <wavetank/props/cache/durable_cache_run.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <wavetank/impl/cache/prefix_cache.h>
#include <wavetank/props/cache/durability_ledger.h>
#include <wavetank/props/cache/durable_cache_words.h>
#include <wavetank/props/cache/fault_setting.h>
#include <wavetank/props/cache/followed_file_system.h>
#include <wavetank/props/cache/litter.h>
#include <wavetank/props/cache/saved_content.h>
#include <wavetank/props/cache/scan_record.h>
#include <wavetank/props/disk_kind.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/machine.h>

namespace wavetank::props {

namespace {

using cache_type = prefix_cache<sim::runtime, followed_file_system>;

constexpr int tries_to_open = 8;
constexpr std::chrono::seconds sweep_interval{20};

class durable_cache_run {
 public:
  durable_cache_run(sim::world& w, const program& p)
      : world_(w),
        program_(p),
        words_(durable_cache_words(0, 0, 0)),
        machine_(options_of(p), {}),
        silent_(is_silent(p.settings[durable_cache_setting::fault])) {
    // Where calls fail or several tasks are at it, what happens is not one call after the other.
    const bool one_by_one = p.branches.empty() && !sweeps_by_itself();
    if (p.settings[durable_cache_setting::fault] == 0 && one_by_one) record_.emplace(cache_folder);
    const bool any_fault = p.settings[durable_cache_setting::fault] >= any_failure_setting;
    machine_.limit_faults(any_fault && p.branches.empty() ? 1 : 2);
  }

  void run() {
    if (program_.settings[durable_cache_setting::litter] != 0) leave_litter();
    machine_.crashes() = crashes_of(program_);
    // Two lives: what the first one left is taken over by the second.
    const sim::process first = machine_.start("first", [&](sim::runtime& r, sim::file_system& f) { prepare(r, f); });
    wait_for({first});
    if (!died_ && !program_.branches.empty()) serve_side_by_side();
    // What is left of the budget strikes the recovery.
    while (died_ && deaths_left() != 0) {
      died_ = false;
      const sim::process again =
          machine_.start("recovery", [&](sim::runtime& r, sim::file_system& f) { recover(r, f); });
      wait_for({again});
    }
    machine_.calm();
    if (answers_nothing()) cut_power();  // somebody mounts it anew
    judge("what a restart finds", what_then::look);
    // Saves sync the directory, and so would hide that what was found was not durable.
    if (sim::scheduler::here().choose(sim::decision_kind::outcome, 2, "power is cut before anything is saved") == 1) {
      cut_power();
    }
    judge("what the next restart finds", what_then::save_again);
    cut_power();
    judge("what a restart finds after a power cut", what_then::save_again);
  }

 private:
  static sim::disk::disk_options options_of(const program& p) {
    using sim::disk::crash_mode;
    sim::disk::disk_options o;
    o.mode = std::array{crash_mode::linux_like, crash_mode::posix,
                        crash_mode::journal}[p.settings[durable_cache_setting::mode]];
    make_kind(o, p.settings[durable_cache_setting::disk]);
    o.hard_links = p.settings[durable_cache_setting::rename] == 0;
    o.faults = faults_of(p.settings[durable_cache_setting::fault], 2);
    return o;
  }

  static sim::crash_budget crashes_of(const program& p) {
    const auto deaths = static_cast<std::uint32_t>(p.settings[durable_cache_setting::deaths]);
    switch (p.settings[durable_cache_setting::kills_first]) {
      case 0:
        return {deaths, deaths};
      case 1:
        return {deaths, 0};
      default:
        return {1, 0};
    }
  }

  bool sweeps_by_itself() const noexcept { return program_.settings[durable_cache_setting::sweeper] != 0; }

  std::uint32_t deaths_left() { return std::max(machine_.crashes().process_kills, machine_.crashes().power_cuts); }

  std::uint32_t deaths() const { return machine_.process_kills() + machine_.power_cuts(); }

  void cut_power() {
    machine_.cut_power();
    if (record_) record_->power_failed();
  }

  /// The file system has shut down in the way that not even reads survive.
  bool answers_nothing() {
    const auto& disk = machine_.disk();
    return disk.shut_down() && disk.options().after_log_failure == sim::disk::shutdown_style::dead;
  }

  void wait_for(std::vector<sim::process> processes) {
    const auto before = deaths_seen_;
    const auto cuts_before = machine_.power_cuts();
    for (sim::process& p : processes) p.wait();
    deaths_seen_ = deaths();
    if (record_) machine_.power_cuts() != cuts_before ? record_->power_failed() : record_->ended();
    died_ = deaths_seen_ != before;
    if (!died_) return;
    ledger_.everybody_died();
    auto& left = machine_.crashes();
    if (program_.settings[durable_cache_setting::kills_first] == 2) {
      left = {0, machine_.power_cuts() == 0 ? 1u : 0u};
    }
    // One death, of whatever kind, is one of the budget.
    if (left.power_cuts != 0 || left.process_kills != 0) {
      const auto spent = deaths();
      const auto all = static_cast<std::uint32_t>(program_.settings[durable_cache_setting::deaths]);
      const auto rest = all > spent ? all - spent : 0;
      left.process_kills = std::min(left.process_kills, rest);
      left.power_cuts = std::min(left.power_cuts, rest);
    }
    reached(machine_.power_cuts() != 0 ? "the power failed" : "the process was killed");
  }

  auto open(sim::runtime& r, followed_file_system& f) {
    prefix_cache_options options{.disk_path = cache_folder, .saves = {.permits = 2}, .sweep_interval = std::nullopt};
    if (sweeps_by_itself()) options.sweep_interval = sweep_interval;
    auto cache = cache_type::open(r, f, std::move(options));
    if (cache && record_) record_->opened(sim::scheduler::here().unobserved([&] { return rows_of(**cache); }));
    return cache;
  }

  static std::ptrdiff_t unsettled_rows(cache_type& cache) {
    const auto rows = cache.table().dump();
    return std::count_if(rows.begin(), rows.end(),
                         [](const row_report& one) { return one.status != row_status::available; });
  }
  static std::vector<cache_key> rows_of(cache_type& cache) {
    std::vector<cache_key> keys;
    for (const auto& row : cache.table().dump()) keys.push_back(row.key);
    return keys;
  }

  scan_record* record() noexcept { return record_ ? &*record_ : nullptr; }

  /// Somebody else's doing, before the first start that counts.
  void leave_litter() {
    const sim::process writer = machine_.start("writer", [&](sim::runtime& r, sim::file_system& f) {
      followed_file_system files(f, record());
      auto cache = open(r, files);
      for (const std::uint64_t key : {intact_key, damaged_key}) save(**cache, key, 1);
      leave_temporary_file(files);
    });
    wait_for({writer});
    wait_for({machine_.start("damage", [](sim::runtime&, sim::file_system& f) { damage_file(f); })});
    if (record_) record_->damaged(cache_key_of(damaged_key));
    ledger_.removal_begins(damaged_key);
    ledger_.removal_ends(damaged_key);
  }

  void prepare(sim::runtime& r, sim::file_system& f) {
    followed_file_system files(f, record());
    auto cache = open(r, files);
    if (!cache) return;  // a fault struck; nothing was promised
    for (const step& s : program_.prefix) perform(r, **cache, s);
    reclaims_everything(r, **cache, f);
  }

  /// One process works on the directory, or several of which the lock lets one in at a time.
  void serve_side_by_side() {
    for (std::size_t i = 0; i <= program_.settings[durable_cache_setting::rivals]; ++i) {
      servers_.push_back(machine_.start(i == 0 ? "server" : "rival",
                                        [this, i](sim::runtime& r, sim::file_system& f) { serve(i, r, f); }));
    }
    wait_for(servers_);
  }

  /// As a service that is started anew until it is let in, but not for ever.
  auto open_when_free(sim::runtime& r, followed_file_system& f) {
    auto cache = open(r, f);
    for (int tries = 0; tries < tries_to_open && !cache && cache.error().problem == directory_problem::locked;
         ++tries) {
      reached("a second process was refused");
      r.sleep_until(r.now() + std::chrono::seconds(40));
      cache = open(r, f);
    }
    return cache;
  }

  void serve(std::size_t number, sim::runtime& r, sim::file_system& f) {
    followed_file_system files(f, record());
    auto cache = open_when_free(r, files);
    if (!cache) return;
    if ((*cache)->read_only(cache_tier::disk)) return read_beside(r, **cache);
    sim::require(!in_use_by_ || !servers_[*in_use_by_].running(), "the directory's lock lets one process in");
    in_use_by_ = number;
    if (deaths() != deaths_seen_) reached("a process took over from one that was killed beside it");
    // Whoever was removing something had the lock.
    ledger_.everybody_died();
    std::vector<sim::runtime::task> tasks;
    for (std::size_t i = 0; i < program_.branches.size(); ++i) {
      tasks.push_back(r.spawn(task_name(i + 1), [&, i] {
        for (const step& s : program_.branches[i]) perform(r, **cache, s);
      }));
    }
    for (auto& t : tasks) t.join();
    reclaims_everything(r, **cache, f);
    in_use_by_.reset();
  }

  /// Without the lock: whatever is tried, nothing of the other's goes.
  void read_beside(sim::runtime& r, cache_type& cache) {
    reached("a process without the lock read beside another");
    for (const auto& branch : program_.branches) {
      for (const step& s : branch) {
        switch (static_cast<durable_cache_verb>(s.verb)) {
          case durable_cache_verb::evict:
            static_cast<void>(cache.table().evict(cache_key_of(s.operands[0])));
            break;
          case durable_cache_verb::gc:
            static_cast<void>(cache.table().gc());
            break;
          case durable_cache_verb::load:
            static_cast<void>(cache.load(cache_key_of(s.operands[0])));
            break;
          default:
            perform(r, cache, s);
        }
      }
    }
    cache.sweep();
  }

  /// Each sweep tries again; there are fewer faults than sweeps.
  void reclaims_everything(sim::runtime& r, cache_type& cache, sim::file_system& f) {
    for (int sweeps = 0; sweeps < 3; ++sweeps) sweep_once(r, cache);
    const auto entries = f.list(cache_folder);
    if (!entries || machine_.disk().shut_down()) return;
    for (const auto& e : *entries) {
      const bool temporary = parse_kvc_name(e.name).kind == kvc_name_kind::temporary;
      sim::require(!temporary, "no temporary file is left behind: " + e.name);
    }
  }

  /// Or waits until the cache has, which may be late by as long as calls take.
  void sweep_once(sim::runtime& r, cache_type& cache) {
    if (!sweeps_by_itself()) return cache.sweep();
    const auto unsettled = [&] { return sim::scheduler::here().unobserved([&] { return unsettled_rows(cache); }); };
    const auto before = unsettled();
    r.sleep_until(r.now() + 100 * sweep_interval);
    if (unsettled() < before) reached("a cache swept by itself");
  }

  void recover(sim::runtime& r, sim::file_system& f) {
    followed_file_system files(f, record());
    auto cache = open(r, files);
    if (cache) (*cache)->sweep();
  }

  void perform(sim::runtime& r, cache_type& cache, const step& s) {
    const std::uint64_t first = s.operands[0];
    switch (static_cast<durable_cache_verb>(s.verb)) {
      case durable_cache_verb::save:
        return save(cache, first, s.operands[1]);
      case durable_cache_verb::load:
        return load(cache, first);
      case durable_cache_verb::evict:
        ledger_.removal_begins(first);
        static_cast<void>(cache.table().evict(cache_key_of(first)));
        return ledger_.removal_ends(first);
      case durable_cache_verb::gc:
        for (std::uint64_t k = 1; k <= most_key; ++k) ledger_.removal_begins(k);
        static_cast<void>(cache.table().gc());
        for (std::uint64_t k = 1; k <= most_key; ++k) ledger_.removal_ends(k);
        return;
      case durable_cache_verb::sweep:
        return cache.sweep();
      case durable_cache_verb::sleep:
        return r.sleep_until(r.now() + std::chrono::seconds(first));
    }
  }

  void save(cache_type& cache, std::uint64_t key, std::uint64_t content) {
    auto bytes = payload_of(content);
    const auto removals = ledger_.attempt(key, bytes);
    const auto saved = cache.save(cache_tier::disk, metadata_of(key), bytes);
    if (saved || saved.error().problem == save_problem::already_present) {
      ledger_.acknowledge(key, removals);
      if (record_) record_->saved(cache_key_of(key));
    }
    const bool taken_away = !saved && saved.error().cause && saved.error().cause->error_number == ENOENT;
    sim::require(!taken_away, "nobody takes a writer's file away");
    if (saved) reached("saved");
    if (!saved && saved.error().problem == save_problem::io) reached("a save failed by a file call");
    if (!saved && saved.error().problem == save_problem::directory_untrusted) reached("a directory lost trust");
    if (!saved && saved.error().problem == save_problem::conflict) reached("two saves of one key met");
  }

  void load(cache_type& cache, std::uint64_t key) {
    const bool owed = ledger_.owes(key);
    const auto removals = ledger_.removals(key);
    const auto row = cache.load(cache_key_of(key));
    if (row) sim::require(ledger_.may_hold(key, *row->payload), "a load answers bytes that somebody saved");
    if (row) reached("loaded");
    if (row) seen(key, removals);
    const bool missed = !row && row.error().problem == load_problem::miss;
    if (missed && owed && ledger_.owes(key) && !silent_) sim::require(false, "an acknowledged save is found");
  }

  /// A row is seen only when it is durable. But where nothing can be made durable any more, reads go on and promise
  /// nothing.
  void seen(std::uint64_t key, std::uint64_t removals) {
    if (!machine_.disk().shut_down()) ledger_.acknowledge(key, removals);
  }

  enum class what_then : std::uint8_t { look, save_again };

  /// In a calm world: opens, looks at everything, and leaves the directory so, or as a user would go on with it.
  void judge(const std::string& when, what_then then) {
    world_.say(when);
    sim::process judge = machine_.start("judge", [&](sim::runtime& r, sim::file_system& f) {
      followed_file_system files(f, record());
      auto cache = open(r, files);
      sim::require(cache.has_value(), when + ": the cache opens");
      const auto entries = f.list(cache_folder);
      sim::require(entries.has_value(), when + ": the directory can be listed");
      for (const auto& e : *entries) {
        const bool temporary = parse_kvc_name(e.name).kind == kvc_name_kind::temporary;
        sim::require(!temporary || machine_.disk().shut_down(), when + ": no temporary file is left");
      }
      for (std::uint64_t k = 1; k <= most_key; ++k) judge_key(**cache, k, when, then);
      if (program_.settings[durable_cache_setting::litter] != 0) judge_quarantine(f, when);
    });
    judge.wait();
    if (record_) record_->ended();
  }

  void judge_key(cache_type& cache, std::uint64_t key, const std::string& when, what_then then) {
    const std::string name = when + ": key " + std::to_string(key);
    const auto removals = ledger_.removals(key);
    auto row = cache.load(cache_key_of(key));
    if (row) sim::require(ledger_.may_hold(key, *row->payload), name + " has bytes that somebody saved");
    if (ledger_.owes(key) && !silent_) {
      sim::require(row.has_value(), name + " was acknowledged and is there");
      reached("acknowledged, crashed, recovered");
    }
    if (!row && row.error().problem == load_problem::corrupt) {
      sim::require(silent_, name + ": no indexed file is corrupt");
      reached("a damaged file was found out");
    }
    // Whatever happened, the key can be saved again, once the file system takes changes.
    if (row) return seen(key, removals);
    if (machine_.disk().shut_down() || then == what_then::look) return;
    const auto bytes = payload_of(1);
    ledger_.attempt(key, bytes);
    auto saved = cache.save(cache_tier::disk, metadata_of(key), bytes);
    if (!saved) {
      // A damaged file in the way may cost one save.
      cache.sweep();
      saved = cache.save(cache_tier::disk, metadata_of(key), bytes);
    }
    sim::require(saved.has_value(), name + " can be saved again: " + (saved ? "" : to_string(saved.error())));
    ledger_.acknowledge(key, removals);
  }

  sim::world& world_;
  const program& program_;
  vocabulary words_;
  sim::machine machine_;
  bool silent_;
  bool died_ = false;
  std::uint32_t deaths_seen_ = 0;
  std::vector<sim::process> servers_;
  std::optional<std::size_t> in_use_by_;
  durability_ledger ledger_;
  std::optional<scan_record> record_;
};

}  // namespace

void run_durable_cache(sim::world& w, const program& p) { durable_cache_run(w, p).run(); }

}  // namespace wavetank::props
