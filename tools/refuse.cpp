#include <wavetank/tools/refuse.h>

#include <iostream>
#include <utility>

#include <wavetank/tools/exit_codes.h>
#include <wavetank/tools/printable.h>

namespace wavetank::tools {

int refuse(std::string_view command, std::string message) {
  std::cerr << "wavetank " << command << ": " << printable(std::move(message)) << std::endl;
  return exit_bad_input;
}

}  // namespace wavetank::tools
