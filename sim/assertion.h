// Assertions of tests and properties that end an execution with a verdict.
#pragma once

#include <stdexcept>
#include <string>

namespace wavetank::sim {

/// Thrown by `require`; an execution in which it leaves a task fails with the verdict `assertion`.
class assertion_failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& what) {
  if (!holds) throw assertion_failure(what);
}

}  // namespace wavetank::sim
