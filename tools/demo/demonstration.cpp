#include <wavetank/tools/demo/demonstration.h>

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>

#include <wavetank/sim/campaign.h>
#include <wavetank/tools/demo/raised_limit.h>
#include <wavetank/tools/output_file.h>
#include <wavetank/tools/result_table.h>
#include <wavetank/tools/trace_file.h>

namespace wavetank::tools::demo {

namespace {

bool gave_up(std::ostream& out, const std::string& why) {
  out << "   did not work: " << why << "\n";
  return false;
}

void present(std::ostream& out) {
  out << "The demonstration: a semaphore with a planted bug (tools/demo/hasty_semaphore.h).\n"
         "set_limit() may raise the limit by several, but wakes one waiter. Three tasks wait; an operator makes\n"
         "room for all. A plain test passes as long as no two of them sleep when the limit rises.\n\n";
}

std::optional<sim::campaign_failure> find(std::ostream& out) {
  out << "1. Explore schedules until one fails.\n";
  const auto result = sim::run_campaign(raised_limit_property(), {});
  if (!result.failure) return std::nullopt;
  const auto& found = *result.failure;
  out << "   schedule " << in_groups(found.execution + 1) << " (strategy " << found.original.strategy << ", seed "
      << found.original.seed << ") fails: " << to_string(found.what.kind) << "\n\n";
  return result.failure;
}

void shrink(std::ostream& out, const sim::campaign_failure& found) {
  const auto uncalm = [](const sim::trace& t) {
    return std::count_if(t.decisions.begin(), t.decisions.end(), [](const auto& d) { return !d.decision.calm; });
  };
  out << "2. Shrink it, keeping the kind of failure: " << in_groups(found.shrink_runs) << " runs.\n"
      << "   before: " << found.original.decisions.size() << " decisions, " << uncalm(found.original)
      << " of them other than carrying on\n"
      << "   after:  " << found.smallest.decisions.size() << " decisions, " << uncalm(found.smallest)
      << " of them other than carrying on\n\n";
}

void explain(std::ostream& out, const sim::campaign_failure& found) {
  out << "3. Explain it.\n   " << to_string(found.what.kind) << ": " << found.what.message << "\n\n"
      << found.told << "\n";
}

bool keep_and_replay(std::ostream& out, const sim::campaign_failure& found) {
  // A directory of its own: other people's demonstrations share the parent.
  std::string directory = (std::filesystem::temp_directory_path() / "wavetank-demo-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) return gave_up(out, "no directory can be made as " + directory);
  const auto path = std::filesystem::path(directory) / "demo.raised_limit.trace";
  if (const auto ok = write_whole(path, sim::to_text(found.smallest)); !ok) return gave_up(out, ok.error());
  out << "4. Keep it as a trace: " << path.string() << "\n\n"
      << "5. Replay it strictly, as `wavetank replay " << path.string() << "` does.\n";
  const auto loaded = load_trace(path);
  if (!loaded) return gave_up(out, loaded.error());
  const auto again = sim::replay(*loaded->of, loaded->recorded, loaded->what, false);
  if (again.result.what.kind != found.what.kind) return gave_up(out, again.result.what.message);
  out << "   as recorded: " << to_string(again.result.what.kind) << ", every one of " << again.result.steps
      << " steps and " << again.decisions.size() << " decisions alike\n\n"
      << "The repair is one word: notify_all. No real component here has this bug; `wavetank verify` tells.\n";
  return true;
}

}  // namespace

bool demonstrate(std::ostream& out) {
  present(out);
  const auto found = find(out);
  if (!found) return gave_up(out, "no schedule failed, although the bug is there");
  shrink(out, *found);
  explain(out, *found);
  return keep_and_replay(out, *found);
}

}  // namespace wavetank::tools::demo
