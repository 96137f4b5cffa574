// Who may write to one shard of a table: one atomic word of a generation and a state.
//
// A writer registers by making the word `held`, and then looks whether the generation that it registered with is still
// the current one; if not, it backs out. A drainer first publishes the next generation, and then closes each shard. So
// a writer that registered after the publication finds it out before it writes, and one that registered before it is
// seen by the drainer. A table that is recycled has a new generation, so that a stale writer cannot take it for the one
// that it meant: tables are never freed, and the word alone says whose they are.
#pragma once

#include <wavetank/impl/runtime.h>

#include <atomic>
#include <cstdint>

namespace wavetank::buffer_detail {

/// The order of all this in the memory model: see `table_gate::try_enter` and `table_gate::publish`.
template <runtime R>
class shard_gate {
 public:
  enum class entry : std::uint8_t {
    held,  ///< the shard is the caller's
    busy,  ///< somebody else writes
    gone,  ///< closed, or of another generation
  };

  shard_gate() { R::label(word_, "shard's gate"); }

  /// Of a table that nobody can reach by its new generation yet. Release: who meets the new generation here sees that
  /// another one than its own is published.
  void open(std::uint64_t generation) noexcept { word_.store(of(generation, opened), std::memory_order_release); }

  /// Of a table that nobody is to enter. Under the elders' lock, as are those who look at it: relaxed.
  void close(std::uint64_t generation) noexcept { word_.store(of(generation, closed), std::memory_order_relaxed); }

  /// Registers a writer. Sequentially consistent, against the drainer's publication: the writer's registration comes
  /// before its look at the current generation, the drainer's publication before its look at the word. Acquire, which
  /// that includes, orders it after the writer before. A failure acquires as well, so that a writer which finds the
  /// shard closed sees what was published before.
  entry try_hold(std::uint64_t generation) noexcept {
    std::uint64_t seen = of(generation, opened);
    if (word_.compare_exchange_strong(seen, of(generation, taken), std::memory_order_seq_cst,
                                      std::memory_order_acquire)) {
      return entry::held;
    }
    return seen == of(generation, taken) ? entry::busy : entry::gone;
  }

  /// By the writer that holds it. Release: whoever holds or closes the shard next sees what was written. A plain store
  /// is enough: nobody else changes the word while it is held.
  void let_go(std::uint64_t generation) noexcept { word_.store(of(generation, opened), std::memory_order_release); }

  /// By the drainer, after the publication: afterwards nobody registers. False: a writer is registered. Sequentially
  /// consistent also where it fails: whoever registers after the writer that was seen here sees the publication.
  bool try_close(std::uint64_t generation) noexcept {
    std::uint64_t seen = of(generation, opened);
    return word_.compare_exchange_strong(seen, of(generation, closed), std::memory_order_seq_cst) ||
           seen == of(generation, closed);
  }

 private:
  enum state : std::uint64_t { opened, taken, closed };
  static constexpr std::uint64_t of(std::uint64_t generation, state s) noexcept { return generation << 2U | s; }

  typename R::template atomic<std::uint64_t> word_{of(0, closed)};
};

}  // namespace wavetank::buffer_detail
