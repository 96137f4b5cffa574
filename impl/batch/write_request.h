// One caller's request on its way through a batcher, and the caller's record of what is unanswered.
#pragma once

#include <wavetank/impl/batch/batch_backend.h>
#include <wavetank/impl/batch/caller_signal.h>
#include <wavetank/impl/batch/sync_gate.h>
#include <wavetank/impl/batch/write_error.h>
#include <wavetank/impl/runtime.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace wavetank::batch_detail {

/// What one task has in one shard of a batcher that is unanswered or still in flight. The counter alone is read without
/// the mutex, by that task.
template <runtime R>
struct submitter {
  typename R::template atomic<std::uint64_t> unanswered{0};
  std::uint64_t last_slot = 0;  ///< generation of the slot that has its latest request; guarded by the mutex
};

template <runtime R>
struct submitter_link final : attachment {
  std::shared_ptr<submitter<R>> record = std::make_shared<submitter<R>>();
  void owner_died() noexcept override {}  // what it had accepted is still answered
};

/// Everything is guarded by the batcher's mutex once the request is accepted; the commands of a request that is in
/// flight belong to the task that commits it.
template <runtime R, class Backend>
struct write_request {
  using command = typename Backend::command;
  using result = typename Backend::result;
  using answer_type = tl::expected<std::vector<result>, write_error>;

  std::vector<command> commands;
  std::uint64_t bytes = 0;
  std::uint64_t work = 0;
  std::uint64_t number = 0;  ///< in the order of acceptance
  std::uint64_t slot = 0;    ///< the generation of its slot
  bool in_flight = false;
  bool answered = false;
  bool counted = false;  ///< by its submitter: it is queued or in flight
  bool told = false;     ///< whoever wants the answer has it
  bool waits = false;    ///< its caller waits for the answer and can be appointed to commit
  bool appointed = false;
  bool leads = false;  ///< its caller is in a commit, and can be appointed only after it
  typename R::time_point deadline = R::time_point::max();
  std::optional<answer_type> answer;
  std::shared_ptr<submitter<R>> from;
  std::function<void(answer_type)> reply;  ///< of an asynchronous request
  typename sync_gate<R>::token admission;  ///< left when it is answered and not in flight
  caller_signal<R> signal;                 ///< of a caller that waits
};

}  // namespace wavetank::batch_detail
