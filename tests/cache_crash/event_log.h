// What a program that is to be killed says it was answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace wavetank {

/// Records of 64 bytes, `VERB RUN THREAD KEY CONTENT NOTE`; each is one `write` to a file that is open for appending,
/// so that a kill leaves all of it or nothing. Ends the program if that fails. Thread-safe.
class event_log {
 public:
  event_log(const char* path, std::uint64_t run)
      : descriptor_(::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666)), run_(run) {
    if (descriptor_ < 0) fail();
  }
  event_log(const event_log&) = delete;
  event_log& operator=(const event_log&) = delete;
  ~event_log() { ::close(descriptor_); }

  void say(char verb, int thread, std::uint64_t key, std::uint64_t content, std::string_view note = {}) const {
    constexpr std::size_t record_bytes = 64;
    std::string line = std::string{verb} + ' ' + std::to_string(run_) + ' ' + std::to_string(thread) + ' ' +
                       std::to_string(key) + ' ' + std::to_string(content) + ' ' + std::string{note};
    line.resize(record_bytes - 1, ' ');
    line += '\n';
    if (::write(descriptor_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) fail();
  }

 private:
  [[noreturn]] static void fail() {
    std::perror("the log");
    std::exit(2);
  }

  int descriptor_;
  std::uint64_t run_;
};

}  // namespace wavetank
