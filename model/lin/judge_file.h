// `wavetank lin` without its command line: a history file in, a report and an exit code out.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include <wavetank/model/lin/explain.h>
#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

struct file_job {
  std::string model;  ///< one of `file_model_names()`
  std::string path;   ///< plain or gzip
  std::optional<std::int64_t> limit;
  bool json = false;
  bool explain = true;
  options how;
  explain_limits explaining;
};

/// Exit codes of `wavetank lin`.
enum lin_exit : int { exit_linearizable = 0, exit_not_linearizable = 1, exit_bad_input = 2, exit_undecided = 3 };

/// Reads, judges, reports on `out`. Bad input gives one line on `err` and nothing on `out`. Throws nothing.
[[nodiscard]] int judge_file(const file_job& job, std::ostream& out, std::ostream& err) noexcept;

}  // namespace wavetank::lin
