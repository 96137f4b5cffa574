#include <wavetank/tools/refuse.h>

#include <algorithm>
#include <iostream>

#include <wavetank/tools/exit_codes.h>

namespace wavetank::tools {

int refuse(std::string_view command, std::string message) {
  // Messages quote names and lines of foreign files: no control character may reach a terminal or break the line.
  std::replace_if(
      message.begin(), message.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F; }, ' ');
  std::cerr << "wavetank " << command << ": " << message << std::endl;
  return exit_bad_input;
}

}  // namespace wavetank::tools
