// What is put aside while the tasks of a killed process are unwound.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <wavetank/sim/engine/start_queue.h>
#include <wavetank/sim/engine/task.h>
#include <wavetank/sim/scenario.h>

namespace wavetank::sim {

class witness;

struct burial {
  process_index first;
  process_index last;
  std::uint32_t victims = 0;  // not unwound yet
  task* killer = nullptr;     // goes on afterwards; none if it is a victim itself
  std::vector<task*> bystanders;
  start_queue unstarted;
  std::uint32_t asks_above;
  bool barrier;
  std::uint64_t step;
  std::uint64_t step_alarm;
  scenario budget;
  witness* told;
  bool hooked;
  std::function<void()> check;
};

}  // namespace wavetank::sim
