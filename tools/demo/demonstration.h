// `wavetank verify --demo`: a planted bug on its whole way.
#pragma once

#include <iosfwd>

namespace wavetank::tools::demo {

/// Finds the bug of `hasty_semaphore`, shrinks it, explains it, writes it as a trace into the directory for temporary
/// files and replays it strictly, and says so step by step. True if every step went as it must.
bool demonstrate(std::ostream& out);

}  // namespace wavetank::tools::demo
