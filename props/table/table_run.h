// Runs a program of calls to a reservation table in a world: main does the prefix, then a task for each branch.
//
// Whatever outlives a task is kept here, owned by main: tokens, which any task may use, and the claims that were kept
// apart from their owners' stacks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/impl/cache/reservation_table.h>
#include <wavetank/props/program/program.h>
#include <wavetank/props/table/recording_keeper.h>
#include <wavetank/props/table/table_record.h>
#include <wavetank/props/table/table_words.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

class table_run;

struct kept_claim {
  std::uint64_t label = 0;
  model::claim_number number = 0;
  model::key_number key = 0;
  model::generation_number content = 0;
  row_claim<sim::runtime> handle;
};

/// The one who performs steps: a task of the program, or main. The claims on its own stack end here, newest first.
class table_actor {
 public:
  table_actor(table_run& of, model::task_number number) : run(of), task(number) {}
  table_actor(const table_actor&) = delete;
  table_actor& operator=(const table_actor&) = delete;
  ~table_actor();

  table_run& run;
  const model::task_number task;
  std::vector<kept_claim> own;
};

class table_run {
 public:
  using spec = model::reservation;
  using result = spec::result;
  using response = spec::response;

  table_run(sim::world& w, const program& p, bool one_step_at_a_time);

  void perform(table_actor& who, const step& s);
  void check_in(kept_claim claim);

  /// All tasks side by side, to their ends; main sweeps where all wait.
  void run_tasks_concurrently(table_actor& main);
  /// Each task's steps in turn, one at a time.
  void run_tasks_in_turn();

  /// When all tasks have ended: nothing is left that nobody has.
  void conclude(table_actor& main);

  /// To be called after every visible operation.
  void look();

  const table_record::history& recorded() const noexcept { return record_.recorded(); }

 private:
  struct token_info {
    reservation_token token;
    model::token_number number;
    model::key_number key;
    model::task_number owner;
    bool may_link = true;    ///< it has not, and has not given up
    bool published = false;  ///< its file is there
    sim::time_point expiry_at_least;
    bool expiry_noted = false;
  };
  struct waiting_call {
    sim::task_index task;
    std::optional<sim::time_point> deadline;
    lin::instant parked = 0;
    lin::instant deadline_came = 0;
  };
  struct program_task {
    model::task_number number;
    sim::task_index index;
    bool buried = false;
  };
  struct death {
    model::task_number task;
    std::vector<lin::op_id> events;
  };
  using manner = std::function<void(table_actor&, const step&)>;

  void save(table_actor& who, const step& s);
  void reserve(table_actor& who, std::uint64_t label, model::key_number key);
  void check(token_info& token);
  void link(table_actor& who, token_info& token, bool bad);
  void mark(token_info& token);
  void announce(token_info& token);
  void cancel(table_actor& who, token_info& token);
  void abandon(table_actor& who, token_info& token);
  void put(model::key_number key);
  void checkout(table_actor& who, std::uint64_t label, model::key_number key, bool shared);
  void report_corrupt(kept_claim claim);
  void lookup(model::key_number key);
  void wait(table_actor& who, model::key_number key, std::uint64_t within_s);
  void evict(model::key_number key);
  void gc();
  void sweep();
  void rot(model::key_number key);

  template <class Refused>
  response saved(const Refused& got);
  void renewed(token_info& token, sim::time_point asked_at, lin::instant invoked);
  void note_expiry(token_info& token, lin::instant from);
  token_info* find_token(const table_actor& who, std::uint64_t label);
  std::optional<kept_claim> take_claim(table_actor& who, std::uint64_t label);
  void record_wait(const table_record::call& call, const waiting_call& waited, model::key_number key,
                   model::task_number task, const tl::expected<cached_row, miss_reason>& got);
  template <class Command>
  void for_each_key(table_record::call& of);

  void start_tasks(manner how);
  void body(model::task_number number, const manner& how);
  bool all_finished() const;
  bool all_wait_for_ever() const;

  sim::world& world_;
  const program& what_;
  const bool in_turn_;
  table_record record_;
  recording_keeper keeper_{record_};
  const sim::object_id first_object_;
  reservation_table<sim::runtime> table_;
  const sim::object_id end_object_;
  std::map<std::uint64_t, token_info> tokens_;
  std::map<std::uint64_t, kept_claim> shared_;
  std::list<waiting_call> waiting_;
  std::vector<program_task> tasks_;
  std::vector<death> deaths_;
  manner how_;
};

}  // namespace wavetank::props
