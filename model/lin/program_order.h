// Sequential consistency of one subject: is there an order that the model allows and that keeps each client's own
// order? (Lamport 1979.) Asked only to explain a failure, so it gives up early and then answers no.
#pragma once

#include <cstdint>

#include <wavetank/model/lin/subject.h>

namespace wavetank::lin {

/// True if such an order was found within `budget` configurations. Pending operations take effect at their place or
/// never. False for histories with crash marks, stuck operations, or clients that overlap with themselves, where the
/// question has no common meaning. The subject must have been built with relaxations (it needs the clients).
[[nodiscard]] bool in_program_order(subject& what, std::uint64_t budget);

}  // namespace wavetank::lin
