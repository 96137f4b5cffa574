// A program that is careless when it syncs, made of one that is not: this is preloaded. CARELESS_SYNC says how:
//   files, directories  they are not synced, and the answer is that they are
//   failures            a sync that failed is tried again, and then Linux says that all is well
// block_lab.py must catch each.
#include <cstdlib>
#include <string_view>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::string_view carelessness() {
  const char* const which = std::getenv("CARELESS_SYNC");
  return which == nullptr ? "" : which;
}

bool is_directory(int descriptor) {
  struct stat about {};
  return ::fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode);
}

int sync_carelessly(long call, int descriptor) {
  if (carelessness() == (is_directory(descriptor) ? "directories" : "files")) return 0;
  const auto answer = static_cast<int>(::syscall(call, descriptor));
  if (answer != 0 && carelessness() == "failures") return static_cast<int>(::syscall(call, descriptor));
  return answer;
}

}  // namespace

extern "C" int fsync(int descriptor) { return sync_carelessly(SYS_fsync, descriptor); }
extern "C" int fdatasync(int descriptor) { return sync_carelessly(SYS_fdatasync, descriptor); }
