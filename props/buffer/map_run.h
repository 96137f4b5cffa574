// Runs a program of puts, newer puts, gets and erasures on a partition of maps, and records it as a history that is
// judged key by key.
//
// The partition's listener says which swaps there were: a swap lies between the end of the table before and the start
// of its own. A batch's delivery is completed after its call has returned and before what comes next; whether it failed
// is told as well. What a dying task takes along unseen may be any key of its table. A put that found no room, or that
// was dropped, is none of the history; which key's entry went for another one is not seen, and may be any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/impl/buffer/hash_map_table.h>
#include <wavetank/impl/buffer/partitioned_buffer.h>
#include <wavetank/model/buffer_key.h>
#include <wavetank/model/lin/history.h>
#include <wavetank/props/program/program.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Positions in the settings and verbs of the vocabulary.
enum class map_setting : std::uint32_t { shards, batch, threshold, end, bound, overflow, floors, bytes, at_least_once };
enum class map_verb : std::uint32_t { put, newer, get, erase, flush, sleep, fail, all };

inline constexpr std::uint64_t map_keys = 2;

vocabulary map_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps);

class map_run final : private buffer_listener {
 public:
  using table = hash_map_table<std::uint64_t, std::uint64_t>;
  using buffer = partitioned_buffer<sim::runtime, table>;
  using judged = model::buffer_key;

  map_run(sim::world& w, const program& p);
  void run();

 private:
  using event = judged::event;
  using result = judged::result;

  std::uint64_t setting(map_setting which) const { return what_.settings[static_cast<std::size_t>(which)]; }
  void perform(const step& s);
  void put(std::uint64_t key, std::optional<std::uint64_t> version);
  void put_all(std::uint64_t version);
  void answered(const judged::command& what, lin::instant called, const buffer::put_answer& said);
  template <class Put>
  auto making_room(lin::instant called, std::span<const judged::command> perhaps, Put&& put);
  void get(std::uint64_t key);
  void erase(std::uint64_t key);
  void process(std::span<const table::entry> batch, std::uint64_t attempt);
  void last_call_has_delivered();
  void last_call_has_failed();
  void for_each_key(judged::event what);

  void processing_started(std::size_t, std::uint64_t, std::chrono::nanoseconds,
                          std::chrono::nanoseconds) noexcept override;
  void processing_finished(std::size_t, std::uint64_t, std::chrono::nanoseconds) noexcept override;
  void processing_failed(std::size_t, processing_failure reason, std::uint64_t, std::string_view) noexcept override;
  void dropped(std::size_t, drop_reason why, std::uint64_t records) noexcept override;

  lin::instant tick() noexcept { return ++now_; }
  lin::op_id begin(judged::command what);
  void end(lin::op_id id, judged::response said) { history_.returns(id, said, tick()); }
  void between(judged::command what, lin::instant from);
  void pending(judged::command what, lin::instant from) { history_.invoke(++client_, what, from); }
  judged specification() const {
    return judged{setting(map_setting::floors) != 0, setting(map_setting::at_least_once) != 0};
  }

  sim::world& world_;
  const program& what_;
  lin::history<judged> history_;
  lin::instant now_ = 0;
  std::int64_t client_ = 0;
  std::uint64_t values_ = 0;
  std::uint64_t calls_ = 0;
  lin::instant last_end_ = 0;                         ///< of a call, or of a table
  std::vector<std::uint64_t> last_batch_{};           ///< its keys; not known to be settled
  bool last_failed_ = false;                          ///< its call has not returned
  bool gives_back_ = false;                           ///< a stop whose deadline has passed
  std::map<std::uint64_t, bool> failing_{};           ///< calls
  std::map<sim::task_index, lin::instant> called_{};  ///< of tasks that are in a put
  std::unique_ptr<buffer> buffer_;
};

}  // namespace wavetank::props
