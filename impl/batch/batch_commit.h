// Commits one batch: an answer for each request, whatever the backend says.
//
// In two steps, of which the first gives the batch its place among the commits of the shard. A backend that knows one
// step only does everything in the first.
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

/// What a backend needs to finish what it began: a ticket, or nothing but the results.
template <class Backend>
struct begun_by {
  using type = std::vector<typename Backend::result>;
};
template <pipelined_backend Backend>
struct begun_by<Backend> {
  using type = typename Backend::ticket;
};

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
    begin();
    finish();
  }
  /// Gives the batch its place. Requests that the backend rejects are answered.
  void begin() {
    std::vector<std::size_t> all(requests_.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    begin(std::move(all));
  }
  /// Waits until what was begun is durable.
  void finish() {
    for (part& one : parts_) {
      auto done = finish_part(std::move(one.begun));
      if (done) {
        hand_out(one.requests, std::move(*done));
      } else {
        refuse(one.requests, {commit_error::kind::unknown, {}, std::move(done.error().text)});
      }
    }
  }

  std::vector<answer_type>& answers() noexcept { return answers_; }

 private:
  using positions = std::vector<std::size_t>;  ///< of requests, in the order of submission
  using begun_type = typename begun_by<Backend>::type;
  struct part {
    positions requests;
    begun_type begun;
  };

  static answer_type unknown(write_cause why) {
    return tl::make_unexpected(write_error{write_problem::unknown_outcome, why});
  }
  static answer_type refused(const commit_error& why) {
    const auto what =
        why.what == commit_error::kind::unknown ? write_problem::unknown_outcome : write_problem::not_committed;
    return tl::make_unexpected(write_error{what, write_cause::backend, {}, 0, 0, why.text});
  }

  void begin(positions some) {
    while (!some.empty()) {
      auto begun = submit(some);
      if (begun) return parts_.push_back({std::move(some), std::move(*begun)});
      if (begun.error().what != commit_error::kind::rejected || some.size() == 1) return refuse(some, begun.error());
      if (!begun.error().offender) return begin_one_by_one(some);
      const std::size_t at = position_of(some, *begun.error().offender);
      answers_[some[at]] = refused(begun.error());
      some.erase(some.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }

  void begin_one_by_one(const positions& some) {
    // None of them was submitted: should this task end half-way, the rest was not committed.
    for (const std::size_t i : some) answers_[i] = refused({commit_error::kind::failed, {}, "not tried again"});
    for (const std::size_t i : some) {
      answers_[i] = unknown(write_cause::task_died);
      begin({i});
    }
  }

  tl::expected<begun_type, commit_error> submit(const positions& some) {
    if (some.size() == 1) return ask_to_begin(requests_[some.front()]->commands);
    std::vector<command> batch;
    for (const std::size_t i : some) {
      batch.insert(batch.end(), requests_[i]->commands.begin(), requests_[i]->commands.end());
    }
    return ask_to_begin(batch);
  }
  tl::expected<begun_type, commit_error> ask_to_begin(const std::vector<command>& batch) {
    try {
      if constexpr (pipelined_backend<Backend>) {
        return backend_.begin(shard_, std::span<const command>{batch});
      } else {
        return backend_.commit(shard_, std::span<const command>{batch});
      }
    } catch (const std::exception& thrown) {
      return tl::make_unexpected(commit_error{commit_error::kind::unknown, {}, thrown.what()});
    }
  }
  tl::expected<std::vector<result>, commit_error> finish_part(begun_type begun) {
    if constexpr (pipelined_backend<Backend>) {
      try {
        return backend_.finish(std::move(begun));
      } catch (const std::exception& thrown) {
        return tl::make_unexpected(commit_error{commit_error::kind::unknown, {}, thrown.what()});
      }
    } else {
      return begun;
    }
  }

  void hand_out(const positions& some, std::vector<result> results) {
    auto next = results.begin();
    for (const std::size_t i : some) {
      const auto end = next + static_cast<std::ptrdiff_t>(requests_[i]->commands.size());
      answers_[i] = std::vector<result>{std::make_move_iterator(next), std::make_move_iterator(end)};
      next = end;
    }
  }

  void refuse(const positions& some, const commit_error& why) {
    for (const std::size_t i : some) answers_[i] = refused(why);
  }

  /// Which of the requests has the command at this index of the batch.
  std::size_t position_of(const positions& some, std::size_t index) const {
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
  std::vector<part> parts_;  ///< what was begun: one, but after a rejection that names nobody
};

}  // namespace wavetank::batch_detail
