// What stopping a partition came to.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace wavetank {

/// `rest` holds what was not processed by the deadline, in table order, generation after generation.
template <class Entry>
struct stop_report {
  bool drained = true;           ///< everything was processed before the deadline
  bool already_stopped = false;  ///< another call did it
  bool processor_stuck = false;  ///< a call of the processor has not returned
  std::uint64_t delivered = 0;   ///< records, during the stop
  std::uint64_t failed = 0;
  std::vector<Entry> rest{};
};

}  // namespace wavetank
