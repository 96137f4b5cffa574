// An execution told for people: who did what, a line for each stretch of one task.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::sim {

/// Collects what happens and tells it.
class story final : public witness {
 public:
  void happened(const event& e) override;
  void value(std::uint64_t v) override;
  void said(task_index task, std::string_view text) override;
  void named(object_id object, std::string_view name) override;
  void spawned(task_index task, std::string_view name) override;

  /// The whole run: step, virtual time, task, and what it did.
  std::string text() const;

  /// One line for each event, to compare two runs by.
  std::vector<std::string> events() const;

 private:
  struct entry {
    event what;
    std::uint64_t value = 0;
    bool has_value = false;
    std::string speech;  // instead of an event
  };

  std::string object(object_id id) const;
  std::string task(task_index i) const;
  std::string describe(const entry& e) const;

  std::vector<entry> entries_;
  bool over_ = false;  // the execution has failed
  std::map<object_id, std::string> names_;
  std::map<task_index, std::string> tasks_{{0, "main"}};
};

}  // namespace wavetank::sim
