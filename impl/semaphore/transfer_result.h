// What giving a permit another owner did: shared by the semaphores.
#pragma once

#include <cstdint>

namespace wavetank {

enum class transfer_result : std::uint8_t {
  transferred,  ///< the permit belongs to the task that was named
  released,     ///< that task was dead: the permit is released
  nothing,      ///< the permit was not live
};

}  // namespace wavetank
