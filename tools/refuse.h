// The one line that bad input gets.
#pragma once

#include <string>
#include <string_view>

namespace wavetank::tools {

/// Prints "wavetank COMMAND: MESSAGE" as one line on stderr and returns `exit_bad_input`.
int refuse(std::string_view command, std::string message);

}  // namespace wavetank::tools
