// A server's telemetry: four workers write log lines and gauges and never wait for what becomes of them. Lines are
// written in batches, in the order of each worker; of a gauge only the newest value is sent.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/impl/buffer/log_listener.h>
#include <wavetank/impl/buffer/partitioned_buffer.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

namespace {

using namespace std::chrono_literals;
using wavetank::thread_runtime;
using log_lines = wavetank::partitioned_buffer<thread_runtime, wavetank::queue_table<std::string>>;
using gauges = wavetank::partitioned_buffer<thread_runtime, wavetank::hash_map_table<std::string, double>>;

constexpr int workers = 4;
constexpr int requests = 1000;

/// Says why and ends: the options are wrong.
template <class Made>
auto or_exit(Made made) {
  if (made) return std::move(*made);
  std::fprintf(stderr, "%s\n", to_string(made.error()).c_str());
  std::exit(2);
}

}  // namespace

int main() {
  thread_runtime world;
  wavetank::log_listener listener{world, "telemetry"};  // warnings and errors go to the runtime's log

  std::atomic<std::size_t> lines_written = 0;
  log_lines::processor writer;
  writer.batch = [&](auto batch, const auto&) { lines_written += batch.size(); };  // one write of many lines
  const auto lines = or_exit(log_lines::make(world, writer,
                                             {.partitions = 2,
                                              .each = {.processing_interval = 10ms,
                                                       .processing_batch_size = 500,
                                                       .drain_threshold = 1000,
                                                       .max_records = 100'000,
                                                       .on_overflow = wavetank::overflow_policy::drop_oldest}},
                                             {.table = {}, .route = {}, .listener = &listener}));

  std::mutex mutex;
  std::map<std::string, double> sent;
  gauges::processor sender;
  sender.batch = [&](auto batch, const auto&) {
    const std::lock_guard lock{mutex};
    for (const auto& gauge : batch) sent[gauge.key] = gauge.value;
  };
  const auto values = or_exit(gauges::make(world, sender, {.partitions = 1, .each = {.processing_interval = 10ms}},
                                           {.table = {.version_floors = 100}, .route = {}, .listener = &listener}));

  {
    std::vector<thread_runtime::task> tasks;
    for (int w = 0; w < workers; ++w) {
      tasks.push_back(world.spawn("worker", [&, w] {
        auto log = lines->writer();
        for (int i = 1; i <= requests; ++i) {
          const bool logged = log.put("worker " + std::to_string(w) + ": request " + std::to_string(i)).has_value();
          const auto version = static_cast<std::uint64_t>(i);
          const bool set = values->put("requests of worker " + std::to_string(w), i).has_value() &&
                           values->put_newer("newest request", i, version).has_value() &&
                           values->put("queue " + std::to_string(i % 3), 0.5 * i).has_value();
          if (!logged || !set) std::printf("refused\n");
        }
      }));
    }
  }  // joins

  const auto stopped = lines->stop();
  const auto stopped_too = values->stop();
  const auto of_lines = lines->counts();
  const auto of_values = values->counts();
  const bool kept = stopped.drained && stopped_too.drained && of_lines.balanced() && of_values.balanced() &&
                    of_lines.delivered == lines_written && sent["newest request"] == requests;
  std::printf("%zu log lines, %zu gauges, %s; %llu of %llu gauge values were never sent, as newer ones came\n",
              lines_written.load(), sent.size(), kept ? "nothing lost" : "something is lost",
              static_cast<unsigned long long>(of_values.superseded),
              static_cast<unsigned long long>(of_values.accepted));
  return kept ? 0 : 1;
}
