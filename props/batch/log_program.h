// Lives of a process that appends to a log on a disk that fails, on a machine that dies.
//
// A program is a list of batches. A process opens the log, checks what it replays against what was promised, and
// appends, by one task that writes a few before it syncs, or by several tasks that share the log; when it dies or its
// log fails, the next process goes on. In the end the world is calm, the power fails once more and a last process must
// find all that was promised.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <wavetank/impl/batch/disk_log.h>
#include <wavetank/impl/batch/shared_log.h>
#include <wavetank/props/batch/log_directory.h>
#include <wavetank/props/batch/log_faults.h>
#include <wavetank/props/batch/log_ledger.h>
#include <wavetank/props/disk_kind.h>
#include <wavetank/props/program/program.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/machine.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Positions in the settings and verbs of the vocabulary.
enum class log_setting : std::uint32_t {
  mode,
  tiny_segments,
  power_cuts,
  kills,
  faults,
  unsynced,
  writers,
  reserve,
  discards,
  disk
};
enum class log_verb : std::uint32_t { append };

/// The words, for programs of up to so many batches.
vocabulary log_words(std::uint32_t most_steps);

/// What strikes the disk besides deaths.
enum class log_weather : std::uint8_t { failing_calls, rot };

/// `Log` is `disk_log<sim::runtime, sim::file_system>` or a broken variant of it.
template <class Log>
class log_program {
 public:
  log_program(sim::world& w, const program& p, log_weather weather)
      : world_(w), what_(p), weather_(weather), machine_(disk_of(p, weather), deaths_of(p)) {
    // One bit: a second one could take the header that tells of the first.
    const std::uint64_t most = weather == log_weather::rot ? 1 : ~std::uint64_t{0};
    machine_.limit_faults(static_cast<std::uint32_t>(std::min<std::uint64_t>(most, faults())));
  }

  void run() {
    make_log_directory(machine_, directory);
    for (std::uint64_t life = 0; next_ < what_.prefix.size() && life < most_lives(); ++life) live("writer");
    const bool died = machine_.power_cuts() + machine_.process_kills() != 0;
    machine_.calm();
    machine_.cut_power();
    next_ = what_.prefix.size();
    opened_ = false;
    live("last reader");
    if (died && !ledger_.promised().empty()) reached("acknowledged, crashed, recovered");
    world_.require(opened_ || rot_found_, "after a restart of a calm machine the log does not open");
  }

 private:
  static constexpr const char* directory = "/log";

  std::uint64_t setting(log_setting which) const { return what_.settings[static_cast<std::size_t>(which)]; }
  std::uint32_t faults() const { return count_of_faults(setting(log_setting::faults)); }

  /// Each death and each fault may end a life early; the last one may go on to the end.
  std::uint64_t most_lives() const {
    return 2 * (setting(log_setting::power_cuts) + setting(log_setting::kills) + faults()) + 1;
  }

  static sim::disk::disk_options disk_of(const program& p, log_weather weather) {
    sim::disk::disk_options options;
    options.mode = static_cast<sim::disk::crash_mode>(p.settings[static_cast<std::size_t>(log_setting::mode)]);
    make_kind(options, p.settings[static_cast<std::size_t>(log_setting::disk)]);
    const std::uint64_t faults = p.settings[static_cast<std::size_t>(log_setting::faults)];
    if (weather == log_weather::rot) {
      options.faults[sim::disk::fault_kind::bit_rot] = count_of_faults(faults);
    } else {
      options.faults = log_faults_of(faults);
    }
    return options;
  }
  static sim::crash_budget deaths_of(const program& p) {
    return {.process_kills = static_cast<std::uint32_t>(p.settings[static_cast<std::size_t>(log_setting::kills)]),
            .power_cuts = static_cast<std::uint32_t>(p.settings[static_cast<std::size_t>(log_setting::power_cuts)])};
  }

  void live(std::string_view name) {
    const auto deaths_before = machine_.power_cuts();
    recovering_ = false;
    discarding_ = 0;
    sim::process one = machine_.start(name, [this](sim::runtime& r, sim::file_system& files) { body(r, files); });
    one.wait();
    if (recovering_ && machine_.power_cuts() != deaths_before) reached("power failed inside recovery");
    if (discarding_ != 0 && machine_.power_cuts() != deaths_before) reached("power failed inside a discard");
    if (machine_.disk().shut_down()) machine_.cut_power();
  }

  void body(sim::runtime& r, sim::file_system& files) {
    log_ledger::batches found;
    recovering_ = true;
    const disk_log_options options{.segment_bytes = setting(log_setting::tiny_segments) != 0 ? 128U : 1U << 20U,
                                   .reserve_bytes = 700 * setting(log_setting::reserve)};
    auto log = Log::open(r, files, directory, options, [&](std::uint64_t sequence, const auto& items) {
      if (found.empty()) found = discarded_before(sequence);
      sim::require(sequence == found.size() + 1, "a sequence is missing");
      found.push_back(text_of(items));
    });
    recovering_ = false;
    if (!log) return refused_to_open(log.error());
    judge(found);
    ledger_.seen(std::move(found));
    opened_ = true;
    if (setting(log_setting::writers) == 1) {
      append_alone(*log);
    } else {
      append_side_by_side(r, std::move(*log));
    }
  }

  /// What need not be replayed any more: as if it had been.
  log_ledger::batches discarded_before(std::uint64_t first_replayed) const {
    if (first_replayed == 1) return {};
    sim::require(first_replayed <= may_begin_at_, "batches are gone that nobody has discarded");
    return ledger_.first(first_replayed - 1);
  }

  void refused_to_open(const log_error& why) {
    const bool rot = why.what == log_problem::rot;
    sim::require(!rot || weather_ == log_weather::rot, "rot where nothing rots: " + to_string(why));
    if (rot) reached("rot was found");
    rot_found_ = rot_found_ || rot;
  }

  void judge(const log_ledger::batches& found) {
    const bool allowed =
        weather_ == log_weather::rot ? ledger_.allows_with_rot(found, most_in_flight()) : ledger_.allows(found);
    if (!allowed) {
      throw sim::assertion_failure("replayed " + words(found) + " where " + words(ledger_.promised()) +
                                   " was promised and " + words(ledger_.doubtful()) + " in doubt");
    }
    const auto promised = ledger_.promised().size();
    if (found.size() > promised) reached("a batch of unknown outcome was replayed");
    if (found.size() > promised + 1) reached("several batches of unknown outcome were replayed");
    if (!ledger_.doubtful().empty() && found == ledger_.promised()) reached("a batch of unknown outcome was gone");
  }

  using written_batch = typename Log::written_batch;
  /// Whom a sync may be for: the place that it was written to, and the text.
  struct unsynced_batch {
    written_batch written;
    std::string text;
  };

  /// One sync for so many batches.
  void append_alone(Log& log) {
    std::vector<unsynced_batch> unsynced;
    bool trusted = true;
    while (trusted && next_ < what_.prefix.size()) {
      trusted = attempt([&](const auto& items) { return log.write(items); }, unsynced);
      const bool last = !trusted || next_ == what_.prefix.size();
      if (!last && unsynced.size() < setting(log_setting::unsynced)) continue;
      log.sync();
      for (const auto& one : unsynced) settle(one, *Log::outcome_of(one.written));
      unsynced.clear();
      discard(log, log.synced_sequence());
    }
  }

  /// If the program does: everything before a batch that is durable.
  template <class AnyLog>
  void discard(AnyLog& log, std::uint64_t before) {
    if (setting(log_setting::discards) == 0 || weather_ == log_weather::rot) return;
    may_begin_at_ = std::max(may_begin_at_, before);
    ++discarding_;
    const auto gone = log.discard_before(before);
    --discarding_;
    if (!gone) {
      sim::require(faults() != 0, "a discard failed although no call did: " + to_string(gone.error()));
      return reached("a discard failed");
    }
    if (*gone > 1) reached("several segments were discarded");
  }

  /// Each task appends the next batch of the program until there is none.
  void append_side_by_side(sim::runtime& r, Log opened) {
    shared_log<sim::runtime, sim::file_system> log{std::move(opened)};
    std::vector<sim::runtime::task> writers;
    for (std::uint64_t i = 0; i < setting(log_setting::writers); ++i) {
      writers.push_back(r.spawn("writer", [this, &log] {
        std::vector<unsynced_batch> mine;
        bool trusted = true;
        while (trusted && next_ < what_.prefix.size()) {
          trusted = attempt([&](const auto& items) { return log.write(items); }, mine);
          for (const auto& one : mine) {
            const auto became = log.sync(one.written);
            settle(one, became);
            if (became) discard(log, *became);
          }
          mine.clear();
        }
      }));
    }
    for (auto& one : writers) one.join();
  }

  /// Writes the next batch of the program. False: the process ends, for its log takes no more.
  template <class Write>
  bool attempt(Write&& write, std::vector<unsynced_batch>& into) {
    const std::string batch = text(next_);
    const std::size_t items = static_cast<std::size_t>(what_.prefix[next_].operands[0]);
    ++next_;
    if (ledger_.has_unknown()) voids_ = true;
    ledger_.attempt(batch);
    auto written = write(items_of(batch, items));
    if (written) {
      ledger_.written(batch, written->sequence);
      into.push_back({std::move(*written), batch});
      return true;
    }
    const std::uint64_t rest = written.error().cause.io.bytes_wanted;
    const bool was_cut = rest != 0 && rest < frame_bytes(batch, items);
    if (was_cut) reached("a write was cut short, and its rest failed");
    if (written.error().outcome_unknown) {
      sim::require(was_cut, "a batch that is not in the file is called unknown");
      ledger_.unknown(batch);
      return true;
    }
    ledger_.refused(batch);
    reached("a batch was refused");
    if (written.error().cause.what != log_problem::directory_untrusted) return true;
    reached("a directory was not trusted any more");
    return false;
  }

  void settle(const unsynced_batch& one, const tl::expected<std::uint64_t, append_error>& became) {
    if (became) {
      ledger_.acknowledged(one.text, *became);
      if (voids_) reached("a batch of unknown outcome was voided");
    } else {
      sim::require(became.error().outcome_unknown, "a batch that was written is called refused");
      ledger_.unknown(one.text);
      reached("a sync failed");
    }
    voids_ = false;
  }

  /// How many batches may be acknowledged by one sync.
  std::size_t most_in_flight() const {
    return static_cast<std::size_t>(std::max(setting(log_setting::unsynced), setting(log_setting::writers)));
  }

  /// Batches differ in their letter. Some are longer than a sector.
  std::string text(std::size_t i) const {
    const auto& o = what_.prefix[i].operands;
    return std::string(static_cast<std::size_t>(o[0] * o[1]), static_cast<char>('a' + i % 26)) + std::to_string(i);
  }
  static std::vector<std::span<const std::byte>> items_of(const std::string& batch, std::size_t items) {
    const auto all = std::as_bytes(std::span{batch});
    const std::size_t each = batch.size() / items;
    std::vector<std::span<const std::byte>> parts;
    for (std::size_t i = 0; i < items; ++i) {
      parts.push_back(i + 1 < items ? all.subspan(i * each, each) : all.subspan(i * each));
    }
    return parts;
  }
  static std::uint64_t frame_bytes(const std::string& batch, std::size_t items) {
    return aligned_to_log(frame_header_bytes + items * item_length_bytes + batch.size());
  }
  template <class Items>
  static std::string text_of(const Items& items) {
    std::string all;
    for (const auto& item : items) {
      for (const std::byte b : item) all += static_cast<char>(b);
    }
    return all;
  }
  static std::string words(const log_ledger::batches& some) {
    std::string all = "[";
    for (const auto& one : some) {
      const auto number = one.find_first_of("0123456789");
      all += (number == std::string::npos ? "garbage" : one.substr(number)) + " ";
    }
    return all + "]";
  }

  sim::world& world_;
  const program& what_;
  log_weather weather_;
  sim::machine machine_;
  log_ledger ledger_;
  std::size_t next_ = 0;
  bool opened_ = false;
  bool recovering_ = false;
  int discarding_ = 0;              ///< tasks
  std::uint64_t may_begin_at_ = 1;  ///< what is before it may be gone
  bool rot_found_ = false;
  bool voids_ = false;
};

}  // namespace wavetank::props
