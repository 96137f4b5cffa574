// A processor that fails as a program plans it, and tells the ledger of each of its calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include <wavetank/impl/buffer/batch_processor.h>
#include <wavetank/props/buffer/buffer_ledger.h>
#include <wavetank/props/buffer/buffer_words.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

class planned_processor {
 public:
  using context = processing_context<sim::runtime>;
  /// Puts a record into the buffer, from within a call for this partition, as a producer of its own.
  using push_function = std::function<void(std::size_t partition, std::uint64_t producer)>;

  planned_processor(sim::world& w, push_function push) : world_(w), push_(std::move(push)) {}

  /// Calls are counted from 1, over all partitions.
  void plan(std::uint64_t call, processor_plan how) { plans_[call] = how; }
  void process(buffer_ledger& ledger, const buffer_ledger::numbers& batch, const context& c);

 private:
  void carry_out(processor_plan how, std::size_t partition);

  sim::world& world_;
  push_function push_;
  std::map<std::uint64_t, processor_plan> plans_;  ///< by call
  std::uint64_t calls_ = 0;
};

}  // namespace wavetank::props
