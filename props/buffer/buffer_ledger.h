// What a partition owes to whoever puts records into it: kept by the harness, outside of it.
//
// Between two visible operations everything here is one step. Each finding is an assertion at the place where it is
// made; what can only be said in the end is said by `judge`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <wavetank/impl/buffer/buffer_counts.h>
#include <wavetank/sim/time.h>

namespace wavetank::props {

/// What goes through a queue.
struct buffer_record {
  std::uint64_t producer = 0;
  std::uint64_t number = 0;  ///< unique; ascending for a producer
};

class buffer_ledger {
 public:
  using number = std::uint64_t;
  using numbers = std::vector<number>;
  using call_number = std::size_t;

  /// What the judgement depends on.
  struct terms {
    bool at_least_once = false;
    bool retries = false;          ///< at most once, after a throw
    std::uint64_t batch_size = 0;  ///< 0: whole tables
    std::uint64_t most_held = 0;   ///< 0: no bound
    bool drops = false;            ///< what was accepted may vanish, counted
    sim::duration time_out{};      ///< of a call of the processor
  };
  enum class ending : std::uint8_t { returned, threw, ended_task };

  /// Copies share the clock: so do the ledgers of several partitions, that they can be compared.
  explicit buffer_ledger(terms t) : terms_(t) {}

  // Puts
  numbers put_begins(std::uint64_t producer, std::uint64_t count);
  void accepted(const numbers& some);
  /// Through a lease of one's own, past the bounds: accepted, and under way until the lease has ended.
  void written(const numbers& some);
  void lease_ended(const numbers& some);
  void refused(const numbers& some, bool closed);
  void unheard(const numbers& some);

  // Bounds
  /// D6, from below: this put had room beside what all of these held before it began. Nothing where the terms set no
  /// bound, or let records vanish.
  void check_bound(const numbers& put, const terms& of_all, std::span<const buffer_ledger> all) const;

  // The processor
  /// `given_up`: it was too late before it came to the processor's first line.
  call_number call_begins(const numbers& batch, std::uint64_t generation, std::uint32_t attempt, bool given_up);
  void call_ends(call_number call, ending how);
  /// A call that handed over so many has failed without a throw: one that is seen is settled, whenever it returns; if
  /// none is, the processor has not come to its first line yet.
  void call_failed(std::uint64_t handed_over, bool for_good);
  void dead_letter(const numbers& some);
  std::uint64_t calls() const noexcept { return calls_.size(); }
  bool keeps_batches() const noexcept { return terms_.at_least_once; }

  // Flush and stop
  std::uint64_t flush_begins() { return ++*now_; }
  void flushed(std::uint64_t begun);
  void stop_begins() { stopping_ = true; }
  void given_back(const numbers& rest);
  /// `stuck`: a call is under way that was given up. It may not have come to the processor's first line yet.
  void stop_has_returned(bool stuck);

  /// When nothing is under way any more and the partition has stopped.
  void judge(const buffer_counts& counts) const;

 private:
  static constexpr std::uint64_t under_way = ~std::uint64_t{0};
  enum class status : std::uint8_t { putting, accepted, refused, unheard };
  struct entry {
    std::uint64_t producer;
    std::uint64_t called;
    sim::time_point called_at;
    status is = status::putting;
    std::uint64_t returned = under_way;
    std::optional<call_number> last_call{};
    bool covered = false;  ///< a flush has answered for it
    bool given_back = false;
  };
  struct call {
    numbers batch;
    std::uint64_t generation;
    std::uint32_t attempt;
    bool running = true;
    bool settled = false;  ///< before it returned
    ending how = ending::returned;
  };

  entry& at(number one) { return records_.at(one - 1); }
  const entry& at(number one) const { return records_.at(one - 1); }
  void returns(const numbers& some, status is);
  void check_first_gift(number one);
  void check_another_gift(const entry& one, number its, std::uint32_t attempt) const;
  bool is_outstanding(const entry& one) const;
  void enter(const numbers& some);
  bool is_held_for_sure(const entry& one) const;
  std::uint64_t held_before(std::uint64_t moment) const;

  const terms terms_;
  std::vector<entry> records_;
  std::vector<call> calls_;
  std::map<std::uint64_t, number> newest_given_;  ///< by producer
  std::uint64_t may_be_unseen_ = 0;               ///< that failed all the same
  std::optional<std::uint64_t> closed_since_;
  bool stopping_ = false;
  bool stopped_ = false;
  bool may_still_call_ = false;
  std::shared_ptr<std::uint64_t> now_ = std::make_shared<std::uint64_t>(0);
};

buffer_ledger::numbers numbers_of(std::span<const buffer_record> records);

}  // namespace wavetank::props
