#include <wavetank/props/table/recording_keeper.h>

#include <wavetank/props/running.h>

namespace wavetank::props {

namespace {

constexpr std::size_t number_offset = 40;

}  // namespace

cache_key table_key(model::key_number number) {
  cache_key key;
  key.bytes[0] = key.bytes[31] = static_cast<std::byte>(number);
  return key;
}
model::key_number number_of(const cache_key& key) { return std::to_integer<model::key_number>(key.bytes[31]); }
std::string table_path(model::key_number number) { return "disk/" + std::to_string(number); }

row_content numbered_content(model::generation_number number, std::uint64_t size_bytes) {
  row_content content;
  content.size_bytes = size_bytes;
  for (std::size_t i = 0; i < 8; ++i) content.header[number_offset + i] = static_cast<std::byte>(number >> 8 * i);
  return content;
}
model::generation_number number_of(const row_content& content) {
  model::generation_number number = 0;
  for (std::size_t i = 8; i-- > 0;) {
    number = number << 8 | std::to_integer<model::generation_number>(content.header[number_offset + i]);
  }
  return number;
}

void recording_keeper::no_lock_is_held() {
  sim::require(sim::scheduler::here().self().held.empty(), "a file is touched with the table's lock held");
}

io_result<std::optional<row_content>> recording_keeper::adopt(const cache_key& key, cache_tier, const std::string&) {
  no_lock_is_held();
  auto& mine = record_.work_begins();
  const auto number = number_of(key);
  const lin::instant from = record_.tick();
  sim::runtime::point("before a file is looked at");
  const auto found = files.find(number);
  const bool exists = found != files.end();
  const bool valid = exists && found->second.valid;
  const lin::instant to = record_.tick();
  sim::runtime::point("after a file was looked at");
  if (!exists) {
    glances_[number] = {from, to};
    return std::optional<row_content>{};
  }
  record_.happened(number, spec::validate{number}, from, to,
                   spec::response{valid ? spec::result::found_valid : spec::result::found_invalid});
  const auto generation = record_.new_number();
  record_.rest_begins(mine, number, spec::settle{number, generation},
                      spec::response{valid ? spec::result::adopted : spec::result::evicting});
  if (!valid) return std::optional<row_content>{};
  reached("adopted what a writer left");
  return std::optional{numbered_content(generation, table_file_bytes)};
}

bool recording_keeper::remove_now(model::key_number key) {
  if (failures[key] > 0 && files.count(key) != 0) {
    --failures[key];
    reached("an unlink failed");
    return false;
  }
  files.erase(key);
  return true;
}

io_result<std::uint64_t> recording_keeper::remove(cache_tier, const std::string& path) {
  no_lock_is_held();
  auto& mine = record_.work_begins();
  const auto number = static_cast<model::key_number>(std::stoull(path.substr(path.find('/') + 1)));
  const lin::instant from = record_.tick();
  sim::runtime::point("before a file is removed");
  const auto there = files.find(number);
  const auto found = there != files.end() ? std::optional{there->second} : std::nullopt;
  const bool gone = remove_now(number);
  const auto seen = glances_.find(number);
  if (seen != glances_.end()) {
    const glance was = seen->second;
    glances_.erase(seen);
    removed_after_a_glance(mine, number, was, found, !gone);
  } else {
    if (unreported_.erase(number) == 0) {
      record_.happened(number, spec::unlink{number}, from, record_.tick(),
                       spec::response{gone ? spec::result::unlinked : spec::result::failed});
    }
    if (gone) {
      try {
        sim::runtime::point("after a file was removed");
      } catch (...) {
        unreported_.insert(number);
        throw;
      }
      record_.rest_begins(mine, number, spec::end_eviction{number}, std::nullopt);
    }
  }
  if (!gone) return tl::make_unexpected(io_error{io_call::unlink, EIO});
  return found ? table_file_bytes : std::uint64_t{0};
}

/// Where there was still no file, the glance was right. Else a straggler has linked since, whose file was removed as an
/// invalid one would have been: nobody had acknowledged it.
void recording_keeper::removed_after_a_glance(table_record::call& mine, model::key_number key, glance seen,
                                              std::optional<file> linked, bool failed) {
  const auto generation = record_.new_number();
  if (!linked) {
    record_.happened(key, spec::validate{key}, seen.from, seen.to, spec::response{spec::result::found_nothing});
    return record_.rest_begins(mine, key, spec::settle{key, generation}, std::nullopt);
  }
  reached("a straggler linked within a recovery");
  const lin::instant now = record_.tick();
  if (linked->valid) record_.happened(key, spec::rot{key}, seen.from, now, std::nullopt);
  record_.happened(key, spec::validate{key}, seen.from, now, spec::response{spec::result::found_invalid});
  record_.happened(key, spec::settle{key, generation}, seen.from, now, spec::response{spec::result::evicting});
  record_.happened(key, spec::unlink{key}, seen.from, now,
                   spec::response{failed ? spec::result::failed : spec::result::unlinked});
  if (!failed) record_.rest_begins(mine, key, spec::end_eviction{key}, std::nullopt);
}

}  // namespace wavetank::props
