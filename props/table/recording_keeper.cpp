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

io_result<file_sight> recording_keeper::adopt(const cache_key& key, cache_tier, const std::string&) {
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
  const auto saw = [&](spec::result sight, std::optional<spec::response> settled) {
    record_.happened(number, spec::validate{number}, from, to, spec::response{sight});
    const auto generation = record_.new_number();
    record_.rest_begins(mine, number, spec::settle{number, generation}, settled);
    return generation;
  };
  if (!exists) {
    saw(spec::result::found_nothing, std::nullopt);
    return no_file{};
  }
  if (!valid) {
    saw(spec::result::found_invalid, spec::response{spec::result::evicting});
    return invalid_file{};
  }
  reached("adopted what a writer left");
  return numbered_content(saw(spec::result::found_valid, spec::response{spec::result::adopted}), table_file_bytes);
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
  const std::uint64_t freed = there != files.end() ? table_file_bytes : 0;
  const bool gone = remove_now(number);
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
  if (!gone) return tl::make_unexpected(io_error{io_call::unlink, EIO});
  return freed;
}

}  // namespace wavetank::props
