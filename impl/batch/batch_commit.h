// Commits one batch: an answer for each request, whatever the backend says.
//
// Where the backend rejects the batch because of a command, that command's request is answered alone and the others are
// tried again without it; where it does not say which, each request goes by itself. Nobody's answer depends on who
// shared the batch.
#pragma once

#include <wavetank/impl/batch/write_request.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace wavetank::batch_detail {

/// Used by one task, without the batcher's mutex.
template <runtime R, class Backend>
class batch_commit {
 public:
  using request = write_request<R, Backend>;
  using command = typename request::command;
  using result = typename request::result;
  using answer_type = typename request::answer_type;

  /// Every answer is `unknown_outcome` until it is known.
  batch_commit(Backend& backend, shard_number shard, const std::vector<std::shared_ptr<request>>& requests)
      : backend_(backend), shard_(shard), requests_(requests) {
    answers_.assign(requests.size(), unknown(write_cause::task_died));
  }

  void run() {
    std::vector<std::size_t> all(requests_.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    commit(std::move(all));
  }

  std::vector<answer_type>& answers() noexcept { return answers_; }

 private:
  static answer_type unknown(write_cause why) {
    return tl::make_unexpected(write_error{write_problem::unknown_outcome, why});
  }
  static answer_type refused(const commit_error& why) {
    const auto what =
        why.what == commit_error::kind::unknown ? write_problem::unknown_outcome : write_problem::not_committed;
    return tl::make_unexpected(write_error{what, write_cause::backend, {}, 0, 0, why.text});
  }

  /// Requests by their positions, in the order of submission.
  void commit(std::vector<std::size_t> some) {
    while (!some.empty()) {
      auto done = submit(some);
      if (done) return hand_out(some, std::move(*done));
      if (done.error().what != commit_error::kind::rejected || some.size() == 1) return refuse(some, done.error());
      if (!done.error().offender) return commit_one_by_one(some);
      const std::size_t at = position_of(some, *done.error().offender);
      answers_[some[at]] = refused(done.error());
      some.erase(some.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }

  void commit_one_by_one(const std::vector<std::size_t>& some) {
    // None of them was submitted: should this task end half-way, the rest was not committed.
    for (const std::size_t i : some) answers_[i] = refused({commit_error::kind::failed, {}, "not tried again"});
    for (const std::size_t i : some) {
      answers_[i] = unknown(write_cause::task_died);
      commit({i});
    }
  }

  tl::expected<std::vector<result>, commit_error> submit(const std::vector<std::size_t>& some) {
    if (some.size() == 1) return ask_backend(requests_[some.front()]->commands);
    std::vector<command> batch;
    for (const std::size_t i : some) {
      batch.insert(batch.end(), requests_[i]->commands.begin(), requests_[i]->commands.end());
    }
    return ask_backend(batch);
  }
  tl::expected<std::vector<result>, commit_error> ask_backend(const std::vector<command>& batch) {
    try {
      return backend_.commit(shard_, std::span<const command>{batch});
    } catch (const std::exception& thrown) {
      return tl::make_unexpected(commit_error{commit_error::kind::unknown, {}, thrown.what()});
    }
  }

  void hand_out(const std::vector<std::size_t>& some, std::vector<result> results) {
    auto next = results.begin();
    for (const std::size_t i : some) {
      const auto end = next + static_cast<std::ptrdiff_t>(requests_[i]->commands.size());
      answers_[i] = std::vector<result>{std::make_move_iterator(next), std::make_move_iterator(end)};
      next = end;
    }
  }

  void refuse(const std::vector<std::size_t>& some, const commit_error& why) {
    for (const std::size_t i : some) answers_[i] = refused(why);
  }

  /// Which of the requests has the command at this index of the batch.
  std::size_t position_of(const std::vector<std::size_t>& some, std::size_t index) const {
    std::size_t at = 0;
    while (at + 1 < some.size() && index >= requests_[some[at]]->commands.size()) {
      index -= requests_[some[at++]]->commands.size();
    }
    return at;
  }

  Backend& backend_;
  const shard_number shard_;
  const std::vector<std::shared_ptr<request>>& requests_;
  std::vector<answer_type> answers_;
};

}  // namespace wavetank::batch_detail
