// A program's tasks side by side, judged when all have ended.
#pragma once

#include <wavetank/props/program/judge.h>
#include <wavetank/props/program/program_run.h>

namespace wavetank::props {

/// `stamped` for an exhaustive search (see `call_recorder`); such a program must end by itself.
template <class Component>
void run_concurrently(sim::world& w, const program& p, bool stamped) {
  using run = program_run<Component>;
  run in{w, p, stamped};
  const watched_run watch{w, [&in] { in.look(); }};
  typename run::actor main{in, 0};
  in.perform_prefix(main);
  in.start_tasks();
  in.finish_tasks(main, !stamped);
  in.component().conclude(main, Component::destroys(p));
  judge(w, Component::model_of(p), in.record.recorded());
}

}  // namespace wavetank::props
