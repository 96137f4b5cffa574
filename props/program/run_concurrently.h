// A program's tasks side by side, judged when all have ended.
#pragma once

#include <wavetank/props/program/judge.h>
#include <wavetank/props/program/program_run.h>

namespace wavetank::props {

/// What the run is part of.
enum class exploration {
  /// Sampling: main sees to it that no program waits for ever for what main holds.
  sampled,
  /// An exhaustive search that also tells apart schedules which differ only in which call returned before which was
  /// made: all real-time orders are judged. The program must end by itself.
  exhaustive_with_real_time,
  /// An exhaustive search of all orders of the component's own operations; of schedules that differ only in the
  /// real-time order of calls that do not touch each other, one is judged. The program must end by itself.
  exhaustive,
};

template <class Component>
void run_concurrently(sim::world& w, const program& p, exploration as) {
  using run = program_run<Component>;
  run in{w, p, as == exploration::exhaustive_with_real_time};
  const watched_run watch{w, [&in] { in.look(); }};
  typename run::actor main{in, 0};
  in.perform_prefix(main);
  in.start_tasks();
  in.finish_tasks(main, as == exploration::sampled);
  in.component().conclude(main, Component::destroys(p));
  judge(w, Component::model_of(p), in.record.recorded());
}

}  // namespace wavetank::props
