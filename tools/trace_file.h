// A trace from disk, with the property and the case that it belongs to.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include <wavetank/sim/property.h>
#include <wavetank/sim/trace.h>

namespace wavetank::tools {

struct loaded_trace {
  sim::trace recorded;
  const sim::property* of = nullptr;
  std::shared_ptr<const sim::test_case> what;
};

/// Reads a trace and finds its property. The error is one line: the file, the line in it, what is wrong. With `altered`
/// a wrong checksum is no error.
tl::expected<loaded_trace, std::string> load_trace(const std::filesystem::path& path, bool altered = false);

}  // namespace wavetank::tools
