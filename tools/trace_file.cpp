#include <wavetank/tools/trace_file.h>

#include <wavetank/tools/known_properties.h>
#include <wavetank/tools/output_file.h>

namespace wavetank::tools {

namespace {

// The second line of every trace names its property; the commands follow the six lines of the head.
constexpr std::size_t property_line = 2;
constexpr std::size_t first_command_line = 7;

std::string at_line(const std::filesystem::path& path, std::size_t line, const std::string& message) {
  return path.string() + ":" + std::to_string(line) + ": " + message;
}

}  // namespace

tl::expected<loaded_trace, std::string> load_trace(const std::filesystem::path& path, bool altered) {
  const auto text = read_whole(path, sim::max_trace_bytes);
  if (!text) return tl::unexpected(text.error());
  auto parsed = sim::parse_trace(*text, altered);
  if (!parsed) return tl::unexpected(at_line(path, parsed.error().line, parsed.error().message));
  loaded_trace loaded{std::move(*parsed), nullptr, nullptr};
  loaded.of = find_known_property(loaded.recorded.property);
  if (loaded.of == nullptr) {
    return tl::unexpected(at_line(path, property_line,
                                  "no property '" + loaded.recorded.property +
                                      "' in this build; `wavetank list` names those there are (the trace of a test of "
                                      "your own is replayed by its program, with --wavetank_replay=FILE)"));
  }
  auto what = loaded.of->parse(loaded.recorded.commands);
  if (!what) return tl::unexpected(at_line(path, first_command_line, what.error()));
  loaded.what = std::move(*what);
  return loaded;
}

}  // namespace wavetank::tools
