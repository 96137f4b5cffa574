// The calls of cache processes on their directory, as events of the model of the start-up scan: each must be one that
// the model allows then, and each list must show names that the model has there.
//
// One process after the other, in a world where no call fails. What is seen: every call that reads or changes a name,
// and the rows of a cache that has opened. What is not seen: whether a head that a scan reads is whole, which follows
// from what the scan does with it; and what a loss of power leaves, which follows from the next list. Leaves out: the
// directory's own name, the lock's name, bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/runtime/file_system.h>
#include <wavetank/model/directory_scan.h>
#include <wavetank/model/lockstep.h>

namespace wavetank::props {

/// A finding ends the execution; nothing is judged after it. Used by tasks of one process at a time, and between two
/// processes by the harness.
class scan_record {
 public:
  explicit scan_record(std::string folder) : folder_(std::move(folder)), judge_(model::directory_scan{}) {}

  // What the harness does and sees ----------------------------------------------------------------------------------

  /// A cache is open and has these rows.
  void opened(const std::vector<cache_key>& rows);
  /// A save of the key was acknowledged.
  void saved(const cache_key& key);
  /// The file of the key, which no process knows, was damaged.
  void damaged(const cache_key& key);
  /// The process has ended, in whatever way.
  void ended();
  void power_failed();

  // Calls, as they were answered ------------------------------------------------------------------------------------

  void called_lock(bool taken);
  void called_open(std::string_view path, open_mode mode, bool done);
  void called_sync(std::string_view file);
  void called_sync_directory(std::string_view path);
  void called_link(std::string_view from, std::string_view to, const io_result<void>& answer);
  void called_rename(std::string_view from, std::string_view to, const io_result<void>& answer);
  void called_unlink(std::string_view path, const io_result<void>& answer);
  void called_mkdir(std::string_view path, const io_result<void>& answer);
  void called_list(std::string_view path, const io_result<std::vector<directory_entry>>& answer);

 private:
  using spec = model::directory_scan;
  using result = spec::result;

  /// The number of a key or of a temporary name: in the order in which they are met.
  static std::uint64_t number_of(std::map<std::string, std::uint64_t, std::less<>>& numbers, std::string_view text);
  std::uint64_t number_of(const cache_key& key) { return number_of(keys_, to_hex(key)); }
  /// A final, temporary or quarantined name of the cache's; nothing for others.
  std::optional<spec::name> name_of(std::string_view path);
  bool scanning() const;
  void note_what_was_cut_short(std::string_view how);

  void observe(const spec::command& what, result said, std::vector<spec::name> names = {});
  void observe_unknown(const spec::command& what);
  void judge(const std::optional<model::refusal<spec>>& refused);

  const std::string folder_;
  model::lockstep<spec> judge_;
  bool judged_ = false;  ///< something was refused
  bool alive_ = false;
  bool cut_short_ = false;  ///< a scan was, since the last whole one
  model::key_number looked_at_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> keys_;
  std::map<std::string, std::uint64_t, std::less<>> temporaries_;
};

}  // namespace wavetank::props
