#include <wavetank/tools/printable.h>

#include <algorithm>

namespace wavetank::tools {

std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F; }, ' ');
  return text;
}

}  // namespace wavetank::tools
