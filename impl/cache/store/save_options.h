// What a save pipeline is told.
#pragma once

#include <wavetank/impl/cache/store/kvc_scrutiny.h>

#include <cstdint>

namespace wavetank {

struct save_options {
  std::uint64_t permits = 0;  ///< saves at once; 0: twice as many as the hardware runs threads, and one
  /// What is read back after the file has its name: everything, or its head (the payload was checksummed as it went).
  kvc_scrutiny verify_after_link = kvc_scrutiny::full;
};

}  // namespace wavetank
