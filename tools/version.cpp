#include <wavetank/tools/version.h>

namespace wavetank::tools {

const char* const version = WAVETANK_VERSION;

}  // namespace wavetank::tools
