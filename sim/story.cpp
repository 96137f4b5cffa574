#include <wavetank/sim/story.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace wavetank::sim {

namespace {

// A stretch of one task is broken over lines of this many characters.
constexpr std::size_t line_length = 96;

std::string virtual_time(time_point t) {
  const auto ns = t.time_since_epoch().count();
  char text[32];
  if (ns % 1'000'000 == 0) {
    std::snprintf(text, sizeof text, "%" PRId64 "ms", static_cast<std::int64_t>(ns / 1'000'000));
  } else {
    std::snprintf(text, sizeof text, "%" PRId64 "ns", static_cast<std::int64_t>(ns));
  }
  return text;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

}  // namespace

void story::happened(const event& e) {
  if (!over_) entries_.push_back({e, 0, false, {}});
}

void story::value(std::uint64_t v) {
  if (over_ || entries_.empty()) return;
  entries_.back().value = v;
  entries_.back().has_value = true;
}

void story::said(task_index t, std::string_view text) {
  if (over_) return;
  // How the tasks unwind after a failure is nobody's question.
  over_ = text.substr(0, 7) == "FAILED:";
  event e{};
  e.task = t;
  if (!entries_.empty()) e.step = entries_.back().what.step, e.time = entries_.back().what.time;
  entries_.push_back({e, 0, false, std::string(text)});
}

void story::named(object_id id, std::string_view name) { names_[id] = name; }

void story::spawned(task_index t, std::string_view name) { tasks_[t] = name; }

std::string story::object(object_id id) const {
  if (id == clock_object || id == budget_object || id == 0) return {};
  const auto found = names_.find(id);
  return found != names_.end() ? found->second : "#" + std::to_string(id);
}

std::string story::task(task_index i) const {
  const auto found = tasks_.find(i);
  return found != tasks_.end() ? found->second : "task" + std::to_string(i);
}

std::string story::describe(const entry& e) const {
  std::string text(to_string(e.what.what.kind));
  if (e.what.what.kind == operation_kind::join) return text;
  if (e.what.what.kind == operation_kind::timer) return "its timer fires";
  if (e.what.what.kind == operation_kind::kill) return e.what.what.commutes ? "is killed" : "kills";
  if (e.what.what.kind == operation_kind::spurious) return "wakes for nothing";
  if (e.what.what.kind == operation_kind::reacquire) return e.value == 1 ? "wakes at its deadline" : "wakes";
  if (const std::string name = object(e.what.what.object); !name.empty()) text += " " + name;
  if (e.has_value) {
    char value[40];
    std::snprintf(value, sizeof value, e.value < 100'000 ? " = %" PRIu64 : " = %#" PRIx64, e.value);
    text += value;
  }
  return text;
}

std::vector<std::string> story::events() const {
  std::vector<std::string> lines;
  for (const auto& e : entries_) {
    if (e.speech.empty()) {
      lines.push_back("step " + std::to_string(e.what.step) + ", " + virtual_time(e.what.time) + ": " +
                      task(e.what.task) + " " + describe(e));
    }
  }
  return lines;
}

std::string story::text() const {
  std::size_t width = 4;
  for (const auto& [i, name] : tasks_) width = std::max(width, name.size());
  std::string out;
  std::string line;
  const entry* first = nullptr;
  const auto flush = [&] {
    if (first == nullptr) return;
    char head[48];
    std::snprintf(head, sizeof head, "%6" PRIu64 " %8s  ", first->what.step, virtual_time(first->what.time).c_str());
    out += head + padded(task(first->what.task), width) + "  " + line + "\n";
    first = nullptr;
    line.clear();
  };
  for (const auto& e : entries_) {
    if (!e.speech.empty()) {
      flush();
      out += std::string(17, ' ') + padded(task(e.what.task), width) + "  | " + e.speech + "\n";
      continue;
    }
    const std::string text = describe(e);
    const bool goes_on = first != nullptr && first->what.task == e.what.task && first->what.time == e.what.time &&
                         line.size() + text.size() + 2 <= line_length;
    if (!goes_on) flush();
    if (first == nullptr) {
      first = &e;
      line = text;
    } else {
      line += ", " + text;
    }
  }
  flush();
  return out;
}

}  // namespace wavetank::sim
