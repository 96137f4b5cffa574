// The protocol of the sync gate, a shard in a small closed world: publish first, then look.
//
// Writers publish an admission and then look for a pause; pausers publish a pause and then look for admissions. Each
// step is atomic and seen by all at once (what weaker memory does is for the simulated atomics to show). Anybody may
// die between two steps; what a task holds then goes back. Leaves out: time, leases that are handed over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/checker/properties.h>
#include <wavetank/model/state_machine.h>
#include <wavetank/model/words.h>

namespace wavetank::model {

struct sync_gate_bounds {
  std::uint64_t writers = 2;
  std::uint64_t pausers = 2;
  std::uint64_t deaths = 1;
};

/// A closed machine: the specification and its environment.
struct sync_gate {
  enum class writer : std::uint8_t { outside, published, inside, dead };
  enum class pauser : std::uint8_t { idle, waiting, drained, dead };

  struct state {
    std::vector<writer> writers;
    std::vector<pauser> pausers;
    friend bool operator==(const state&, const state&) = default;
  };

  enum class step_kind : std::uint8_t {
    publish,
    look,
    leave,
    writer_dies,
    pause,
    look_for_writers,
    resume,
    pauser_dies
  };
  struct command {
    step_kind what;
    std::size_t who;
    friend bool operator==(const command&, const command&) = default;
  };
  enum class response : std::uint8_t { done, admitted, sent_back, drained };

  sync_gate_bounds bounds{};

  [[nodiscard]] state initial() const;
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    state after = before;
    response said = response::done;
    if (carry_out(after, what, said)) emit(said, std::as_const(after));
  }
  template <class Yield>
  void for_each_command(const state& s, Yield&& yield) const {
    for (std::size_t i = 0; i < s.writers.size(); ++i) {
      for (const auto kind : {step_kind::publish, step_kind::look, step_kind::leave}) yield(command{kind, i});
      if (may_die(s)) yield(command{step_kind::writer_dies, i});
    }
    for (std::size_t i = 0; i < s.pausers.size(); ++i) {
      for (const auto kind : {step_kind::pause, step_kind::look_for_writers, step_kind::resume})
        yield(command{kind, i});
      if (may_die(s)) yield(command{step_kind::pauser_dies, i});
    }
  }

  /// False where the command is disabled.
  [[nodiscard]] static bool carry_out(state& s, const command& what, response& said);

 private:
  [[nodiscard]] bool may_die(const state& s) const;
};

template <class Sink>
void for_each_word(const sync_gate::state& s, Sink&& sink) {
  sink(s.writers.size());
  for (const auto one : s.writers) sink(static_cast<std::uint64_t>(one));
  sink(s.pausers.size());
  for (const auto one : s.pausers) sink(static_cast<std::uint64_t>(one));
}
inline std::size_t hash_value(const sync_gate::state& s) { return hash_words(s); }

std::string describe(const sync_gate::command& what);
std::string describe(const sync_gate::response& said);
std::string describe(const sync_gate::state& s);

/// Nobody is inside under a drained pause; who waits can go on.
properties_of<sync_gate> sync_gate_properties();

}  // namespace wavetank::model
