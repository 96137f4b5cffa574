#include <wavetank/sim/verdict.h>

#include <array>
#include <utility>

namespace wavetank::sim {

namespace {

constexpr std::array names{
    std::pair{verdict_kind::passed, "passed"},
    std::pair{verdict_kind::assertion, "assertion"},
    std::pair{verdict_kind::exception, "exception"},
    std::pair{verdict_kind::deadlock, "deadlock"},
    std::pair{verdict_kind::lost_wakeup, "lost_wakeup"},
    std::pair{verdict_kind::livelock, "livelock"},
    std::pair{verdict_kind::leaked_task, "leaked_task"},
    std::pair{verdict_kind::leaked_resource, "leaked_resource"},
    std::pair{verdict_kind::data_race, "data_race"},
    std::pair{verdict_kind::misuse, "misuse"},
    std::pair{verdict_kind::forbidden_call, "forbidden_call"},
    std::pair{verdict_kind::terminated, "terminated"},
    std::pair{verdict_kind::not_linearizable, "not_linearizable"},
    std::pair{verdict_kind::nondeterminism, "nondeterminism"},
    std::pair{verdict_kind::diverged, "diverged"},
};

}  // namespace

std::string_view to_string(verdict_kind kind) noexcept {
  for (const auto& [k, name] : names) {
    if (k == kind) return name;
  }
  return "?";
}

verdict_kind verdict_kind_from(std::string_view text, bool& ok) noexcept {
  for (const auto& [k, name] : names) {
    if (text == name) {
      ok = true;
      return k;
    }
  }
  ok = false;
  return verdict_kind::passed;
}

}  // namespace wavetank::sim
