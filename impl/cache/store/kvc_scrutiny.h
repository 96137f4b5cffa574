// How much of a cache file is looked at.
#pragma once

#include <cstdint>

namespace wavetank {

enum class kvc_scrutiny : std::uint8_t {
  head,  ///< size and head, and that the key derived from it is the file's name
  full   ///< and the payload's checksum
};

}  // namespace wavetank
