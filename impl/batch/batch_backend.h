// Whoever commits batches: what a batcher asks of it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

using shard_number = std::uint32_t;

/// Why a commit failed as a whole. (A command that fails by itself has a result that says so.)
struct commit_error {
  enum class kind : std::uint8_t {
    rejected,  ///< nothing was submitted, because of a command: `offender` if that is known; the others may be tried
    failed,    ///< nothing was submitted, and no part of the batch would fare better
    unknown,   ///< it was submitted, and whether it is durable is not known
  };
  kind what = kind::failed;
  std::optional<std::size_t> offender{};  ///< index in the batch
  std::string text{};
};

/// The concept. `commit(shard, batch)` blocks until the batch is durable, as one unit, and answers a result for each
/// command, in their order. Batches of one shard come one at a time, direct writes beside them: it must be safe to call
/// from several tasks at a time. What it throws counts as `unknown`.
template <class B>
concept batch_backend = requires(B& b, shard_number shard, std::span<const typename B::command> batch,
                                 const typename B::command& one) {
  requires std::movable<typename B::command> && std::movable<typename B::result>;
  { b.commit(shard, batch) } -> std::same_as<tl::expected<std::vector<typename B::result>, commit_error>>;
  { b.bytes_of(one) } -> std::convertible_to<std::uint64_t>;
};

/// A backend that can have several commits of a shard on their way. `begin(shard, batch)` is short and gives the batch
/// its place, behind all that were begun before it; its errors are those of `commit`. `finish(ticket)` blocks until the
/// batch is durable; if that fails, the outcome is unknown, whatever kind the error is of. Both may be called by
/// several tasks at a time, and `commit` beside them.
///
/// What is durable is a prefix: when `finish` answers with results, every batch of the shard that was begun earlier is
/// durable too, or will never be. So results may depend on batches that are still on their way. A ticket that is
/// dropped (its task died) is a batch of unknown outcome, and keeps nobody behind it from going on.
template <class B>
concept pipelined_backend = batch_backend<B> &&
    requires(B& b, shard_number shard, std::span<const typename B::command> batch, typename B::ticket begun) {
  requires std::movable<typename B::ticket>;
  { b.begin(shard, batch) } -> std::same_as<tl::expected<typename B::ticket, commit_error>>;
  { b.finish(std::move(begun)) } -> std::same_as<tl::expected<std::vector<typename B::result>, commit_error>>;
};

/// A backend that knows what a command costs besides its bytes (what it reads, what it locks), in units of its own.
template <class B>
concept weighs_work = requires(B& b, const typename B::command& one) {
  { b.work_of(one) } -> std::convertible_to<std::uint64_t>;
};

}  // namespace wavetank
