#include <wavetank/impl/batch/write_pause.h>

namespace wavetank {
namespace {

std::string words(const pause_error& error) {
  const std::string shard = "shard " + std::to_string(error.shard);
  switch (error.at) {
    case pause_step::gate:
      return "the gate did not close";
    case pause_step::drain:
      return "the writers inside did not leave";
    case pause_step::flush:
      return shard + " was not flushed";
    case pause_step::barrier:
      return "the barrier of " + shard + " was not written";
  }
  return "unknown step";
}

}  // namespace

std::string to_string(const pause_error& error) {
  const std::string why = std::visit([](const auto& one) { return std::string{to_string(one)}; }, error.why);
  return "no pause: " + words(error) + ": " + why;
}

}  // namespace wavetank
