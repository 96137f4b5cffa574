// Why the log could not be opened, or a batch not be written.
#pragma once

#include <cstdint>
#include <string>

#include <wavetank/impl/runtime/file_system.h>

namespace wavetank {

/// What is wrong with a log.
enum class log_problem : std::uint8_t {
  io,                   ///< a call of the file system failed
  rot,                  ///< batches that were durable are damaged or missing
  locked,               ///< another process has the log open
  newer_version,        ///< written by a later version of this library
  foreign_segment,      ///< a segment of another log
  directory_untrusted,  ///< the directory's sync failed: the log takes no more batches until it is opened again
  too_large,            ///< the batch is above the limit of the options
};

struct log_error {
  log_problem what = log_problem::io;
  std::string path;  ///< the file or directory
  io_error io{};     ///< of `io` and `directory_untrusted`
  /// Of `rot`: the batches that cannot be read, and where in the file that shows. Of `too_large`: limit and asked.
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  std::uint64_t offset = 0;
  friend bool operator==(const log_error&, const log_error&) = default;
};

/// For people: what, where, what to do.
std::string to_string(const log_error& error);

/// Why a batch has no sequence.
struct append_error {
  /// False: the batch is not in the log and never will be. True: it may be there after the next opening, whole or not
  /// at all; once a later batch is acknowledged, it is not.
  bool outcome_unknown = false;
  log_error cause;
  friend bool operator==(const append_error&, const append_error&) = default;
};

}  // namespace wavetank
