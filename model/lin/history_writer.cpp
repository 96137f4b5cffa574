#include <wavetank/model/lin/history_writer.h>

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace wavetank::lin {
namespace {

using models::answer;
using kind = field_value::kind;

nlohmann::ordered_json json_of(const field_value& value) {
  switch (value.what) {
    case kind::null:
      return nullptr;
    case kind::truth:
      return value.number == 1;
    case kind::number:
      return value.number;
    case kind::text:
      return value.text;
    case kind::list:
      return value.list;
  }
  return nullptr;
}

field_value number(std::int64_t value) { return {kind::number, value, {}, {}}; }
field_value pair(std::int64_t first, std::int64_t second) { return {kind::list, 0, {}, {first, second}}; }

field_value output(const std::optional<answer>& a) {
  if (!a || a->is(answer::kind::nothing) || a->is(answer::kind::null)) return {};
  return {a->is(answer::kind::truth) ? kind::truth : kind::number, a->value(), {}, {}};
}

line_operation made(const char* op, field_value input, field_value out) {
  line_operation line;
  line.op = op;
  line.input = std::move(input);
  line.output = std::move(out);
  return line;
}

}  // namespace

std::string format_history_line(const line_operation& line) {
  nlohmann::ordered_json it;
  it["client"] = line.client;
  it["call"] = line.call;
  it["return"] = nullptr;
  if (line.returned) it["return"] = *line.returned;
  it["op"] = line.op;
  it["key"] = nullptr;
  if (line.key) it["key"] = *line.key;
  it["input"] = json_of(line.input);
  it["output"] = json_of(line.output);
  if (line.unknown) it["unknown"] = true;
  return it.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

line_operation to_line(const models::atomic_register::command& c, const std::optional<answer>& a) {
  using command = models::atomic_register::command;
  switch (c.op) {
    case command::kind::read:
      return made("read", {}, output(a));
    case command::kind::write:
      return made("write", number(c.value), {});
    case command::kind::cas:
      return made("cas", pair(c.value, c.replaced), output(a));
  }
  return {};
}

line_operation to_line(const models::buffered_register::command& c, const std::optional<answer>& a) {
  using command = models::buffered_register::command;
  switch (c.op) {
    case command::kind::write:
      return made("write", number(c.value), {});
    case command::kind::read:
      return made("read", {}, output(a));
    case command::kind::sync:
      return made("sync", {}, {});
  }
  return {};
}

line_operation to_line(const models::fair_semaphore::command& c, const std::optional<answer>& a) {
  using command = models::fair_semaphore::command;
  switch (c.op) {
    case command::kind::request:
      return made("acq_req", pair(c.id, c.permits), {});
    case command::kind::done:
      return made("acq_done", number(c.id), {});
    case command::kind::cancel:
      return made("cancel", number(c.id), output(a));
    case command::kind::release:
      return made("release", number(c.permits), {});
    case command::kind::available:
      return made("available", {}, output(a));
  }
  return {};
}

line_operation to_line(const models::fifo_queue::command& c, const std::optional<answer>& a) {
  if (c.op == models::fifo_queue::command::kind::enqueue) return made("enq", number(c.value), {});
  return made("deq", {}, output(a));
}

line_operation to_line(const models::integer_set::command& c, const std::optional<answer>& a) {
  using command = models::integer_set::command;
  const char* op = c.op == command::kind::add ? "add" : c.op == command::kind::remove ? "remove" : "contains";
  return made(op, number(c.element), output(a));
}

line_operation to_line(const models::key_value_command& c, const std::optional<models::rope>& a) {
  using command = models::key_value_command;
  line_operation line;
  if (c.op == command::kind::get)
    line = made("get", {}, a ? field_value{kind::text, 0, a->str(), {}} : field_value{});
  else
    line = made(c.op == command::kind::put ? "put" : "append", {kind::text, 0, c.text.str(), {}}, {});
  line.key = c.key;
  return line;
}

line_operation to_line(const models::semaphore::command& c, const std::optional<answer>& a) {
  using command = models::semaphore::command;
  switch (c.op) {
    case command::kind::acquire:
      return made("acquire", number(c.permits), {});
    case command::kind::try_acquire:
      return made("try_acquire", number(c.permits), output(a));
    case command::kind::acquire_for:
      return made("acquire_for", number(c.permits), output(a));
    case command::kind::release:
      return made("release", number(c.permits), {});
    case command::kind::available:
      return made("available", {}, output(a));
  }
  return {};
}

}  // namespace wavetank::lin
