// Foreign names and lines, fit for a terminal.
#pragma once

#include <string>

namespace wavetank::tools {

/// Control characters become spaces: none may reach a terminal or break a line.
std::string printable(std::string text);

}  // namespace wavetank::tools
