// What the append-only log must do about crashes, failed syncs and rot: its protocol as an executable specification.
//
// The medium is a list of segments with frames, each pending, durable, torn or rotten; the writer does one step of its
// protocol at a time, and may write while a sync runs, which then is not for what it writes. A recovery replays by the
// rules (an older segment ends where the next one's header says, damage is rot where a valid header behind it says so,
// else a torn tail) and is judged by what was promised, which the state keeps beside the medium. Leaves out: bytes,
// checksums (damage is always seen), the lock, discarded segments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <wavetank/model/state_machine.h>
#include <wavetank/model/words.h>

namespace wavetank::model {

/// The specification. A value; every function may be called from any thread.
struct disk_log {
  using batch_number = std::uint64_t;
  using sequence_number = std::uint64_t;

  // Commands --------------------------------------------------------------------------------------------------------

  /// The frame of a batch is handed to the file system: `written`.
  struct write {
    batch_number batch;
    friend bool operator==(const write&, const write&) = default;
  };
  /// The write fails, and may leave a part: `refused`. The segment has ended.
  struct write_fails {
    batch_number batch;
    friend bool operator==(const write_fails&, const write_fails&) = default;
  };
  /// A sync begins, for what was written so far: `syncing`.
  struct begin_sync {
    friend bool operator==(const begin_sync&, const begin_sync&) = default;
  };
  /// It ends, and what it was for is durable: `acknowledged`.
  struct sync {
    friend bool operator==(const sync&, const sync&) = default;
  };
  /// What a failed sync leaves: `unsized` is read by whoever looks, and gone after the next loss of power.
  enum class left : std::uint8_t { durable, unsized, lost };
  /// The sync fails: `unknown`, whatever of the segment was not synced before. The segment has ended.
  struct sync_fails {
    std::vector<left> frames;  ///< of each frame that is pending
    friend bool operator==(const sync_fails&, const sync_fails&) = default;
  };
  /// A segment is made, not yet durable: `begun`.
  struct begin_segment {
    friend bool operator==(const begin_segment&, const begin_segment&) = default;
  };
  /// Its header and its name are durable: `ready`.
  struct sync_segment {
    friend bool operator==(const sync_segment&, const sync_segment&) = default;
  };
  /// Making it fails; it is removed or will be: `removed`.
  struct segment_fails {
    friend bool operator==(const segment_fails&, const segment_fails&) = default;
  };
  /// The process alone dies: `died`. Whoever recovers syncs first, so that what is pending is durable.
  struct process_dies {
    friend bool operator==(const process_dies&, const process_dies&) = default;
  };
  /// What becomes of a frame that is pending when the power fails; of a segment, which is made aside and then named,
  /// all or nothing.
  enum class remains : std::uint8_t { nothing, a_part, all };
  struct crash {
    std::vector<remains> pending;  ///< of each
    friend bool operator==(const crash&, const crash&) = default;
  };
  /// Replay and a new segment, which begins with the batches that no header calls synced: `recovered` with the batches,
  /// or `rot` with the first sequence that cannot be read.
  struct recover {
    friend bool operator==(const recover&, const recover&) = default;
  };
  /// A durable frame decays: `decayed`.
  struct decay {
    std::size_t segment;
    std::size_t frame;
    friend bool operator==(const decay&, const decay&) = default;
  };

  using command = std::variant<write, write_fails, begin_sync, sync, sync_fails, begin_segment, sync_segment,
                               segment_fails, process_dies, crash, recover, decay>;

  // Responses -------------------------------------------------------------------------------------------------------

  enum class result : std::uint8_t {
    written,
    refused,
    syncing,
    acknowledged,
    unknown,
    begun,
    ready,
    removed,
    died,
    crashed,
    recovered,
    rot,
    decayed,
  };
  struct response {
    result what = result::written;
    std::vector<batch_number> replayed{};
    sequence_number first_unreadable = 0;  ///< of `rot`
    friend bool operator==(const response&, const response&) = default;
  };

  // States ----------------------------------------------------------------------------------------------------------

  enum class condition : std::uint8_t { pending, durable, unsized, torn, rotten };
  struct frame {
    batch_number batch;
    sequence_number sequence;
    sequence_number synced;  ///< as its header says
    condition is;
    friend bool operator==(const frame&, const frame&) = default;
  };
  struct segment {
    sequence_number first;
    sequence_number synced;  ///< as its header says
    condition header;
    std::vector<frame> frames;
    friend bool operator==(const segment&, const segment&) = default;
  };
  /// `between`: the segment has ended, the next is not durable.
  enum class writer : std::uint8_t { ready, between, down };
  struct state {
    std::vector<segment> segments{{1, 0, condition::durable, {}}};
    writer is = writer::ready;
    sequence_number next = 1;
    sequence_number synced = 0;
    std::optional<sequence_number> sync_covers;  ///< of the sync that runs
    /// Judged by: the batches that must be replayed, in order; and those that may follow them, for their outcome is
    /// unknown or nobody has been told yet: the first few of one line. A line is what went to one segment; the last is
    /// the one that is written to.
    std::vector<batch_number> promised;
    std::vector<std::vector<batch_number>> doubtful{{}};
    friend bool operator==(const state&, const state&) = default;
  };

  [[nodiscard]] state initial() const { return {}; }

  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    state after = before;
    if (const auto said = carry_out(after, what)) emit(*said, std::as_const(after));
  }

  /// Applies a command and returns its response; empty, and `s` unspecified, where it is disabled.
  [[nodiscard]] static std::optional<response> carry_out(state& s, const command& what);
};

template <class Sink>
void for_each_word(const disk_log::state& s, Sink&& sink) {
  const auto all = [&](const std::vector<disk_log::batch_number>& batches) {
    sink(batches.size());
    for (const auto one : batches) sink(one);
  };
  sink(s.segments.size());
  for (const auto& one : s.segments) {
    sink(one.first);
    sink(one.synced);
    sink(static_cast<std::uint64_t>(one.header));
    sink(one.frames.size());
    for (const auto& f : one.frames) {
      sink(f.batch);
      sink(f.sequence);
      sink(f.synced);
      sink(static_cast<std::uint64_t>(f.is));
    }
  }
  sink(static_cast<std::uint64_t>(s.is));
  sink(s.next);
  sink(s.synced);
  sink(s.sync_covers ? *s.sync_covers + 1 : 0);
  all(s.promised);
  sink(s.doubtful.size());
  for (const auto& line : s.doubtful) all(line);
}
inline std::size_t hash_value(const disk_log::state& s) { return hash_words(s); }

/// How many things a loss of power decides upon: frames that are pending, or a segment.
std::size_t pending_in(const disk_log::state& s);

/// For people.
std::string describe(const disk_log::command& what);
std::string describe(const disk_log::response& said);
std::string describe(const disk_log::state& s);

static_assert(state_machine<disk_log>);

}  // namespace wavetank::model
