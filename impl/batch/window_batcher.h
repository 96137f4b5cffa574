// Coalesces the writes of many callers into one commit of a backend, per shard, within a window a namespace.
//
// It promises: every accepted request is answered exactly once, with its own result, which depends on the request and
// on the order of commits alone; what one task submits to a shard is committed in that order, across kinds and routes;
// errors say what is known (`write_problem`); commits of batches in flight are ordered and bounded in number a shard
// (one, unless the options say more), their answers are given in their order, and what comes meanwhile goes with the
// next (natural batching); limits hold over count and bytes of a slot and of all of them. A task that ends in a commit
// leaves its requests answered `unknown_outcome`, and the shard goes on.
//
// Between submitters only real time orders. Direct writes are not counted among the commits in flight; over a backend
// that is pipelined they take their place in the same order, and several of them are on their way at a time. It leaves
// out: shards added later.
#pragma once

#include <wavetank/impl/batch/batch_core.h>
#include <wavetank/impl/batch/namespace_windows.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// All members may be called by any task at any time, but for construction and destruction; writes that are waiting are
/// answered by the destructor, flushes and stops when the last commit in flight has ended. Runtime and backend must
/// outlive it and every call.
template <runtime R, batch_backend Backend>
class window_batcher {
  using core_type = batch_detail::batch_core<R, Backend>;
  using request_type = typename core_type::request;

 public:
  using backend_type = Backend;
  using command = typename Backend::command;
  using result = typename Backend::result;
  using answer = tl::expected<result, write_error>;
  using batch_answer = tl::expected<std::vector<result>, write_error>;
  /// Called once, by whichever task commits; must not throw and must not wait for this batcher.
  using reply_function = std::function<void(batch_answer)>;
  using time_point = typename R::time_point;
  using token = typename sync_gate<R>::token;
  static constexpr time_point no_deadline = time_point::max();
  static constexpr std::chrono::seconds usual_patience{30};

  /// What an asynchronous call did: it took over the token and the duty to reply, or it has the answer here and both
  /// are still the caller's.
  struct queued {};
  using submitted = std::variant<queued, batch_answer>;

  enum class batch_kind : std::uint8_t { generic, put, erase };

  /// A batcher, or the option that is out of range: more than one commit in flight over a backend that can take only
  /// one is refused here, at run time, because the number comes from whoever runs the program.
  static tl::expected<std::unique_ptr<window_batcher>, option_error> make(R& world, Backend& backend,
                                                                          const std::vector<shard_number>& shards,
                                                                          const batch_options& options) {
    if (auto valid = validate(options, pipelined_backend<Backend>); !valid) {
      return tl::make_unexpected(std::move(valid.error()));
    }
    return std::make_unique<window_batcher>(world, backend, shards, options);
  }
  /// With options that `make` would take; others are a broken contract: `std::invalid_argument`.
  window_batcher(R& world, Backend& backend, const std::vector<shard_number>& shards, batch_options options = {})
      : world_(world), backend_(backend) {
    if (const auto valid = validate(options, pipelined_backend<Backend>); !valid) {
      throw std::invalid_argument("window_batcher: " + to_string(valid.error()));
    }
    for (const shard_number shard : shards) {
      shards_.emplace(shard, core_type{world, backend, shard, options});
    }
  }
  window_batcher(const window_batcher&) = delete;
  window_batcher& operator=(const window_batcher&) = delete;
  ~window_batcher() {
    for (auto& [shard, core] : shards_) core.destroy();
  }

  /// One write in a namespace: direct where its window is the default or none, else in the slot of its prefix. A window
  /// given here goes before the configured one; what is above `longest_window` counts as that.
  answer write(shard_number shard, std::string_view prefix, command what,
               std::optional<std::chrono::nanoseconds> window = std::nullopt, time_point deadline = no_deadline) {
    const auto chosen = window_of(prefix, window);
    std::vector<command> one;
    one.push_back(std::move(what));
    const auto core = find(shard);
    auto all = !core || chosen <= default_window
                   ? write_directly(shard, core, std::move(one), deadline)
                   : write_batched(*core, slot_of(prefix), std::move(one), chosen, deadline);
    if (!all) return tl::make_unexpected(std::move(all.error()));
    return std::move(all->front());
  }

  /// Several writes of one caller, committed as one. Puts and erasures have slots of their own; without a window they
  /// are direct, and generic ones coalesce behind the commit in flight.
  batch_answer write_batch(shard_number shard, batch_kind kind, std::vector<command> commands,
                           time_point deadline = no_deadline) {
    const auto core = find(shard);
    if (!core) return write_directly(shard, core, std::move(commands), deadline);
    const batch_window window = window_of(kind, core->options());
    if (kind != batch_kind::generic && window.is_natural())
      return write_directly(shard, core, std::move(commands), deadline);
    return write_batched(*core, name_of(kind), std::move(commands), window, deadline);
  }

  /// As `write`, without waiting. `queued`: `reply` will be called once, and the token, if there is one, is left when
  /// the write is on its way no more: before the reply, or after it where a deadline came in flight.
  submitted write_async(shard_number shard, std::string_view prefix, command what, reply_function reply,
                        token* admission = nullptr, std::optional<std::chrono::nanoseconds> window = std::nullopt,
                        time_point deadline = no_deadline) {
    const auto chosen = window_of(prefix, window);
    std::vector<command> one;
    one.push_back(std::move(what));
    const auto core = find(shard);
    if (!core || chosen <= default_window) return write_directly(shard, core, std::move(one), deadline);
    return enqueue(*core, slot_of(prefix), chosen, make_request(std::move(one), deadline), std::move(reply), admission);
  }

  /// As `write_batch`, without waiting.
  submitted write_batch_async(shard_number shard, batch_kind kind, std::vector<command> commands, reply_function reply,
                              token* admission = nullptr, time_point deadline = no_deadline) {
    const auto core = find(shard);
    if (!core) return write_directly(shard, core, std::move(commands), deadline);
    const batch_window window = window_of(kind, core->options());
    if (kind != batch_kind::generic && window.is_natural())
      return write_directly(shard, core, std::move(commands), deadline);
    return enqueue(*core, name_of(kind), window, make_request(std::move(commands), deadline), std::move(reply),
                   admission);
  }

  /// A window for a namespace, for all later writes; an open slot of it ends by the new window if that is sooner.
  tl::expected<void, window_error> set_window(std::string_view prefix, std::chrono::nanoseconds window) {
    const auto set = windows_.set(prefix, window);
    if (!set) return set;
    for (auto& [shard, core] : shards_) core.shorten(slot_of(prefix), window);
    return {};
  }

  /// True: everything that the shard accepted before this call is answered and on its way no more, even where a
  /// deadline answered it sooner. Does not wait for later writes, and lets them go on. Direct writes are not accepted
  /// but made: their callers know when they have ended, and a gate can wait for them (write_pause.h).
  bool flush(shard_number shard, time_point deadline) {
    const auto core = find(shard);
    return !core || core->flush(deadline);
  }
  bool flush(shard_number shard) { return flush(shard, world_.now() + usual_patience); }

  /// Refuses new writes, commits what is queued and answers all; what is still queued at the deadline is answered
  /// `not_committed`. True: nothing that was accepted is left, not even a commit in flight. Of direct writes it knows
  /// as little as a flush: one that has been begun may still come.
  bool stop(shard_number shard, time_point deadline) {
    const auto core = find(shard);
    return !core || core->stop(deadline);
  }
  bool stop(shard_number shard) { return stop(shard, world_.now() + usual_patience); }

  /// Of a shard that has a batcher.
  std::optional<batch_metrics> metrics(shard_number shard) const {
    const auto core = find(shard);
    if (!core) return std::nullopt;
    return core->metrics();
  }
  std::uint64_t pending_items(shard_number shard) const {
    const auto core = find(shard);
    return !core ? 0 : core->pending_items();
  }

 private:
  std::optional<core_type> find(shard_number shard) const {
    const auto found = shards_.find(shard);
    return found == shards_.end() ? std::nullopt : std::optional{found->second};
  }

  static batch_window window_of(batch_kind kind, const batch_options& options) {
    switch (kind) {
      case batch_kind::generic:
        return options.generic_window;
      case batch_kind::put:
        return options.put_window;
      case batch_kind::erase:
        return options.delete_window;
    }
    return {};
  }
  std::chrono::nanoseconds window_of(std::string_view prefix, std::optional<std::chrono::nanoseconds> given) const {
    return given ? std::min(*given, longest_window) : windows_.of(prefix);
  }
  static std::string slot_of(std::string_view prefix) { return "prefix " + std::string{prefix}; }
  static std::string name_of(batch_kind kind) {
    return kind == batch_kind::generic ? "batch" : kind == batch_kind::put ? "put" : "delete";
  }

  std::shared_ptr<request_type> weigh(std::vector<command> commands) const {
    auto one = std::make_shared<request_type>();
    for (const command& each : commands) {
      one->bytes += backend_.bytes_of(each);
      if constexpr (weighs_work<Backend>) one->work += backend_.work_of(each);
    }
    one->commands = std::move(commands);
    return one;
  }
  std::shared_ptr<request_type> make_request(std::vector<command> commands, time_point deadline) {
    auto one = weigh(std::move(commands));
    one->deadline = deadline;
    return one;
  }

  batch_answer write_batched(const core_type& core, const std::string& kind, std::vector<command> commands,
                             batch_window window, time_point deadline) {
    const auto one = make_request(std::move(commands), deadline);
    one->waits = true;
    if (auto refused = core.submit(one, kind, window)) return tl::make_unexpected(std::move(*refused));
    return core.await(one);
  }

  submitted enqueue(const core_type& core, const std::string& kind, batch_window window,
                    std::shared_ptr<request_type> one, reply_function reply, token* admission) {
    one->reply = std::move(reply);
    // The reply may come before `submit` returns: the token is handed over first, and back if it was refused.
    if (admission != nullptr) {
      one->admission = std::move(*admission);
      one->admission.outlive_owner();
    }
    if (auto refused = core.submit(one, kind, window)) {
      if (admission != nullptr) {
        *admission = std::move(one->admission);
        admission->transfer(world_, world_.current_task());
      }
      return batch_answer{tl::make_unexpected(std::move(*refused))};
    }
    return queued{};
  }

  /// In the caller. Waits only for what this very task has unanswered, and no longer than to its deadline; a commit
  /// that it has begun is its own, and waited for. What is too large for a slot is too large here: the answer must not
  /// depend on the route.
  batch_answer write_directly(shard_number shard, const std::optional<core_type>& core, std::vector<command> commands,
                              time_point deadline) {
    auto one = weigh(std::move(commands));
    Backend& backend = backend_;  // while it waits the batcher may be destroyed
    if (core) {
      if (core->stopping()) return tl::make_unexpected(write_error{write_problem::shutting_down});
      if (auto refused = batch_detail::oversize(*one, core->options())) return tl::make_unexpected(std::move(*refused));
      if (const auto cause = core->drain_own(deadline)) {
        return tl::make_unexpected(write_error{write_problem::not_committed, *cause});
      }
    }
    if (deadline != no_deadline && deadline <= world_.now()) {
      return tl::make_unexpected(write_error{write_problem::not_committed, write_cause::deadline});
    }
    const std::vector<std::shared_ptr<request_type>> alone{std::move(one)};
    batch_detail::batch_commit<R, Backend> work{backend, shard, alone};
    work.run();
    return std::move(work.answers().front());
  }

  R& world_;
  Backend& backend_;
  namespace_windows<R> windows_;
  std::map<shard_number, core_type> shards_;
};

}  // namespace wavetank
