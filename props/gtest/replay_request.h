// The trace that the user asked this test program to replay.
#pragma once

#include <optional>
#include <string>

namespace wavetank::gtest {

/// The FILE of `--wavetank_replay=FILE` on the command line, else of WAVETANK_REPLAY in the environment. GoogleTest
/// leaves flags that are not its own alone, and main() need not know.
std::optional<std::string> requested_replay();

/// How this program was called: argv[0].
std::string program_name();

}  // namespace wavetank::gtest
