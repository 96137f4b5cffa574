#include <wavetank/impl/batch/log_error.h>

namespace wavetank {

std::string to_string(const log_error& error) {
  const std::string at = error.path + ": ";
  switch (error.what) {
    case log_problem::io:
      return at + to_string(error.io);
    case log_problem::rot:
      return at + "batches " + std::to_string(error.first_sequence) + " to " + std::to_string(error.last_sequence) +
             " were durable and are damaged from byte " + std::to_string(error.offset) +
             " on; restore the segment from a copy";
    case log_problem::locked:
      return at + "another process has the log open; end it first";
    case log_problem::newer_version:
      return at + "written by a later version of wavetank; open it with that version";
    case log_problem::foreign_segment:
      return at + "a segment of another log; move it out of the directory";
    case log_problem::directory_untrusted:
      return at + "the directory could not be synced (" + to_string(error.io) + "); open the log again";
    case log_problem::too_large:
      return at + "a batch of " + std::to_string(error.last_sequence) + " bytes is above the limit of " +
             std::to_string(error.first_sequence) + "; split it or raise max_batch_bytes";
  }
  return at + "unknown problem";
}

}  // namespace wavetank
