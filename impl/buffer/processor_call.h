// The one call of the processor that may be under way.
#pragma once

#include <wavetank/impl/buffer/batch_processor.h>
#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/impl/buffer/table_flight.h>
#include <wavetank/impl/runtime.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace wavetank::buffer_detail {

/// Whether the processor has the functions that the options make it need.
template <runtime R, table_kind Table>
tl::expected<void, option_error> check_processor(const partition_options& options,
                                                 const batch_processor<R, Table>& to) {
  const bool whole = options.processing_batch_size == whole_table;
  const bool buries = options.on_failure == failure_policy::dead_letter;
  if (buries && !(whole ? to.dead_letter_table != nullptr : to.dead_letter != nullptr)) {
    return tl::make_unexpected(
        option_error{"on_failure", "is dead_letter: the processor must have a function for dead letters of this mode"});
  }
  if (whole ? to.table != nullptr : to.batch != nullptr) return {};
  return tl::make_unexpected(option_error{
      "processing_batch_size", whole
                                   ? "is whole_table: it must be a number, as the processor has no `table` function"
                                   : "is a number: it must be whole_table, as the processor has no `batch` function"});
}

/// It is settled once, by its return or by what came first. Under the partition's mutex, but for the user's functions.
template <runtime R, table_kind Table>
class processor_call {
 public:
  using time_point = typename R::time_point;
  using processor = batch_processor<R, Table>;
  using flight = table_flight<R, Table>;

  explicit processor_call(processor to) : to_(std::move(to)) {}

  const processor& whom() const noexcept { return to_; }

  /// The token that asks it to stop.
  typename R::stop_token begin(time_point deadline) {
    if (settled_) stop_ = typename R::stop_source{};  // that of a call which was asked to stop
    running_ = true;
    settled_ = false;
    deadline_ = deadline;
    return stop_.get_token();
  }

  bool is_running() const noexcept { return running_; }
  /// It runs, and what it comes to counts.
  bool is_awaited() const noexcept { return running_ && !settled_; }
  /// It has timed out and not returned.
  bool is_stuck() const noexcept { return stuck_; }
  /// Of a call that is awaited.
  time_point deadline() const noexcept { return deadline_; }

  /// It goes on, but nobody waits for it: only the next one does. Its stop is to be requested.
  typename R::stop_source give_up() {
    settled_ = true;
    return stop_;
  }
  typename R::stop_source time_out() {
    stuck_ = true;
    return give_up();
  }

  /// It has returned. Whether what it came to counts.
  bool end() noexcept {
    running_ = stuck_ = false;
    return !settled_;
  }

  // The user's functions, without the mutex. What they threw; an exception that is no `std::exception` passes.

  std::optional<std::string> process(const flight& f, const processing_context<R>& context) const {
    return thrown_by([&] {
      R::point("a batch is handed to the processor");
      if (f.is_whole()) {
        to_.table(f.table->given_away, context);
      } else {
        to_.batch(f.batch, context);
      }
      R::point("the processor has returned");
    });
  }
  std::optional<std::string> bury(const flight& f) const {
    return thrown_by([&] {
      if (f.is_whole()) {
        to_.dead_letter_table(f.table->given_away);
      } else {
        to_.dead_letter(f.batch);
      }
    });
  }

 private:
  template <class F>
  static std::optional<std::string> thrown_by(F&& f) {
    try {
      f();
      return std::nullopt;
    } catch (const std::exception& one) {
      return one.what();
    }
  }

  const processor to_;
  bool running_ = false;
  bool settled_ = false;  ///< before it returned
  bool stuck_ = false;
  time_point deadline_{};
  typename R::stop_source stop_{};
};

}  // namespace wavetank::buffer_detail
