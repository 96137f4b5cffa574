// Which search runs when: the partitions take turns, and so do the searches of one partition.
//
// No partition is searched to its end before the others have had their turn: budgets grow round by round, so that one
// hard key does not hide that another fails at once. Within a partition two depth-first searches, one for each
// candidate order, and where operations are optional the breadth-first search alternate in slices counted in
// configurations. When memory runs short all but the first are dropped, then it gives way to the breadth-first search,
// which holds one layer only.
#pragma once

#include <vector>

#include <wavetank/model/lin/subject.h>
#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

/// Searches all subjects within the limits of `how`. Stops at the first that is not linearizable.
[[nodiscard]] verdict decide(std::vector<subject>& subjects, const options& how);

}  // namespace wavetank::lin
