#include <wavetank/sim/decision.h>

namespace wavetank::sim {

std::string_view to_string(decision_kind kind) noexcept {
  switch (kind) {
    case decision_kind::schedule:
      return "schedule";
    case decision_kind::notify:
      return "notify";
    case decision_kind::weak_cas:
      return "weak_cas";
    case decision_kind::fault:
      return "fault";
    case decision_kind::outcome:
      return "outcome";
  }
  return "?";
}

void decision_log::grow() {
  const std::size_t size = kept_.size();
  kept_.resize(2 * size);
  next_ = kept_.data() + size;
  end_ = kept_.data() + kept_.size();
}

}  // namespace wavetank::sim
