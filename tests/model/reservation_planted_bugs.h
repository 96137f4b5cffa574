// Bugs that somebody might write into a reservation table, each as a change of the specification.
#pragma once

#include <vector>

#include <wavetank/model/reservation.h>
#include <wavetank/tests/model/planted_bugs.h>

namespace wavetank::model {

std::vector<planted_bug<reservation>> reservation_bugs();

}  // namespace wavetank::model
