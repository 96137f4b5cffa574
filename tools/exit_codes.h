// What the command's exit status says.
#pragma once

namespace wavetank::tools {

inline constexpr int exit_good = 0;
inline constexpr int exit_violation = 1;  // of `replay`: another outcome than recorded
inline constexpr int exit_bad_input = 2;  // usage, files, options: one line on stderr says what to do
inline constexpr int exit_diverged = 3;   // of `replay`: the program no longer takes the recorded decisions
/// The shell's convention for what a signal ended.
inline constexpr int exit_interrupted = 130;

}  // namespace wavetank::tools
