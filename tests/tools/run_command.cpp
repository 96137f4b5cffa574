#include "run_command.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace wavetank::tools {

namespace {

[[noreturn]] void become_command(const std::vector<std::string>& words, const std::string& where) {
  for (const char* name : {"SLURM_ARRAY_TASK_ID", "GTEST_SHARD_INDEX", "JOB_COMPLETION_INDEX"}) ::unsetenv(name);
  std::vector<char*> argv{const_cast<char*>(WAVETANK_COMMAND)};
  for (const auto& w : words) argv.push_back(const_cast<char*>(w.c_str()));
  argv.push_back(nullptr);
  if (::chdir(where.c_str()) == 0) ::execv(argv[0], argv.data());
  ::_exit(127);
}

int exit_code_of(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

command_result run_command(const std::vector<std::string>& words, const std::string& where) {
  const scratch_directory outputs;
  const std::string out = outputs.file("out");
  const std::string err = outputs.file("err");
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    become_command(words, where);
  }
  command_result result;
  result.exit_code = exit_code_of(child);
  result.out = content_of(out);
  result.err = content_of(err);
  return result;
}

command_result interrupt_command(const std::vector<std::string>& words, const std::string& where,
                                 const std::string& cue) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) become_command(words, where);
  command_result result;
  char block[4096];
  bool interrupted = false;
  for (ssize_t n = 0; (n = ::read(terminal, block, sizeof block)) > 0;) {
    result.out.append(block, static_cast<std::size_t>(n));
    if (!interrupted && result.out.find(cue) != std::string::npos) {
      interrupted = ::write(terminal, "\x03", 1) == 1;
    }
  }
  ::close(terminal);
  result.exit_code = exit_code_of(child);
  EXPECT_TRUE(interrupted) << "the cue never came: " << result.out;
  return result;
}

scratch_directory::scratch_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "wavetank-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no directory could be made as " << name;
  path_ = name;
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string scratch_directory::write(const std::string& name, const std::string& content) const {
  std::ofstream(file(name), std::ios::binary) << content;
  return file(name);
}

std::vector<std::string> scratch_directory::names() const {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) all.push_back(entry.path().filename().string());
  std::sort(all.begin(), all.end());
  return all;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace wavetank::tools
