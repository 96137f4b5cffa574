// Any bytes are a history file: they parse or are refused in words, and what parses is judged within its limits.
//
// The first byte picks the model, the rest is the text.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <wavetank/model/lin/file_models.h>
#include <wavetank/model/lin/history_parser.h>
#include <wavetank/model/lin/report.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace lin = wavetank::lin;
  if (size == 0) return 0;
  const std::string_view model = lin::file_model_names()[data[0] % lin::file_model_names().size()];
  const auto lines = lin::parse_history({reinterpret_cast<const char*>(data) + 1, size - 1});
  if (!lines) {
    if (lines.error().line == 0 || lines.error().what.empty()) std::abort();
    return 0;
  }
  const auto what = lin::load_history(model, 3, *lines);
  if (!what) {
    if (what.error().what.empty()) std::abort();
    return 0;
  }
  lin::options how;
  how.limit_configurations = 20'000;
  how.limit_bytes = std::uint64_t{64} << 20;
  how.check_claims = true;
  const lin::verdict v = (*what)->judge(how);
  if (v.result != lin::outcome::not_linearizable) return 0;
  lin::explain_limits limits;
  limits.configurations_a_question = 200;
  limits.configurations_for_states = 2'000;
  limits.most_pairs = 4;
  const lin::explanation why = (*what)->explain_failure(v, how, limits);
  const lin::report_heading heading{"-", std::string(model), how.crash_means};
  if (lin::report_text(heading, **what, v, &why).empty() || lin::report_json(heading, **what, v, &why).empty())
    std::abort();
  return 0;
}
