// Bugs that somebody might write into a start-up scan, each as a change of the specification.
#pragma once

#include <vector>

#include <wavetank/model/directory_scan.h>
#include <wavetank/tests/model/planted_bugs.h>

namespace wavetank::model {

std::vector<planted_bug<directory_scan>> directory_scan_bugs();

}  // namespace wavetank::model
