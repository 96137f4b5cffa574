// The guard against real nondeterminism: a simulated task that reaches for the real clock, entropy or a thread fails.
//
// Stopped, by standing in for the C library's functions in programs that link the simulator: clock_gettime,
// gettimeofday, time, clock, nanosleep, clock_nanosleep, usleep, sleep, getrandom, getentropy, rand, random,
// pthread_create, fork. That covers std::chrono, std::this_thread::sleep_*, std::thread, std::async and most libraries.
// It cannot see what makes no call: the rdtsc, rdrand and rdseed instructions (std::random_device uses the latter two),
// raw system calls, addresses used as numbers, and functions that were inlined. Calls made by the harness
// (`scheduler::unobserved`) and outside of simulated tasks pass through.
//
// `assert` and `std::terminate` in a simulated task become verdicts in the same way.
#pragma once

namespace wavetank::sim {

/// Keeps the stand-ins in the program; the simulator calls it once.
void install_forbidden_calls();

}  // namespace wavetank::sim
