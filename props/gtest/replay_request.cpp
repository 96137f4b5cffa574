#include <wavetank/props/gtest/replay_request.h>

#include <cstdlib>
#include <fstream>
#include <string_view>
#include <vector>

namespace wavetank::gtest {

namespace {

/// The words of the command line, from the kernel: main() has the others.
std::vector<std::string> command_line() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');) words.push_back(word);
  return words;
}

}  // namespace

std::optional<std::string> requested_replay() {
  constexpr std::string_view flag = "--wavetank_replay=";
  for (const auto& word : command_line()) {
    if (word.rfind(flag, 0) == 0) return word.substr(flag.size());
  }
  const char* file = std::getenv("WAVETANK_REPLAY");
  return file != nullptr && *file != '\0' ? std::optional<std::string>(file) : std::nullopt;
}

std::string program_name() {
  const auto words = command_line();
  return words.empty() ? "THIS_PROGRAM" : words.front();
}

}  // namespace wavetank::gtest
