#include <wavetank/props/batch/durable_batcher_run.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <wavetank/impl/batch/log_backend.h>
#include <wavetank/impl/batch/window_batcher.h>
#include <wavetank/props/batch/batcher_landmarks.h>
#include <wavetank/props/batch/log_directory.h>
#include <wavetank/props/batch/log_faults.h>
#include <wavetank/props/batch/write_promises.h>
#include <wavetank/props/disk_kind.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/assertion.h>
#include <wavetank/sim/machine.h>

namespace wavetank::props {

vocabulary durable_batcher_words(std::uint32_t least_branches, std::uint32_t most_branches) {
  constexpr auto number = operand_kind::number;
  const operand kind{"kind", number, 0, 2, 0};
  const operand count{"count", number, 1, 3, 1};
  const operand bytes{"bytes", number, 0, 300, 0, 0};
  const operand within{"within", number, 0, 1'000, 0, 4};
  vocabulary words;
  words.settings = {
      {"mode", number, 0, 2, 1},           // posix, linux, journal
      {"tiny_segments", number, 0, 1, 0},  // a segment a batch or two
      {"tiny_batches", number, 0, 1, 0},   // the log takes less than a slot does
      {"power_cuts", number, 0, 2, 0},
      {"kills", number, 0, 1, 0},
      {"faults", number, 0, most_log_faults, 0},
      {"commits", number, 1, 3, 1},
      {"max_items", number, 3, 6, 4},
      {"disk", number, 0, most_disk_kind, 0},  // see disk_kind.h
      {"discards", number, 0, 1, 0},           // old segments, after each write that is answered in its call
  };
  words.verbs = {
      {"batch", false, 6, {kind, count, bytes, within}},
      {"async", false, 6, {kind, count, bytes, within}},
      {"write", false, 3, {{"window", number, 0, 10'000, 0, 4}, bytes}},
      {"flush", false, 1, {within}},
  };
  words.least_branches = least_branches;
  words.most_branches = most_branches;
  words.most_generated_steps = 4;
  return words;
}

namespace {

using log_type = disk_log<sim::runtime, sim::file_system>;
using backend_type = log_backend<sim::runtime, sim::file_system>;
using batcher_type = window_batcher<sim::runtime, backend_type>;

class durable_batcher_run {
 public:
  durable_batcher_run(sim::world& w, const program& p)
      : world_(w), what_(p), machine_(disk_of(p), deaths_of(p)), next_(p.branches.size(), 0) {
    machine_.limit_faults(count_of_faults(setting(durable_batcher_setting::faults)));
  }

  void run() {
    make_log_directory(machine_, directory);
    for (std::uint64_t life = 0; steps_are_left() && life < most_lives(); ++life) live("writer");
    machine_.calm();
    machine_.cut_power();
    for (std::size_t i = 0; i < next_.size(); ++i) next_[i] = what_.branches[i].size();
    opened_ = false;
    live("last reader");
    world_.require(opened_, "after a restart of a calm machine the log does not open");
  }

 private:
  using operands = decltype(step{}.operands);
  using request_number = write_promises::request_number;
  using commands = std::vector<backend_type::command>;
  static constexpr const char* directory = "/log";
  static constexpr shard_number shard = 0;
  static constexpr std::uint64_t tiny_batch_bytes = 400;

  static std::uint64_t setting_of(const program& p, durable_batcher_setting which) {
    return p.settings[static_cast<std::size_t>(which)];
  }
  std::uint64_t setting(durable_batcher_setting which) const { return setting_of(what_, which); }

  static sim::disk::disk_options disk_of(const program& p) {
    sim::disk::disk_options options;
    options.mode = static_cast<sim::disk::crash_mode>(setting_of(p, durable_batcher_setting::mode));
    make_kind(options, setting_of(p, durable_batcher_setting::disk));
    options.faults = log_faults_of(setting_of(p, durable_batcher_setting::faults));
    return options;
  }
  static sim::crash_budget deaths_of(const program& p) {
    return {.process_kills = static_cast<std::uint32_t>(setting_of(p, durable_batcher_setting::kills)),
            .power_cuts = static_cast<std::uint32_t>(setting_of(p, durable_batcher_setting::power_cuts))};
  }

  /// Each death and each fault may end a life early; the last one may go on to the end.
  std::uint64_t most_lives() const {
    return 2 * (setting(durable_batcher_setting::power_cuts) + setting(durable_batcher_setting::kills) +
                count_of_faults(setting(durable_batcher_setting::faults))) +
           1;
  }
  bool steps_are_left() const {
    for (std::size_t i = 0; i < next_.size(); ++i) {
      if (next_[i] < what_.branches[i].size()) return true;
    }
    return false;
  }

  // A process ---------------------------------------------------------------------------------------------------------

  void live(std::string_view name) {
    refuses_ = false;
    backend_ = nullptr;
    sim::process one = machine_.start(name, [this](sim::runtime& r, sim::file_system& files) { body(r, files); });
    one.wait();
    if (machine_.disk().shut_down()) machine_.cut_power();
  }

  void body(sim::runtime& r, sim::file_system& files) {
    auto log = open(r, files);
    if (!log) return sim::require(log.error().what != log_problem::rot, "rot where nothing rots");
    opened_ = true;
    backend_type backend;
    backend.add(shard, std::move(*log));
    backend_ = &backend;
    batch_options options;
    options.max_items = setting(durable_batcher_setting::max_items);
    options.max_commits_in_flight = static_cast<std::uint32_t>(setting(durable_batcher_setting::commits));
    batcher_type batcher{r, backend, {shard}, options};
    write_side_by_side(r, batcher);
    sim::require(batcher.stop(shard, batcher_type::no_deadline), "it did not stop although nothing kept it");
    mark(*batcher.metrics(shard));
  }

  tl::expected<log_type, log_error> open(sim::runtime& r, sim::file_system& files) {
    disk_log_options options;
    options.segment_bytes = setting(durable_batcher_setting::tiny_segments) != 0 ? 128U : 1U << 20U;
    options.reserve_bytes = 0;
    if (setting(durable_batcher_setting::tiny_batches) != 0) options.max_batch_bytes = tiny_batch_bytes;
    write_promises::batches found;
    std::uint64_t first = 1;
    auto log = log_type::open(r, files, directory, options, [&](std::uint64_t sequence, const auto& items) {
      if (found.empty()) first = sequence;
      sim::require(sequence == first + found.size(), "a sequence is missing");
      auto& batch = found.emplace_back();
      for (const auto& item : items) batch.push_back(name_of(item));
    });
    sim::require(first <= may_begin_at_, "batches are gone that nobody has discarded");
    if (log) judge(first, found);
    return log;
  }

  void judge(std::uint64_t first, const write_promises::batches& found) {
    if (promises_.has_promised() && machine_.power_cuts() + machine_.process_kills() != 0) {
      reached("acknowledged, crashed, recovered");
    }
    if (promises_.some_doubtful(true, found)) reached("a write of unknown outcome was there");
    if (first == 1 && promises_.some_doubtful(false, found)) reached("a write of unknown outcome was gone");
    const std::string wrong = promises_.replayed(first, found);
    sim::require(wrong.empty(), wrong);
  }

  void write_side_by_side(sim::runtime& r, batcher_type& batcher) {
    std::vector<sim::runtime::task> writers;
    for (std::size_t i = 0; i < what_.branches.size(); ++i) {
      writers.push_back(r.spawn(task_name(i + 1), [this, &batcher, i] {
        while (!refuses_ && next_[i] < what_.branches[i].size()) {
          const step& s = what_.branches[i][next_[i]++];
          sim::runtime::point("before a step");
          perform(batcher, i, s);
        }
      }));
    }
    for (auto& one : writers) one.join();
  }

  void perform(batcher_type& batcher, std::uint64_t task, const step& s) {
    const auto& o = s.operands;
    switch (static_cast<durable_batcher_verb>(s.verb)) {
      case durable_batcher_verb::batch:
        return in_call(task, new_writes(o[1], o[2]), [&](commands all) {
          return batcher.write_batch(shard, kind_of(o[0]), std::move(all), within(o[3]));
        });
      case durable_batcher_verb::async:
        return async(batcher, task, o);
      case durable_batcher_verb::write:
        return in_call(task, new_writes(1, o[1]), [&](commands all) -> write_promises::answer {
          auto said = batcher.write(shard, "a", std::move(all.front()), std::chrono::milliseconds(o[0]));
          if (!said) return tl::make_unexpected(std::move(said.error()));
          return std::vector<std::uint64_t>{*said};
        });
      case durable_batcher_verb::flush:
        return static_cast<void>(batcher.flush(shard, within(o[0])));
    }
  }

  static batcher_type::batch_kind kind_of(std::uint64_t operand) {
    return static_cast<batcher_type::batch_kind>(operand);
  }
  static sim::time_point within(std::uint64_t ms) {
    return ms == 0 ? batcher_type::no_deadline : clock_now() + std::chrono::milliseconds(ms);
  }

  // Writes ------------------------------------------------------------------------------------------------------------

  /// Named by their numbers; so many bytes follow, of which the replay is told nothing.
  commands new_writes(std::uint64_t count, std::uint64_t bytes) {
    commands all;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string text = std::to_string(++writes_) + ":" + std::string(static_cast<std::size_t>(bytes), 'x');
      const auto image = std::as_bytes(std::span{text});
      all.emplace_back(image.begin(), image.end());
    }
    return all;
  }
  static std::string name_of(std::span<const std::byte> item) {
    std::string name;
    for (const std::byte one : item) {
      if (static_cast<char>(one) == ':') break;
      name += static_cast<char>(one);
    }
    return "write " + name;
  }

  request_number submits(std::uint64_t task, const commands& all) {
    std::vector<std::string> names;
    for (const auto& one : all) names.push_back(name_of(one));
    return promises_.submits(task, std::move(names));
  }

  template <class Call>
  void in_call(std::uint64_t task, commands all, Call&& call) {
    const std::uint64_t bytes = bytes_of(all);
    const request_number mine = submits(task, all);
    auto said = call(std::move(all));
    const auto durable = said ? std::optional{said->front()} : std::nullopt;
    told(mine, bytes, std::move(said));
    if (durable) discard_before(*durable);
  }

  /// If the program does. What was there once need not be replayed.
  void discard_before(std::uint64_t sequence) {
    if (setting(durable_batcher_setting::discards) == 0) return;
    may_begin_at_ = std::max(may_begin_at_, sequence);
    const auto gone = backend_->discard_before(shard, sequence);
    if (!gone) {
      sim::require(setting(durable_batcher_setting::faults) != 0, "a discard failed: " + to_string(gone.error()));
      return reached("a discard failed");
    }
    if (*gone != 0) reached("old segments were discarded");
  }

  void async(batcher_type& batcher, std::uint64_t task, const operands& o) {
    commands all = new_writes(o[1], o[2]);
    const std::uint64_t bytes = bytes_of(all);
    const request_number mine = submits(task, all);
    auto done = batcher.write_batch_async(
        shard, kind_of(o[0]), std::move(all),
        [this, mine, bytes](write_promises::answer said) { told(mine, bytes, std::move(said)); }, nullptr,
        within(o[3]));
    auto* const direct = std::get_if<batcher_type::batch_answer>(&done);
    if (direct != nullptr) told(mine, bytes, std::move(*direct));
  }

  static std::uint64_t bytes_of(const commands& all) {
    std::uint64_t bytes = 0;
    for (const auto& one : all) bytes += item_length_bytes + one.size();
    return bytes;
  }

  void told(request_number which, std::uint64_t bytes, write_promises::answer said) {
    if (!said) note(said.error(), bytes);
    promises_.answered(which, std::move(said));
  }

  void note(const write_error& why, std::uint64_t bytes) {
    mark(why);
    if (why.what != write_problem::not_committed || why.cause != write_cause::backend) return;
    const bool fits = setting(durable_batcher_setting::tiny_batches) == 0 || bytes <= tiny_batch_bytes;
    if (!fits) return reached("refused alone");
    sim::require(why.text.find("max_batch_bytes") == std::string::npos, "a write failed because of a neighbour");
    // A prudent program opens a log anew that has refused.
    refuses_ = true;
    reached("the log refused");
  }

  sim::world& world_;
  const program& what_;
  sim::machine machine_;
  write_promises promises_;
  std::vector<std::size_t> next_;    ///< by branch: its next step
  backend_type* backend_ = nullptr;  ///< of the process that lives
  std::uint64_t may_begin_at_ = 1;   ///< what is before it may have been discarded
  std::uint64_t writes_ = 0;
  bool opened_ = false;
  bool refuses_ = false;
};

}  // namespace

void run_durable_batcher(sim::world& w, const program& p) { durable_batcher_run{w, p}.run(); }

}  // namespace wavetank::props
