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
    text += " " + list(part.records) + (part.closed ? "closed" : "open");
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
                         "what was left is taken up",
                         "the swap publishes it",
                         "the swap closes a shard of the old table",
                         "the swap settles a shard of the old table",
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
                         "stop",
                         "the stop answers",
                         "the stop's deadline"};
  const std::string text = words[static_cast<std::size_t>(c.what)];
  return c.what <= machine::event::death_notice ? "writer " + std::to_string(c.a) + " " + text : text;
}

std::string describe(const machine::response& said) {
  const char* words[] = {"done", "accepted", "closed", "sent back", "taken", "left"};
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
  if (s.barrier) text += ", flush of " + std::to_string(*s.barrier);
  if (!s.alive) text += ", no task";
  if (s.closing) text += s.stopped ? ", stopped" : ", closing";
  return text;
}

}  // namespace wavetank::model
