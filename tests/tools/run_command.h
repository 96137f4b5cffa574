// Runs the built command as a process, as a user does.
#pragma once

#include <string>
#include <vector>

namespace wavetank::tools {

struct command_result {
  int exit_code = -1;  // or 128 + the signal that ended it
  std::string out;
  std::string err;
};

/// `wavetank WORDS...` in the directory `where`, without the environment's sharding.
command_result run_command(const std::vector<std::string>& words, const std::string& where);

/// The same on a terminal, interrupted as by Ctrl-C once `cue` has been printed. `out` has both streams.
command_result interrupt_command(const std::vector<std::string>& words, const std::string& where,
                                 const std::string& cue);

/// An empty directory of the running test's own, removed with it.
class scratch_directory {
 public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  const std::string& path() const noexcept { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file in it and returns its path.
  std::string write(const std::string& name, const std::string& content) const;
  /// The names in it, sorted.
  std::vector<std::string> names() const;

 private:
  std::string path_;
};

std::string content_of(const std::string& path);

}  // namespace wavetank::tools
