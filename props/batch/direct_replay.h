// Batched = direct (B9): what a run's writes were told, against the same writes one by one on the direct route.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include <wavetank/props/batch/recorded_backend.h>
#include <wavetank/props/batch/write_ledger.h>
#include <wavetank/sim/runtime.h>

namespace wavetank::props {

/// Does the requests of a run again, each by itself and directly, in the order in which they took effect, and compares
/// the answers that depend on nothing but the request and that order: results, and refusals by the backend for the
/// request's own sake. The first difference, or empty.
template <class Batcher>
std::string unlike_direct(sim::runtime world, const write_ledger& ledger, const recorded_backend& batched) {
  const sim::runtime::death_shelter sheltered;
  typename Batcher::backend_type backend;
  backend.takes = std::chrono::nanoseconds{0};
  Batcher direct{world, backend, {}};
  for (const auto& one : ledger.in_order_of(batched)) {
    const bool own_refusal = one.said && !*one.said && one.said->error().text == "poison";
    if (!one.took_effect && !own_refusal) continue;
    const auto again = direct.write_batch(0, Batcher::batch_kind::generic, one.commands);
    if (one.said && (*one.said || own_refusal) && again != *one.said) {
      return "write " + std::to_string(one.commands.front().number) + " is answered otherwise when it goes directly";
    }
  }
  return "";
}

}  // namespace wavetank::props
