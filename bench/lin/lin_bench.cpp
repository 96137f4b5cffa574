// CPU time of the linearizability checker for each history of a manifest, beside Porcupine's, and for generated hard
// ones.
//
//   lin_histories [--histories DIR] [--repeat N] [--json FILE] [--generated]
//
// Search only: files are parsed before the clock starts. The median of N runs; Porcupine's column is the manifest's
// (another run on the same kind of machine: compare ratios). Rows below 1 ms of Porcupine's are listed, not compared.

#include <ctime>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <wavetank/bench/lin/hard_histories.h>
#include <wavetank/model/lin/file_models.h>
#include <wavetank/model/lin/history_file.h>

namespace {

namespace lin = wavetank::lin;

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

struct measured {
  std::string name;
  std::string model;
  std::string verdict;
  std::string expected;
  std::uint64_t configurations = 0;
  double median_ms = 0;
  std::optional<double> porcupine_ms;
};

measured measure(const lin::judged_history& what, int repeat) {
  measured it;
  std::vector<double> times;
  for (int i = 0; i < repeat; ++i) {
    const double start = cpu_ms();
    lin::options how;
    how.limit_configurations = 2'000'000;
    const lin::verdict v = what.judge(how);
    times.push_back(cpu_ms() - start);
    it.verdict = lin::to_string(v.result);
    it.configurations = v.configurations;
    if (times.back() > 2000) break;
  }
  std::sort(times.begin(), times.end());
  it.median_ms = times[times.size() / 2];
  return it;
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, '\t');) cells.push_back(cell);
  return cells;
}

std::vector<measured> measure_manifest(const std::string& directory, int repeat) {
  std::vector<measured> all;
  std::ifstream manifest(directory + "/manifest.tsv");
  if (!manifest) {
    std::cout << "No manifest in " << directory << ": only generated histories are measured.\n\n";
    return all;
  }
  std::string line;
  std::getline(manifest, line);
  std::map<std::string, std::size_t> column;
  for (const std::string& name : split(line)) column.emplace(name, column.size());
  while (std::getline(manifest, line)) {
    const std::vector<std::string> cells = split(line);
    const std::string& file = cells.at(column.at("file"));
    const std::string& model = cells.at(column.at("model"));
    const auto lines = lin::read_history_file(directory + "/" + file, std::uint64_t{1} << 30);
    const auto what = lines ? lin::load_history(model, std::stoll(cells.at(column.at("param"))), *lines)
                            : tl::unexpected(lines.error().detail);
    if (!what) {
      std::cerr << file << ": " << what.error().what << '\n';
      std::exit(2);
    }
    measured it = measure(**what, repeat);
    it.name = file;
    it.model = model;
    it.expected = cells.at(column.at("verdict")) == "Ok" ? "linearizable" : "not linearizable";
    it.porcupine_ms = std::stod(cells.at(column.at("cpu_median_ms")));
    all.push_back(it);
  }
  return all;
}

std::vector<measured> measure_generated(int repeat) {
  std::vector<measured> all;
  for (const char* model : {"register", "queue", "set", "kvmap", "semaphore", "fair_semaphore"})
    for (const std::int64_t clients : {7, 14, 28})
      for (const bool lie : {false, true}) {
        wavetank::bench::hardness wanted;
        wanted.model = model;
        wanted.clients = clients;
        wanted.operations = 300;
        wanted.limit = 6;
        wanted.values = wanted.model == "queue" || wanted.model == "kvmap" ? 8 : 4;
        wanted.overlap = wanted.model == "queue" || wanted.model == "fair_semaphore" ? clients / 2 : 2 * clients;
        wanted.falsify = lie;
        wanted.seed = static_cast<std::uint64_t>(clients);
        const auto lines = lin::parse_history(wavetank::bench::hard_history(wanted));
        const auto what = lin::load_history(model, wanted.limit, lines.value());
        measured it = measure(**what, repeat);
        it.name = "generated " + std::string(model) + " " + std::to_string(clients) +
                  (lie ? " clients, falsified" : " clients");
        it.model = model;
        all.push_back(it);
      }
  return all;
}

void print(const std::vector<measured>& all) {
  std::cout << "| history | verdict | configurations | CPU ms | Porcupine CPU ms | times faster |\n"
            << "|---|---|---:|---:|---:|---:|\n"
            << std::fixed;
  for (const measured& it : all) {
    std::cout << "| " << it.name << " | " << it.verdict
              << (it.expected.empty() || it.expected == it.verdict ? "" : " **WRONG**") << " | " << it.configurations
              << " | " << std::setprecision(3) << it.median_ms << " | ";
    if (it.porcupine_ms)
      std::cout << *it.porcupine_ms << " | " << std::setprecision(1) << *it.porcupine_ms / it.median_ms << " |\n";
    else
      std::cout << "| |\n";
  }
}

void summarize(const std::vector<measured>& all) {
  double logs = 0;
  double sum_of_logs = 0;
  int compared = 0;
  int wrong = 0;
  for (const measured& it : all) {
    if (it.name.rfind("etcd/", 0) == 0) logs += it.median_ms;
    if (!it.expected.empty() && it.expected != it.verdict) ++wrong;
    if (!it.porcupine_ms || *it.porcupine_ms < 1) continue;
    sum_of_logs += std::log(*it.porcupine_ms / it.median_ms);
    ++compared;
  }
  std::cout << "\nWrong verdicts: " << wrong << ". All etcd logs: " << std::setprecision(3) << logs << " ms.";
  if (compared > 0)
    std::cout << " Geometric mean over the " << compared
              << " histories that take Porcupine 1 ms or more: " << std::setprecision(1)
              << std::exp(sum_of_logs / compared) << " times faster.";
  std::cout << '\n';
}

void write_json(const std::string& path, const std::vector<measured>& all) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const measured& it : all) {
    nlohmann::ordered_json row = {{"history", it.name},
                                  {"model", it.model},
                                  {"verdict", it.verdict},
                                  {"configurations", it.configurations},
                                  {"cpu_ms", it.median_ms}};
    if (it.porcupine_ms) row["porcupine_cpu_ms"] = *it.porcupine_ms;
    rows.push_back(std::move(row));
  }
  std::ofstream(path) << nlohmann::ordered_json{{"bench", "lin"}, {"rows", std::move(rows)}}.dump(1) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  const char* named = std::getenv("WAVETANK_HISTORIES");
  std::string directory = named != nullptr ? named : "../shared/histories";
  std::string json;
  int repeat = 11;
  bool generated = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool more = i + 1 < argc;
    if (argument == "--histories" && more) {
      directory = argv[++i];
    } else if (argument == "--repeat" && more) {
      repeat = std::max(1, std::atoi(argv[++i]));
    } else if (argument == "--json" && more) {
      json = argv[++i];
    } else if (argument == "--generated") {
      generated = true;
    } else {
      std::cerr << "lin_histories: unknown argument " << argument
                << "; use --histories DIR, --repeat N, --json FILE, --generated\n";
      return 2;
    }
  }
  std::vector<measured> all = measure_manifest(directory, repeat);
  if (generated || all.empty())
    for (measured& it : measure_generated(std::min(repeat, 3))) all.push_back(std::move(it));
  print(all);
  summarize(all);
  if (!json.empty()) write_json(json, all);
  return 0;
}
