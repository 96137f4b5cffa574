// The window batcher's model in words.
#include <wavetank/model/window_batcher.h>

namespace wavetank::model {
namespace {

using batcher = window_batcher;
using event = batcher::event;

std::string describe(const batcher::load& all) {
  return std::to_string(all.items) + " items, " + std::to_string(all.bytes) + " bytes, " + std::to_string(all.work) +
         " work";
}

}  // namespace

std::string describe(const batcher::command& c) {
  const char* words[] = {"submits to",
                         "writes directly",
                         "commits directly",
                         "timer of kind",
                         "the next batch goes",
                         "done is commit",
                         "failed is commit",
                         "lost is the outcome of commit",
                         "deadline of request",
                         "flush",
                         "the flush answers",
                         "the flush gives up",
                         "stop",
                         "the stop gives up",
                         "destruction"};
  const std::string text = words[static_cast<std::size_t>(c.what)];
  const std::string weighs = c.weighs == batcher::load{} ? "" : " with " + describe(c.weighs);
  if (c.what == event::submit) {
    return "task " + std::to_string(c.a) + " " + text + " kind " + std::to_string(c.b) + weighs;
  }
  if (c.what == event::direct || c.what == event::direct_commit)
    return "task " + std::to_string(c.a) + " " + text + weighs;
  const bool numbered = c.what == event::timer || c.what == event::deadline || c.what == event::done ||
                        c.what == event::fails || c.what == event::is_lost;
  return numbered ? text + " " + std::to_string(c.a) : text;
}

std::string describe(const batcher::response& said) {
  const char* words[] = {"done", "accepted", "overloaded", "too large", "shutting down"};
  return words[static_cast<std::size_t>(said)];
}

std::string describe(const batcher::state& s) {
  const auto list = [](const batcher::slot& some) {
    std::string text = "[";
    for (const auto one : some) text += (text.size() == 1 ? "" : " ") + std::to_string(one);
    return text + "]";
  };
  std::string text = "open";
  for (const auto& one : s.open) {
    text += " " + list(one);
    if (!one.empty()) text += " (" + describe(batcher::load_of(s, one)) + ")";
  }
  text += ", sealed";
  for (const auto& one : s.sealed) text += " " + list(one);
  text += ", in flight";
  for (const auto& one : s.in_flight)
    text += " " + list(one.requests) + (one.ended_as == batcher::fate::pending ? "" : "!");
  return text + ", log " + list(s.log);
}

}  // namespace wavetank::model
