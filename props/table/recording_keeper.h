// Files as the simulated world's reservation table has them: in memory, one a key, with what happens to them recorded.
//
// The table's task may be killed, and others may run, before and after each call's effect.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <wavetank/impl/cache/file_keeper.h>
#include <wavetank/props/table/table_record.h>
#include <wavetank/sim/assertion.h>
#include <wavetank/sim/runtime.h>

namespace wavetank::props {

/// Keys and contents of programs are numbers.
cache_key table_key(model::key_number number);
model::key_number number_of(const cache_key& key);
std::string table_path(model::key_number number);
/// A content that says which one it is.
row_content numbered_content(model::generation_number number, std::uint64_t size_bytes);
model::generation_number number_of(const row_content& content);

inline constexpr std::uint64_t table_file_bytes = 10;

class recording_keeper final : public file_keeper {
 public:
  explicit recording_keeper(table_record& record) : record_(record) {}

  io_result<file_sight> adopt(const cache_key& key, cache_tier, const std::string&) override;
  io_result<std::uint64_t> remove(cache_tier, const std::string& path) override;
  void record_use(const std::string&, std::uint32_t, std::uint64_t) override { no_lock_is_held(); }

  struct file {
    bool valid = true;
  };
  std::map<model::key_number, file> files;
  std::map<model::key_number, std::uint64_t> failures;  ///< removals that will fail

 private:
  using spec = model::reservation;

  static void no_lock_is_held();
  bool remove_now(model::key_number key);

  table_record& record_;
  std::set<model::key_number> unreported_;  ///< removed by a task that did not live to tell
};

}  // namespace wavetank::props
