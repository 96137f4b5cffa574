// Traces are untrusted: whatever the bytes, the parser answers with a trace or with a line that exists. What it accepts
// is written and read again to the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <wavetank/sim/trace.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  for (const bool altered : {false, true}) {
    const auto parsed = wavetank::sim::parse_trace(text, altered);
    if (!parsed) {
      if (parsed.error().line < 1 || parsed.error().line > lines + 1 || parsed.error().message.empty()) std::abort();
      continue;
    }
    const auto written = wavetank::sim::to_text(*parsed);
    const auto again = wavetank::sim::parse_trace(written);
    if (!again || wavetank::sim::to_text(*again) != written) std::abort();
  }
  return 0;
}
