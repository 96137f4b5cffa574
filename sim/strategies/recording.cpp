#include <wavetank/sim/strategies/recording.h>

#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::sim {

namespace {

/// Parts of labels are separated by slashes and spaces.
std::string as_part(std::string_view text) {
  std::string part(text.empty() ? "-" : text);
  for (char& c : part) {
    if (c == ' ' || c == '/' || c == '\n' || c == '\t') c = '_';
  }
  return part;
}

}  // namespace

std::string to_string(const decision_label& label) {
  return label.task + "/" + label.operation + "/" + label.object + "/" + std::to_string(label.nth);
}

decision_label label_counter::count(std::string task, std::string operation, std::string object) {
  const std::uint32_t nth = ++seen_[{task, operation, object}];
  return {std::move(task), std::move(operation), std::move(object), nth};
}

decision_label label_counter::at(const scheduling_point& point) {
  scheduler& s = scheduler::here();
  const operation& op = point.pending[point.current];
  const bool over = s.finished(s.at(point.current));
  return count(as_part(s.at(point.current).name), over ? "ended" : as_part(to_string(op.kind)),
               over || op.object == 0 ? "-" : as_part(s.object_name(op.object)));
}

decision_label label_counter::at(const value_point& point) {
  scheduler& s = scheduler::here();
  return count(as_part(s.at(point.running).name), as_part(to_string(point.kind)), "-");
}

bool recording::begin(std::uint64_t seed) {
  labels_.clear();
  decisions_.clear();
  return inner_.begin(seed);
}

transition recording::schedule(const scheduling_point& point) {
  const transition chosen = inner_.schedule(point);
  const std::uint32_t alternatives = point.enabled_count + point.fault_count;
  if (alternatives < 2) return chosen;
  scheduler& s = scheduler::here();
  decisions_.push_back({decision_kind::schedule, chosen == calmest(point), chosen.code(),
                        static_cast<std::uint16_t>(std::min(alternatives, 0xFFFFu)), as_part(s.at(chosen.task()).name),
                        labels_.at(point), s.hash()});
  return chosen;
}

std::uint32_t recording::choose(const value_point& point) {
  const std::uint32_t chosen = inner_.choose(point);
  decisions_.push_back({point.kind,
                        chosen == 0,
                        static_cast<std::uint16_t>(chosen),
                        static_cast<std::uint16_t>(std::min(point.alternatives, 0xFFFFu)),
                        {},
                        labels_.at(point),
                        scheduler::here().hash()});
  return chosen;
}

}  // namespace wavetank::sim
