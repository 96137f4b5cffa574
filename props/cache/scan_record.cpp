#include <wavetank/props/cache/scan_record.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::props {

namespace {

using spec = model::directory_scan;

/// There is one at a time.
constexpr spec::process_number the_process = 1;

bool is_already_there(const io_result<void>& answer) { return !answer && answer.error().error_number == EEXIST; }

spec::result answer_of(const io_result<void>& answer, spec::result done) {
  return answer ? done : is_already_there(answer) ? spec::result::exists : spec::result::failed;
}

}  // namespace

// Judging ---------------------------------------------------------------------------------------------------------

void scan_record::judge(const std::optional<model::refusal<spec>>& refused) {
  if (!refused) return;
  judged_ = true;
  sim::scheduler::here().fail(sim::verdict_kind::assertion,
                              "the start is not that of its model: " + describe(*refused));
}

void scan_record::observe(const spec::command& what, result said, std::vector<spec::name> names) {
  if (judged_) return;
  const spec::response answer{said, std::move(names)};
  if (sim::scheduler::here().told()) sim::scheduler::here().say(describe(what) + ": " + describe(answer));
  judge(judge_.observe(what, answer));
}

void scan_record::observe_unknown(const spec::command& what) {
  if (judged_) return;
  if (sim::scheduler::here().told()) sim::scheduler::here().say(describe(what));
  judge(judge_.observe_unknown(what));
}

bool scan_record::scanning() const {
  const auto* one = judge_.possible_states().front().lives.find(the_process);
  return one != nullptr && one->is == spec::stage::scanning;
}

// Names -----------------------------------------------------------------------------------------------------------

std::uint64_t scan_record::number_of(std::map<std::string, std::uint64_t, std::less<>>& numbers,
                                     std::string_view text) {
  return numbers.try_emplace(std::string(text), numbers.size() + 1).first->second;
}

std::optional<spec::name> scan_record::name_of(std::string_view path) {
  if (!path.starts_with(folder_ + "/")) return std::nullopt;
  std::string_view text = path.substr(folder_.size() + 1);
  const std::string inside = std::string(kvc_quarantine_folder) + "/";
  if (text == kvc_quarantine_folder) return spec::the_quarantine;
  if (text.starts_with(inside)) {
    text.remove_prefix(inside.size());
    const auto key = cache_key_of_hex(text.substr(0, cache_key_digits));
    if (!key) return std::nullopt;
    const auto dot = text.find_last_of('.');
    std::uint64_t which = 0;
    std::from_chars(text.data() + dot + 1, text.data() + text.size(), which);
    return spec::name{spec::place::quarantined, number_of(*key), which};
  }
  const kvc_name known = parse_kvc_name(text);
  if (known.kind == kvc_name_kind::final_name) return spec::final_name_of(number_of(*known.key));
  if (known.kind != kvc_name_kind::temporary) return std::nullopt;
  return spec::name{spec::place::temporary, number_of(*known.key), number_of(temporaries_, text)};
}

// The harness -----------------------------------------------------------------------------------------------------

void scan_record::opened(const std::vector<cache_key>& rows) {
  for (const cache_key& key : rows) observe(spec::adopt{the_process, number_of(key)}, result::row);
  observe(spec::serve{the_process}, result::serving);
  if (std::exchange(cut_short_, false)) reached("a whole scan came after one that was cut short");
}

void scan_record::saved(const cache_key& key) {
  observe(spec::acknowledge{the_process, number_of(key)}, result::acknowledged);
}

void scan_record::damaged(const cache_key& key) { observe(spec::rot{number_of(key)}, result::done); }

void scan_record::ended() {
  if (!std::exchange(alive_, false)) return;
  note_what_was_cut_short("a scan was cut short by a death");
  observe(spec::dies{the_process}, result::done);
}

void scan_record::power_failed() {
  if (std::exchange(alive_, false)) note_what_was_cut_short("a scan was cut short by a loss of power");
  observe(spec::power_fails{}, result::done);
}

void scan_record::note_what_was_cut_short(std::string_view how) {
  if (!scanning()) return;
  reached(how);
  if (cut_short_) reached("a scan was cut short after another");
  cut_short_ = true;
}

// Calls -----------------------------------------------------------------------------------------------------------

void scan_record::called_lock(bool taken) {
  alive_ = alive_ || taken;
  observe(spec::start{the_process}, taken ? result::locked : result::refused);
}

void scan_record::called_open(std::string_view path, open_mode mode, bool done) {
  const auto file = name_of(path);
  if (!file) return;
  if (mode == open_mode::create_exclusive && file->in == spec::place::temporary) {
    observe(spec::create{the_process, *file}, done ? result::made : result::failed);
  }
  if (mode == open_mode::read_medium && file->in == spec::place::final_name && scanning()) {
    looked_at_ = file->key;
    observe_unknown(spec::look{the_process, file->key});
  }
}

void scan_record::called_sync(std::string_view file) {
  const auto name = name_of(file);
  if (name && name->in == spec::place::temporary) observe(spec::finish{the_process, *name}, result::synced);
}

void scan_record::called_sync_directory(std::string_view path) {
  if (path == folder_) observe(spec::sync{the_process}, result::synced);
}

void scan_record::called_link(std::string_view from, std::string_view to, const io_result<void>& answer) {
  const auto source = name_of(from);
  const auto target = name_of(to);
  if (!source || !target || (!answer && means_no_hard_links(answer.error()))) return;
  if (target->in == spec::place::final_name) {
    observe(spec::link{the_process, *source}, answer_of(answer, result::linked));
  } else if (target->in == spec::place::temporary) {
    observe(spec::create{the_process, *target}, answer_of(answer, result::made));
  }
}

void scan_record::called_rename(std::string_view from, std::string_view to, const io_result<void>& answer) {
  const auto source = name_of(from);
  const auto target = name_of(to);
  if (!source || !target) return;
  if (target->in == spec::place::quarantined) {
    if (cut_short_ && answer) reached("a damaged file was set aside after a scan was cut short");
    observe(spec::set_aside{the_process, source->key, target->number}, answer_of(answer, result::moved));
  } else if (target->in == spec::place::final_name) {
    observe(spec::link{the_process, *source, true}, answer_of(answer, result::linked));
  } else {
    observe(spec::create{the_process, *target}, answer_of(answer, result::made));
    if (answer) observe(spec::remove{the_process, *source}, result::removed);
  }
}

void scan_record::called_unlink(std::string_view path, const io_result<void>& answer) {
  const auto file = name_of(path);
  if (!file) return;
  const auto said = answer ? result::removed : answer.error().error_number == ENOENT ? result::gone : result::failed;
  if (file->in == spec::place::temporary) {
    observe(spec::remove{the_process, *file}, said);
  } else {
    observe(spec::evict{the_process, file->key}, said);
  }
}

void scan_record::called_mkdir(std::string_view path, const io_result<void>& answer) {
  const auto made = name_of(path);
  if (made == spec::the_quarantine) {
    observe(spec::make_quarantine{the_process, looked_at_}, answer_of(answer, result::made));
  }
}

void scan_record::called_list(std::string_view path, const io_result<std::vector<directory_entry>>& answer) {
  if (path != folder_) return;
  std::vector<spec::name> names;
  if (answer) {
    for (const auto& entry : *answer) {
      const auto one = name_of(folder_ + "/" + entry.name);
      if (one && *one != spec::the_quarantine) names.push_back(*one);
    }
  }
  std::sort(names.begin(), names.end());
  observe(spec::list{the_process}, answer ? result::listed : result::failed, std::move(names));
}

}  // namespace wavetank::props
