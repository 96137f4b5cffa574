// The verdicts of real histories: Jepsen's etcd logs and key-value runs, from a folder that is not part of this
// repository.
//
// The folder is that of WAVETANK_HISTORIES, else ../shared/histories beside the source tree. Without it the test says
// so, and the generated histories of the other tests stand alone.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <wavetank/model/lin/file_models.h>
#include <wavetank/model/lin/history_file.h>

namespace wavetank::lin::testing::real_histories_tests {
namespace {

struct real_history {
  std::string file;
  std::string model;
  std::int64_t limit;
  outcome expected;
};

std::string folder() {
  const char* named = std::getenv("WAVETANK_HISTORIES");
  if (named != nullptr) return named;
  const std::string source = __FILE__;  // .../tests/lin/real_histories_tests.cpp
  const std::string from_source = source.substr(0, source.rfind("/tests/lin/")) + "/../shared/histories";
  return std::ifstream(from_source + "/manifest.tsv") ? from_source : "../shared/histories";
}

std::vector<real_history> manifest(const std::string& where) {
  std::vector<real_history> all;
  std::ifstream in(where + "/manifest.tsv");
  std::string line;
  std::getline(in, line);
  const auto cells = [](const std::string& row) {
    std::vector<std::string> out;
    std::istringstream words(row);
    for (std::string cell; std::getline(words, cell, '\t');) out.push_back(cell);
    return out;
  };
  std::map<std::string, std::size_t> column;
  for (const std::string& name : cells(line)) column.emplace(name, column.size());
  while (std::getline(in, line)) {
    const auto row = cells(line);
    all.push_back({row.at(column.at("file")), row.at(column.at("model")), std::stoll(row.at(column.at("param"))),
                   row.at(column.at("verdict")) == "Ok" ? outcome::linearizable : outcome::not_linearizable});
  }
  return all;
}

TEST(real_histories, have_the_verdict_of_the_manifest_with_each_search) {
  const std::string where = folder();
  const std::vector<real_history> all = manifest(where);
  if (all.empty()) {
    std::cout << "No histories in " << where << " (set WAVETANK_HISTORIES): only generated ones are judged.\n";
    return;
  }
  for (const real_history& one : all) {
    const auto lines = read_history_file(where + "/" + one.file, std::uint64_t{1} << 30);
    ASSERT_TRUE(lines.has_value()) << one.file << ": " << lines.error().detail.what;
    const auto what = load_history(one.model, one.limit, *lines);
    ASSERT_TRUE(what.has_value()) << one.file << ": " << what.error().what;
    options how;
    how.check_claims = true;
    EXPECT_EQ((*what)->judge(how).result, one.expected) << one.file;
    // Layer by layer a long append-only history is slow; the small ones show that both searches agree.
    how.search = strategy::breadth_first;
    if (lines->size() < 500) {
      EXPECT_EQ((*what)->judge(how).result, one.expected) << one.file << ", breadth first";
    }
    if (one.model != "kv") continue;
    const auto whole = load_history("kvmap", one.limit, *lines);
    EXPECT_EQ((*whole)->judge({}).result, one.expected) << one.file << ", as one object";
  }
  std::cout << all.size() << " histories of " << where << " judged.\n";
}

}  // namespace
}  // namespace wavetank::lin::testing::real_histories_tests
