// Who may save a key, who may read it, and what is left when either fails: an executable specification.
//
// Source: the table of rows and reservations of the save pipeline, and its rules 1 to 5 and 7 to 12. Promises: every
// cell of the table as one transition on a plain value. It is nondeterministic where the rules are: an unlink may fail,
// a quota may be exceeded, a power loss may take a file whose name was not synced. Leaves out: bytes, sizes and the LRU
// order (`cache_index.h` has them), headers, hit counts, temporary files, time itself (an expiry and a time-out are
// events), an unlink that a power loss undoes (the restart finds a valid file then, as after a crash before the
// unlink), the steps of a restart (`directory_scan.h` has them, and shows that one which is cut short leaves what the
// whole one finds).
//
// What the table leaves to be decided, and how it is decided here
// ---------------------------------------------------------------------------------------------------------------
//   * Files are examined and unlinked off the lock, so both take two steps and the key is `adopting` or `evicting` in
//     between. `reserve_save` on a stale reservation answers `recovering`; the call asks again once the key is settled.
//   * Waiters are told when the key comes to rest, available or absent, not when it becomes `adopting` or `evicting`.
//   * A reservation that expired is remembered as a *straggler* until its writer calls with the token or dies: until
//     then the writer may still link. Mark, announce and cancel of a straggler, its death and each sweep have the key
//     looked at again, so that no file is left unindexed.
//   * Adoption syncs the directory before it installs: `already_present` is an acknowledgement too.
//   * A `ram` row put over a file row keeps the file behind it (`backed`); both go when the row is evicted. A row is
//     pinned, for eviction, by claims on its generation and by claims on older generations in the same file.
//   * A writer that finds an invalid file in its way cancels, which removes it, and reserves anew.
//
// How a harness records runs
// ---------------------------------------------------------------------------------------------------------------
// Every operation is an interval [from, to] with a command and the observed response. The caller numbers keys, tokens,
// claims, calls and generations (the component's own generation numbers will do).
//   * `reserve_save` over [invoke, return]. A call that recovered a stale reservation is `reserve_save` with response
//     `recovering` over [invoke, the key is adopting], then `validate` and `settle`, then `reserve_save` over
//     [settled, return].
//   * `check_reservation`, `mark_published`, `announce_saved`, `insert_available`, `checkout`, `checkin`,
//     `lookup_exact`, `evict`, `report_corrupt` over [invoke, return]. A `checkout` that was `busy` is one as well.
//   * `abandon_reservation` over [invoke, the key is adopting], then `validate` and `settle`.
//   * `cancel_reservation` over [invoke, the key is evicting], `unlink` over [evicting, unlink returned],
//   `end_eviction`
//     over [unlink returned, the call returned]; so do `evict`, a failed adoption and `over_quota`. A retried unlink is
//     an `unlink` that `failed`, then another one.
//   * `lookup_exact_or_wait` as a blocking semaphore call: not parked, one `lookup_or_wait` over [invoke, return];
//     parked, `lookup_or_wait` with `queued` over [invoke, parked], then `answer` over [parked, return]. A call that
//     missed at its deadline adds `time_out` with `withdrawn` over [deadline, return].
//   * `link` over the system call; `expire` at [expiry, expiry]; `sweep` over [begin, end]; `owner_dies` over [end of
//   the
//     task, last notice ran]; `rot` and `crash` at their instant; `restart` over [begin, end] of the scan.
//   * `evict_bytes` is one `evict` for each row that it evicted, over the whole call; `gc` likewise.
// `reservation_by_key` judges key by key, which is sound: nothing here relates two keys but what happens to a task or
// to the machine, and that happens to each key by itself, in no common order that anybody promises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <wavetank/model/blocking_call.h>
#include <wavetank/model/cache_words.h>
#include <wavetank/model/sorted_map.h>
#include <wavetank/model/state_machine.h>
#include <wavetank/model/words.h>

namespace wavetank::model {

/// The specification. A value; every function may be called from any thread.
struct reservation {
  /// Whether an install may exceed a quota.
  bool has_quota = false;

  // Commands of clients ---------------------------------------------------------------------------------------------

  /// `reserved`, `already_present`, `conflict`; `recovering` where the reservation there is stale, whose recovery this
  /// call begins; `unsupported_tier` for `ram`.
  struct reserve_save {
    token_number token;
    key_number key;
    tier where;
    task_number owner;
    friend bool operator==(const reserve_save&, const reserve_save&) = default;
  };
  /// `ok`, and the expiry lies ahead again; `expired`.
  struct check_reservation {
    token_number token;
    friend bool operator==(const check_reservation&, const check_reservation&) = default;
  };
  /// `ok`; `expired`, and the key is looked at again.
  struct mark_published {
    token_number token;
    friend bool operator==(const mark_published&, const mark_published&) = default;
  };
  /// `ok`: the row is there and its file durable; `not_linked` before the mark; `over_quota`, and the file goes;
  /// `expired`, and the key is looked at again. Disabled after the mark while the file is not valid: a writer checks
  /// its file, and syncs the directory, before it announces.
  struct announce_saved {
    token_number token;
    generation_number generation;
    friend bool operator==(const announce_saved&, const announce_saved&) = default;
  };
  /// `ok`, `conflict`, `over_quota`. Disabled for a file tier while there is no valid file.
  struct insert_available {
    key_number key;
    tier where;
    generation_number generation;
    friend bool operator==(const insert_available&, const insert_available&) = default;
  };
  /// `ok`, and the key is evicting until its file is gone; `no_op` for a token that is not live.
  struct cancel_reservation {
    token_number token;
    friend bool operator==(const cancel_reservation&, const cancel_reservation&) = default;
  };
  /// `ok`, and the key is adopting what is under its final name; `no_op` for a token that is not live. Of a writer that
  /// has linked nothing.
  struct abandon_reservation {
    token_number token;
    friend bool operator==(const abandon_reservation&, const abandon_reservation&) = default;
  };
  /// `row` with the generation that the claim pins, `miss`, `busy`.
  struct checkout {
    claim_number claim;
    key_number key;
    task_number owner;
    friend bool operator==(const checkout&, const checkout&) = default;
  };
  /// `ok`; `no_op` the second time or for an unknown claim.
  struct checkin {
    claim_number claim;
    friend bool operator==(const checkin&, const checkin&) = default;
  };
  /// The holder of a claim found its bytes corrupt: the claim ends; a row of these bytes is evicted at once, whoever
  /// else has claimed it. `ok`; `no_op` for an unknown claim.
  struct report_corrupt {
    claim_number claim;
    friend bool operator==(const report_corrupt&, const report_corrupt&) = default;
  };
  /// `row` with its generation, or `miss`.
  struct lookup_exact {
    key_number key;
    friend bool operator==(const lookup_exact&, const lookup_exact&) = default;
  };
  /// The first half of `lookup_exact_or_wait`: `row`; `miss` where nothing is there; else `queued`, or `miss` with
  /// `deadline` for one attempt.
  struct lookup_or_wait {
    call_number call;
    key_number key;
    task_number task;
    patience waits;
    friend bool operator==(const lookup_or_wait&, const lookup_or_wait&) = default;
  };
  /// The second half, of a queued call: enabled once its outcome is decided, and then says it, once.
  struct answer {
    call_number call;
    friend bool operator==(const answer&, const answer&) = default;
  };
  /// The deadline of a queued call: `withdrawn` if it still waits, else `too_late`.
  struct time_out {
    call_number call;
    friend bool operator==(const time_out&, const time_out&) = default;
  };
  /// `evicting`: unpinned, and its file is to be unlinked; `evicted`: unpinned, and there was no file; `skipped`.
  struct evict {
    key_number key;
    friend bool operator==(const evict&, const evict&) = default;
  };
  /// `evict` for every row: `done`.
  struct gc {
    friend bool operator==(const gc&, const gc&) = default;
  };

  // Commands of whoever works for the arbiter, off its lock -----------------------------------------------------------

  /// Looks at the file of a key that is adopting: `found_valid`, `found_invalid`, `found_nothing`. Else disabled.
  struct validate {
    key_number key;
    friend bool operator==(const validate&, const validate&) = default;
  };
  /// Ends an adoption by what was found: `adopted`; `evicting`, the invalid file is to be unlinked; `gone`, the key is
  /// absent; `again`, a straggler may have linked since. Disabled before `validate`.
  struct settle {
    key_number key;
    generation_number generation;
    friend bool operator==(const settle&, const settle&) = default;
  };
  /// Unlinks the file of a key that is evicting: `unlinked`, or `failed` and to be tried again. Else disabled.
  struct unlink {
    key_number key;
    friend bool operator==(const unlink&, const unlink&) = default;
  };
  /// `gone`: the key is absent; `again`: a straggler may have linked since. Disabled before `unlinked`.
  struct end_eviction {
    key_number key;
    friend bool operator==(const end_eviction&, const end_eviction&) = default;
  };
  /// Recovers every expired reservation and looks again where a straggler may have linked: `done`.
  struct sweep {
    friend bool operator==(const sweep&, const sweep&) = default;
  };

  // Events of the world -----------------------------------------------------------------------------------------------

  /// A writer, whose reservation may have ended meanwhile, links its file to the final name: `linked`, or `exists`. The
  /// file system does not ask for the token; it says whose step this is.
  struct link {
    token_number writer;
    key_number key;
    friend bool operator==(const link&, const link&) = default;
  };
  /// The time of a reservation has passed: `done`; `no_op` for a token that is not live.
  struct expire {
    token_number token;
    friend bool operator==(const expire&, const expire&) = default;
  };
  /// The task is dead: its reservations are recovered, its claims checked in, its waiters leave. `done`.
  struct owner_dies {
    task_number task;
    friend bool operator==(const owner_dies&, const owner_dies&) = default;
  };
  /// The valid file of a key becomes invalid: `done`. Else disabled.
  struct rot {
    key_number key;
    friend bool operator==(const rot&, const rot&) = default;
  };
  /// Memory is gone, and any files whose name was not synced: `done`. Until the restart nothing else is enabled.
  struct crash {
    friend bool operator==(const crash&, const crash&) = default;
  };
  /// Indexes the valid files, the rows' generations counted from `generation` in the order of the keys; the invalid
  /// ones are quarantined. `done`. Disabled unless crashed.
  struct restart {
    generation_number generation;
    friend bool operator==(const restart&, const restart&) = default;
  };

  using command = std::variant<reserve_save, check_reservation, mark_published, announce_saved, insert_available,
                               cancel_reservation, abandon_reservation, checkout, checkin, report_corrupt, lookup_exact,
                               lookup_or_wait, answer, time_out, evict, gc, validate, settle, unlink, end_eviction,
                               sweep, link, expire, owner_dies, rot, crash, restart>;

  // Responses -------------------------------------------------------------------------------------------------------

  enum class result : std::uint8_t {
    reserved,
    already_present,
    conflict,
    recovering,
    unsupported_tier,
    ok,
    no_op,
    expired,
    not_linked,
    over_quota,
    row,
    miss,
    busy,
    queued,
    withdrawn,
    too_late,
    evicting,
    evicted,
    skipped,
    found_valid,
    found_invalid,
    found_nothing,
    adopted,
    gone,
    again,
    unlinked,
    failed,
    linked,
    exists,
    done,
  };

  /// Why a key that somebody waited for has no row.
  enum class reason : std::uint8_t { none, cancelled, owner_died, expired, invalid, over_quota, evicted, deadline };

  struct response {
    result what = result::done;
    generation_number generation = 0;  ///< of `row`
    reason why = reason::none;         ///< of a `miss` that was waited for
    friend bool operator==(const response&, const response&) = default;
  };

  // States ----------------------------------------------------------------------------------------------------------

  enum class status : std::uint8_t { pre_link, post_link, available, adopting, evicting };
  enum class sight : std::uint8_t { not_looked, nothing, valid, invalid };

  /// A key that is not absent. Fields that its status has no use for are zero.
  struct row {
    status is = status::available;
    // pre_link, post_link
    token_number token = 0;
    task_number owner = 0;
    bool expired = false;
    tier where = tier::ram;  ///< also of available
    // available
    generation_number generation = 0;
    bool backed = false;  ///< a file may be there: eviction unlinks it
    // adopting, evicting
    sight found = sight::not_looked;  ///< of adopting
    bool unlinked = false;            ///< of evicting
    bool look_again = false;          ///< a straggler may have linked since
    reason why = reason::none;        ///< what waiters are told if no row comes of it
    friend bool operator==(const row&, const row&) = default;
  };
  struct generation_of {
    key_number key;
    generation_number generation;
    friend bool operator==(const generation_of&, const generation_of&) = default;
    friend bool operator<(const generation_of& a, const generation_of& b) {
      return std::tie(a.key, a.generation) < std::tie(b.key, b.generation);
    }
  };
  /// The bytes of a row, or of one that was replaced and is still claimed.
  struct bytes {
    tier where;
    bool corrupt = false;
    std::uint64_t pins = 0;
    friend bool operator==(const bytes&, const bytes&) = default;
  };
  struct claimed {
    generation_of bytes;
    task_number owner;
    friend bool operator==(const claimed&, const claimed&) = default;
  };
  struct straggler {
    key_number key;
    task_number owner;
    tier where;
    friend bool operator==(const straggler&, const straggler&) = default;
  };
  struct waiter {
    call_number call;
    key_number key;
    task_number task;
    patience waits;
    friend bool operator==(const waiter&, const waiter&) = default;
  };
  /// The outcome of a queued call that its caller has not heard yet: a generation, or a reason.
  struct verdict {
    task_number task;
    generation_number generation;
    reason why;
    friend bool operator==(const verdict&, const verdict&) = default;
  };
  /// What is under the final name.
  struct file {
    bool valid = true;
    bool durable = false;  ///< its name survives a power loss
    tier where = tier::disk;
    friend bool operator==(const file&, const file&) = default;
  };
  struct state {
    sorted_map<key_number, row> rows;
    sorted_map<generation_of, bytes> generations;
    sorted_map<claim_number, claimed> claims;
    sorted_map<token_number, straggler> stragglers;
    std::vector<waiter> queue;  ///< first come, first served
    sorted_map<call_number, verdict> unheard;
    sorted_set<task_number> dead;
    sorted_map<key_number, file> files;
    bool down = false;
    friend bool operator==(const state&, const state&) = default;
  };

  [[nodiscard]] state initial() const { return {}; }

  /// Cost: linear in rows, claims and waiters; of `crash` exponential in the files whose names were not synced.
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    for (std::size_t way = 0; way < ways(before, what); ++way) {
      state after = before;
      if (const auto said = carry_out(after, what, way)) emit(*said, std::as_const(after));
    }
  }

  /// Whether the claims on `key` keep it from eviction.
  [[nodiscard]] static bool is_pinned(const state& s, key_number key);

  /// How many ways a command may go at most.
  [[nodiscard]] std::size_t ways(const state& s, const command& what) const;

  /// Applies a command in one of its ways and returns its response; empty, and `s` unspecified, where that is disabled.
  [[nodiscard]] std::optional<response> carry_out(state& s, const command& what, std::size_t way = 0) const;
};

/// Every state as its words; hash and compact storage follow.
template <class Sink>
void for_each_word(const reservation::state& s, Sink&& sink) {
  const auto word = [](auto value) { return static_cast<std::uint64_t>(value); };
  sink(s.rows.size());
  for (const auto& [key, one] : s.rows) {
    sink(key);
    sink(word(one.is) | word(one.expired) << 3U | word(one.backed) << 4U | word(one.unlinked) << 5U |
         word(one.look_again) << 6U);
    sink(word(one.where) | word(one.found) << 2U | word(one.why) << 4U);
    sink(one.token);
    sink(one.owner);
    sink(one.generation);
  }
  sink(s.generations.size());
  for (const auto& [name, one] : s.generations) {
    sink(name.key);
    sink(name.generation);
    sink(word(one.where) | word(one.corrupt) << 2U);
    sink(one.pins);
  }
  sink(s.claims.size());
  for (const auto& [claim, one] : s.claims) {
    sink(claim);
    sink(one.bytes.key);
    sink(one.bytes.generation);
    sink(one.owner);
  }
  sink(s.stragglers.size());
  for (const auto& [token, one] : s.stragglers) {
    sink(token);
    sink(one.key);
    sink(one.owner | word(one.where) << 62U);
  }
  sink(s.queue.size());
  for (const auto& one : s.queue) {
    sink(one.call);
    sink(one.key);
    sink(one.task);
    sink(word(one.waits));
  }
  sink(s.unheard.size());
  for (const auto& [call, one] : s.unheard) {
    sink(call);
    sink(one.task);
    sink(one.generation);
    sink(word(one.why));
  }
  sink(s.dead.size());
  for (const auto& entry : s.dead) sink(entry.first);
  sink(s.files.size());
  for (const auto& [key, one] : s.files) {
    sink(key);
    sink(word(one.valid) | word(one.durable) << 1U | word(one.where) << 2U);
  }
  sink(word(s.down));
}
inline std::size_t hash_value(const reservation::state& s) { return hash_words(s); }

/// For people.
std::string describe(const reservation::command& what);
std::string describe(const reservation::response& said);
std::string describe(const reservation::state& s);
std::ostream& operator<<(std::ostream& out, const reservation::response& said);
std::ostream& operator<<(std::ostream& out, const reservation::state& s);

static_assert(state_machine<reservation>);

}  // namespace wavetank::model
