// The version that this build is of.
#pragma once

namespace wavetank::tools {

/// As CMake's project() says it: "0.1.0".
extern const char* const version;

}  // namespace wavetank::tools
