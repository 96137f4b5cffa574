#include <wavetank/impl/batch/write_error.h>

namespace wavetank {
namespace {

std::string_view words(write_cause cause) noexcept {
  switch (cause) {
    case write_cause::none:
      return "";
    case write_cause::deadline:
      return ": its deadline came";
    case write_cause::stopped:
      return ": the batcher was stopped before its turn";
    case write_cause::destroyed:
      return ": the batcher was destroyed";
    case write_cause::backend:
      return ": the backend refused";
    case write_cause::task_died:
      return ": the task that committed it ended";
  }
  return "";
}

}  // namespace

std::string to_string(const write_error& error) {
  const std::string text = error.text.empty() ? "" : " (" + error.text + ")";
  switch (error.what) {
    case write_problem::too_large:
      return "too large: " + std::to_string(error.asked) + " where a slot takes " + std::to_string(error.limit) +
             "; split the request";
    case write_problem::overloaded:
      return "overloaded: try again in " +
             std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(error.retry_after).count()) + " us";
    case write_problem::shutting_down:
      return "shutting down: the shard's batcher takes nothing more";
    case write_problem::not_committed:
      return "not committed" + std::string{words(error.cause)} + text;
    case write_problem::unknown_outcome:
      return "unknown outcome" + std::string{words(error.cause)} + text + "; read before you write again";
  }
  return "unknown problem";
}

}  // namespace wavetank
