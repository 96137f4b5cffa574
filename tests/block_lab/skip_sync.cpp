// A program that forgets to sync, made of one that does not: preloaded, it answers some syncs and does nothing.
// SKIP_SYNC says which: `files` or `directories`. block_lab.py must catch either.
#include <cstdlib>
#include <string_view>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

bool is_skipped(int descriptor) {
  const char* const which = std::getenv("SKIP_SYNC");
  struct stat about {};
  if (which == nullptr || ::fstat(descriptor, &about) != 0) return false;
  return std::string_view{which} == (S_ISDIR(about.st_mode) ? "directories" : "files");
}

int sync_unless_skipped(long call, int descriptor) {
  return is_skipped(descriptor) ? 0 : static_cast<int>(::syscall(call, descriptor));
}

}  // namespace

extern "C" int fsync(int descriptor) { return sync_unless_skipped(SYS_fsync, descriptor); }
extern "C" int fdatasync(int descriptor) { return sync_unless_skipped(SYS_fdatasync, descriptor); }
