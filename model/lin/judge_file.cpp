#include <wavetank/model/lin/judge_file.h>

#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include <wavetank/model/lin/file_models.h>
#include <wavetank/model/lin/history_file.h>
#include <wavetank/model/lin/report.h>

namespace wavetank::lin {
namespace {

std::string known_models() {
  std::string all;
  for (const std::string_view name : file_model_names()) all += (all.empty() ? "" : ", ") + std::string(name);
  return all;
}

// One line, whatever bytes a path or a message is made of.
int refuse(std::ostream& err, const std::string& where, std::uint64_t line, const std::string& what, int code) {
  std::string text = where;
  if (line > 0) text.append(":").append(std::to_string(line));
  text.append(": ").append(what);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  err << "wavetank lin: " << text << '\n';
  return code;
}

int exit_code(outcome result) {
  switch (result) {
    case outcome::linearizable:
      return exit_linearizable;
    case outcome::not_linearizable:
      return exit_not_linearizable;
    case outcome::undecided:
      return exit_undecided;
  }
  return exit_undecided;
}

int judge(const file_job& job, std::ostream& out, std::ostream& err) {
  if (!is_file_model(job.model))
    return refuse(err, "model '" + job.model + "'", 0, "unknown; one of " + known_models(), exit_bad_input);
  if (needs_limit(job.model) && (!job.limit || *job.limit < 0))
    return refuse(err, "model '" + job.model + "'", 0, "needs its capacity, not negative: --limit N", exit_bad_input);

  auto lines = read_history_file(job.path, job.how.limit_bytes);
  if (!lines && lines.error().what == file_error::kind::too_large)
    return refuse(err, job.path, lines.error().detail.line,
                  "undecided, " + lines.error().detail.what + ": raise --memory", exit_undecided);
  if (!lines) return refuse(err, job.path, lines.error().detail.line, lines.error().detail.what, exit_bad_input);

  auto what = load_history(job.model, job.limit, *lines);
  if (!what) return refuse(err, job.path, what.error().line, what.error().what, exit_bad_input);
  lines->clear();
  lines->shrink_to_fit();

  const verdict v = (*what)->judge(job.how);
  std::optional<explanation> why;
  if (v.result == outcome::not_linearizable && job.explain) why = (*what)->explain_failure(v, job.how, job.explaining);
  const report_heading heading{job.path, job.model, job.how.crash_means};
  out << (job.json ? report_json : report_text)(heading, **what, v, why ? &*why : nullptr);
  return exit_code(v.result);
}

}  // namespace

int judge_file(const file_job& job, std::ostream& out, std::ostream& err) noexcept {
  try {
    return judge(job, out, err);
  } catch (const std::bad_alloc&) {
    return refuse(err, job.path, 0, "undecided, out of memory: lower --memory below what the machine has",
                  exit_undecided);
  } catch (const std::exception& error) {
    return refuse(err, job.path, 0, error.what(), exit_undecided);
  }
}

}  // namespace wavetank::lin
