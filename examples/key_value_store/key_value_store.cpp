// A key-value store whose answers survive a kill.
//
//   key_value_store DIRECTORY      the directory exists; commands on stdin, one a line:
//     put KEY VALUE | erase KEY | get KEY
//
// Each line is answered with its number, once and in order. Changes are not waited for: those that arrive during a sync
// share the next one.
#include "durable_table.h"

#include <cstdint>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <variant>

#include <wavetank/impl/batch/window_batcher.h>

using namespace wavetank;
using batcher_type = window_batcher<thread_runtime, durable_table>;

namespace {

constexpr shard_number shard = 0;

/// For the pipe of whoever reads: a line is seen at once.
void answer(std::uint64_t line, const std::string& text) {
  std::printf("%llu %s\n", static_cast<unsigned long long>(line), text.c_str());
  std::fflush(stdout);
}

void answer_change(std::uint64_t line, const batcher_type::batch_answer& outcome) {
  answer(line, !outcome ? to_string(outcome.error()) : outcome->front() ? "replaced" : "new");
}

/// Submits, and waits only where the batcher has too much to do.
void submit(batcher_type& batcher, std::uint64_t line, const change& one) {
  while (true) {
    const auto reply = [line](const batcher_type::batch_answer& outcome) { answer_change(line, outcome); };
    const auto submitted = batcher.write_batch_async(shard, batcher_type::batch_kind::generic, {one}, reply);
    const auto* const here = std::get_if<batcher_type::batch_answer>(&submitted);
    if (here == nullptr) return;
    const bool busy = !*here && here->error().what == write_problem::overloaded;
    if (!busy || !batcher.flush(shard)) return answer_change(line, *here);
  }
}

void run(durable_table& table, batcher_type& batcher, std::uint64_t line, const std::string& text) {
  std::istringstream words{text};
  std::string verb;
  std::string key;
  std::string value;
  words >> verb >> key;
  std::getline(words >> std::ws, value);
  if (key.empty()) {
    batcher.flush(shard);
    answer(line, "no key: put KEY VALUE, erase KEY or get KEY");
  } else if (verb == "put") {
    submit(batcher, line, {change::kind::put, key, value});
  } else if (verb == "erase") {
    submit(batcher, line, {change::kind::erase, key});
  } else {
    batcher.flush(shard);  // reads what this client wrote before; answers stay in order
    const auto found = table.get(key);
    answer(line, verb != "get" ? "unknown command '" + verb + "'" : found ? "= " + *found : "nothing");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: key_value_store DIRECTORY\n");
    return 2;
  }
  thread_runtime world;
  posix_file_system files;
  const auto table = durable_table::open(world, files, argv[1]);
  if (!table) {
    std::fprintf(stderr, "key_value_store: %s\n", table.error().c_str());
    return 1;
  }
  batcher_type batcher{world, **table, {shard}};
  std::uint64_t line = 0;
  for (std::string text; std::getline(std::cin, text);) run(**table, batcher, ++line, text);
  return batcher.stop(shard) ? 0 : 1;
}
