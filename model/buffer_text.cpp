// The words of counterexamples and explanations.
#include <wavetank/model/buffer.h>

namespace wavetank::model {
namespace {

template <class Entries>
std::string list(const Entries& some) {
  std::string text = "[";
  for (const auto& one : some) {
    text += (text.size() == 1 ? "" : " ") + describe(static_cast<const buffer::entry&>(one));
  }
  return text + "]";
}

}  // namespace

std::string describe(const buffer::entry& one) {
  std::string text = one.key != 0 ? "k" + std::to_string(one.key) + "=" : "p" + std::to_string(one.producer) + ":";
  text += std::to_string(one.value);
  return one.version == 0 ? text : text + "@" + std::to_string(one.version);
}

std::string describe(const buffer::command& c) {
  using event = buffer::event;
  const char* outcomes[] = {"delivered", "failed", "to be given again"};
  switch (c.what) {
    case event::put:
      return "put " + (c.batch.empty() ? describe(c.record) : list(c.batch));
    case event::put_newer:
      return "put newer " + describe(c.record);
    case event::get:
      return "get k" + std::to_string(c.record.key);
    case event::erase:
      return "erase k" + std::to_string(c.record.key);
    case event::swap:
      return "swap";
    case event::give:
      return "the processor gets " + list(c.batch);
    case event::settle:
      return std::string("the batch is ") + outcomes[static_cast<std::size_t>(c.came_to)];
    case event::flush:
      return "flush #" + std::to_string(c.call);
    case event::flush_answers:
      return "flush #" + std::to_string(c.call) + " answers";
    case event::stop:
      return "stop";
    case event::stop_answers:
      return "stop gives back " + list(c.batch);
    case event::read_counts:
      return "counts";
  }
  return {};
}

std::string describe(const buffer::response& said) {
  const char* words[] = {"done",     "accepted", "inserted", "replaced", "stale",  "full",    "too large",
                         "deadline", "closed",   "value",    "miss",     "erased", "drained", "left over"};
  std::string text = words[static_cast<std::size_t>(said.what)];
  if (said.what == buffer::result::value) text += " " + std::to_string(said.value);
  if (said.seen == buffer::counts{}) return text;
  const char* names[] = {"accepted", "delivered",  "failed", "newest",   "oldest",
                         "returned", "superseded", "erased", "buffered", "in flight"};
  for (std::size_t i = 0; i < said.seen.size(); ++i) {
    if (said.seen[i] != 0) text += ", " + std::string(names[i]) + " " + std::to_string(said.seen[i]);
  }
  return text;
}

std::string describe(const buffer::state& s) {
  std::string text = "buffered " + list(s.buffered) + ", in flight " + list(s.in_flight) + ", batch " + list(s.batch);
  if (s.given) text += " given";
  if (s.closing) text += s.stopped ? ", stopped" : ", closing";
  return text;
}

}  // namespace wavetank::model
