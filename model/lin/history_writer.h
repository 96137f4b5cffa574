// Writes a recorded history in the format that `wavetank lin` reads: what a failing run leaves behind for a closer
// look.
#pragma once

#include <optional>
#include <string>

#include <wavetank/model/lin/history.h>
#include <wavetank/model/lin/history_parser.h>
#include <wavetank/model/lin/models/atomic_register.h>
#include <wavetank/model/lin/models/buffered_register.h>
#include <wavetank/model/lin/models/fair_semaphore.h>
#include <wavetank/model/lin/models/fifo_queue.h>
#include <wavetank/model/lin/models/integer_set.h>
#include <wavetank/model/lin/models/key_value.h>
#include <wavetank/model/lin/models/semaphore.h>

namespace wavetank::lin {

/// One JSON object, no newline. Text that is not UTF-8 is written with replacement characters.
[[nodiscard]] std::string format_history_line(const line_operation& line);

// The format's name, input and output for a command of each model that the format knows.
[[nodiscard]] line_operation to_line(const models::atomic_register::command& c, const std::optional<models::answer>& a);
[[nodiscard]] line_operation to_line(const models::buffered_register::command& c,
                                     const std::optional<models::answer>& a);
[[nodiscard]] line_operation to_line(const models::fair_semaphore::command& c, const std::optional<models::answer>& a);
[[nodiscard]] line_operation to_line(const models::fifo_queue::command& c, const std::optional<models::answer>& a);
[[nodiscard]] line_operation to_line(const models::integer_set::command& c, const std::optional<models::answer>& a);
[[nodiscard]] line_operation to_line(const models::key_value_command& c, const std::optional<models::rope>& a);
[[nodiscard]] line_operation to_line(const models::semaphore::command& c, const std::optional<models::answer>& a);

/// All operations, then the crash marks, a line each. The mark `stuck` has no field: the model's name says it.
template <class Model>
[[nodiscard]] std::string write_history(const history<Model>& what) {
  std::string text;
  for (const auto& op : what.operations()) {
    line_operation line = to_line(op.request, op.answer);
    line.client = op.client;
    line.call = op.call;
    line.returned = op.returned;
    line.unknown = op.returned && !op.answer;
    text.append(format_history_line(line)).append("\n");
  }
  for (const instant at : what.crashes()) {
    line_operation line;
    line.op = "crash";
    line.client = -1;
    line.call = at;
    line.returned = at;
    text.append(format_history_line(line)).append("\n");
  }
  return text;
}

}  // namespace wavetank::lin
