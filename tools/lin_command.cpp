#include <wavetank/tools/lin_command.h>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include <wavetank/model/lin/judge_file.h>

namespace wavetank::tools {
namespace {

struct lin_arguments {
  lin::file_job job;
  std::int64_t limit = 0;
  std::string criterion = "strict";
  double time_seconds = 0;
  std::uint64_t memory_mb = 1024;
};

int run_lin(lin_arguments& arguments, bool limit_given) {
  lin::file_job& job = arguments.job;
  if (limit_given) job.limit = arguments.limit;
  for (const lin::criterion one : {lin::criterion::strict, lin::criterion::recoverable, lin::criterion::durable})
    if (arguments.criterion == lin::to_string(one)) job.how.crash_means = one;
  job.how.limit_bytes = arguments.memory_mb << 20;
  if (arguments.time_seconds > 0) {
    const auto start = std::chrono::steady_clock::now();
    const std::chrono::duration<double> most(arguments.time_seconds);
    job.how.out_of_time = [start, most] { return std::chrono::steady_clock::now() - start >= most; };
  }
  return lin::judge_file(job, std::cout, std::cerr);
}

}  // namespace

void add_lin_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<lin_arguments>();
  lin::file_job& job = arguments->job;
  CLI::App* lin = app.add_subcommand(
      "lin", "judge a history file: 0 linearizable, 1 not, 2 bad input, 3 undecided in the limits given");
  lin->add_option("model", job.model,
                  "register, kv, kvmap, queue, set, semaphore, semaphore_stuck, fair_semaphore or buffered_register")
      ->required();
  lin->add_option("file", job.path, "one JSON object an operation and line; .gz is read too")->required();
  const CLI::Option* limit =
      lin->add_option("--limit", arguments->limit, "capacity of a semaphore (other models ignore it)");
  lin->add_option("--criterion", arguments->criterion, "what a crash means for pending operations (default strict)")
      ->check(CLI::IsMember({"strict", "recoverable", "durable"}));
  lin->add_flag("--json", job.json, "one JSON object instead of text");
  lin->add_option("--time", arguments->time_seconds, "seconds of search, then undecided (default: no limit)")
      ->check(CLI::Range(0.0, 1e9));
  lin->add_option("--memory", arguments->memory_mb, "megabytes of search, then undecided (default 1024)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 30));
  lin->callback([arguments, limit, &exit_code] { exit_code = run_lin(*arguments, limit->count() > 0); });
}

}  // namespace wavetank::tools
