// The same engine compiled without records and hashes, to tell what they cost.
#include "programs.h"

namespace {

void random_walk_2x500(benchmark::State& state) {
  wavetank::sim::random_walk answers;
  bench::counters(state, answers, {500, 500});
}
BENCHMARK(random_walk_2x500)->UseManualTime();

void random_walk_2x4(benchmark::State& state) {
  wavetank::sim::random_walk answers;
  bench::counters(state, answers, {4, 4});
}
BENCHMARK(random_walk_2x4)->UseManualTime();

void decision_with_switch(benchmark::State& state) {
  bench::alternate answers;
  bench::counters(state, answers, {10'000, 10'000});
}
BENCHMARK(decision_with_switch)->UseManualTime();

}  // namespace

BENCHMARK_MAIN();
