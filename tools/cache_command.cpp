#include <wavetank/tools/cache_command.h>

#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <wavetank/tools/cache_inspection.h>
#include <wavetank/tools/cache_report.h>
#include <wavetank/tools/exit_codes.h>
#include <wavetank/tools/progress_bar.h>
#include <wavetank/tools/refuse.h>

namespace wavetank::tools {

namespace {

struct cache_arguments {
  cache_inspection_order order;
  bool json = false;
};

tl::expected<cache_inspection, std::string> inspect_with_a_bar(const cache_inspection_order& order) {
  std::optional<progress_bar> bar;
  std::size_t finished = 0;
  return inspect_cache(
      order, [&](std::size_t done, std::size_t of, const std::string& name, double share, std::uint64_t bytes_read) {
        if (!bar) bar.emplace(of, "bytes");
        for (; finished < done; ++finished) bar->finished_one(0);
        bar->working_on(name, share, bytes_read);
      });
}

int run_cache(const cache_arguments& given) {
  const auto found = inspect_with_a_bar(given.order);
  if (!found) return refuse("cache", found.error());
  if (given.json) {
    std::cout << cache_report_json(given.order, *found) << "\n";
  } else {
    print_cache_report(std::cout, given.order, *found);
  }
  return found->damaged.empty() ? exit_good : exit_violation;
}

}  // namespace

void add_cache_command(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<cache_arguments>();
  auto* cache = app.add_subcommand("cache", "list the rows of a cache directory and what of it is damaged");
  cache->add_option("DIRECTORY", given->order.directory, "of a tier, as it was given to the cache")->required();
  cache->add_flag("--verify", given->order.verify_payloads, "read the payloads too and compare their checksums");
  cache->add_flag("--repair", given->order.repair,
                  "move what is damaged to quarantine/ and remove abandoned temporary files; the cache must not run");
  cache->add_flag("--json", given->json, "one JSON object instead of text");
  cache->callback([given, &exit_code] { exit_code = run_cache(*given); });
}

}  // namespace wavetank::tools
