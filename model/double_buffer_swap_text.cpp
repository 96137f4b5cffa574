// The words of counterexamples.
#include <wavetank/model/double_buffer_swap.h>

namespace wavetank::model {
namespace {

using machine = double_buffer_swap;

std::string list(const std::vector<machine::record_number>& some) {
  std::string text = "[";
  for (const auto one : some) text += (text.size() == 1 ? "" : " ") + std::to_string(one);
  return text + "]";
}

std::string describe_table(const machine::table& one) {
  const char* roles[] = {"free", "fresh", "current", "retired"};
  std::string text = std::string(roles[static_cast<std::size_t>(one.is)]);
  if (one.is != machine::role::free) text += " g" + std::to_string(one.generation);
  for (const auto& part : one.shards) {
    text += " " + list(part.records);
    if (one.is == machine::role::retired) text += part.quiet ? "quiet" : "open";
    if (part.registered != 0) text += "+" + std::to_string(part.registered);
  }
  return text;
}

}  // namespace

std::string describe(const machine::command& c) {
  const char* words[] = {"resolves the current table",
                         "enters it",
                         "backs out",
                         "writes",
                         "leaves",
                         "dies",
                         "is known to be dead",
                         "a tick",
                         "the swap opens a table",
                         "the swap publishes it",
                         "a look at",
                         "what was left is taken up",
                         "a shard of the old tables is settled",
                         "the processor gets a chunk",
                         "the processor is done",
                         "the processor throws, or dies",
                         "the processor's time is over",
                         "a late callback returns",
                         "the table in flight is done with",
                         "the partition's task dies",
                         "the partition's task is started again",
                         "flush",
                         "the flush answers",
                         "the flush gives up",
                         "stop",
                         "the stop answers",
                         "the stop's deadline comes",
                         "the stop returns what is quiet",
                         "the stop answers at its deadline"};
  std::string text = words[static_cast<std::size_t>(c.what)];
  if (c.what == machine::event::look) text += " shard " + std::to_string(c.b) + " of g" + std::to_string(c.a);
  if (c.what == machine::event::resolve && c.b != 0) text += ", late: g" + std::to_string(c.b);
  return c.what <= machine::event::death_notice ? "writer " + std::to_string(c.a) + " " + text : text;
}

std::string describe(const machine::response& said) {
  const char* words[] = {"done", "accepted", "closed", "late", "sent back", "quiet", "busy", "taken", "left"};
  return words[static_cast<std::size_t>(said)];
}

std::string describe(const machine::state& s) {
  std::string text;
  for (const auto& one : s.tables) text += (text.empty() ? "" : " | ") + describe_table(one);
  text += " | in flight " + list(s.in_flight) + ", batch " + list(s.batch);
  const char* stages[] = {"outside", "resolved", "registered", "backing out", "written", "dead", "buried"};
  for (const auto& one : s.writers) text += std::string(", ") + stages[static_cast<std::size_t>(one.is)];
  if (s.processor == machine::callback::running) text += ", processing";
  if (s.processor == machine::callback::ignored) text += ", stuck";
  if (s.due) text += ", a swap is due";
  for (const auto& one : s.flushes) {
    if (one.waits) text += ", flush of " + list(one.covers);
  }
  if (!s.alive) text += ", no task";
  if (s.closing) text += s.stopped ? ", stopped" : ", closing";
  return text;
}

}  // namespace wavetank::model
