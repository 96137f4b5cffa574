#include <wavetank/tools/merge_command.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <wavetank/tools/exit_codes.h>
#include <wavetank/tools/merge_records.h>
#include <wavetank/tools/output_file.h>
#include <wavetank/tools/refuse.h>
#include <wavetank/tools/result_json.h>
#include <wavetank/tools/result_table.h>

namespace wavetank::tools {

namespace {

// A result has some kilobytes a property; a story has at most some megabytes.
constexpr std::size_t max_result_bytes = 256u << 20;

struct merge_arguments {
  std::vector<std::string> files;
  std::string json;
};

int run_merge(const merge_arguments& given) {
  if (!given.json.empty()) {
    if (const auto ok = check_writable(given.json); !ok) return refuse("merge", ok.error());
  }
  std::vector<campaign_record> shards;
  for (const auto& file : given.files) {
    const auto text = read_whole(file, max_result_bytes);
    if (!text) return refuse("merge", text.error());
    auto record = parse_result_json(*text);
    if (!record) return refuse("merge", file + ":" + record.error());
    shards.push_back(std::move(*record));
  }
  const auto merged = merge_records(shards);
  if (!merged) return refuse("merge", given.files[merged.error().index] + ":1: " + merged.error().message);
  print_result(std::cout, *merged);
  if (!given.json.empty()) {
    if (const auto ok = write_whole(given.json, to_json(*merged)); !ok) return refuse("merge", ok.error());
  }
  return merged->failed() == 0 ? exit_good : exit_violation;
}

}  // namespace

void add_merge_command(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<merge_arguments>();
  auto* merge = app.add_subcommand("merge", "make one result of many shards' --json files");
  merge->add_option("FILE", given->files, "results of shards with the same seed")->required();
  merge->add_option("--json", given->json, "where to write the merged result");
  merge->callback([given, &exit_code] { exit_code = run_merge(*given); });
}

}  // namespace wavetank::tools
