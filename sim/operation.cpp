#include <wavetank/sim/operation.h>

namespace wavetank::sim {

std::string_view to_string(operation_kind kind) noexcept {
  switch (kind) {
    case operation_kind::load:
      return "load";
    case operation_kind::store:
      return "store";
    case operation_kind::read_modify_write:
      return "rmw";
    case operation_kind::lock:
      return "lock";
    case operation_kind::try_lock:
      return "try_lock";
    case operation_kind::unlock:
      return "unlock";
    case operation_kind::wait:
      return "wait";
    case operation_kind::reacquire:
      return "wakes";
    case operation_kind::notify_one:
      return "notify_one";
    case operation_kind::notify_all:
      return "notify_all";
    case operation_kind::join:
      return "join";
    case operation_kind::exit:
      return "dies";
    case operation_kind::sleep:
      return "sleep";
    case operation_kind::now:
      return "now";
    case operation_kind::relax:
      return "relax";
    case operation_kind::random:
      return "random";
    case operation_kind::io:
      return "io";
    case operation_kind::point:
      return "point";
    case operation_kind::timer:
      return "timer";
    case operation_kind::kill:
      return "killed";
    case operation_kind::spurious:
      return "spurious";
  }
  return "?";
}

}  // namespace wavetank::sim
