// A program that dies just before one of its syncs, made of any: this is preloaded. DIE_BEFORE_SYNC says before which,
// from 1. A kill from outside hardly ever comes between two calls: one that comes during a sync lets it finish first.
#include <atomic>
#include <csignal>
#include <cstdlib>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

long syncs_to_live() {
  const char* const given = std::getenv("DIE_BEFORE_SYNC");
  return given == nullptr ? 0 : std::atol(given);
}

int sync_or_die(long call, int descriptor) {
  static std::atomic<long> left = syncs_to_live();
  if (--left == 0) ::kill(::getpid(), SIGKILL);
  return static_cast<int>(::syscall(call, descriptor));
}

}  // namespace

extern "C" int fsync(int descriptor) { return sync_or_die(SYS_fsync, descriptor); }
extern "C" int fdatasync(int descriptor) { return sync_or_die(SYS_fdatasync, descriptor); }
