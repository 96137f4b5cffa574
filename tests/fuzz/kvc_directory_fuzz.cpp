// Directories are untrusted: whatever lies in one, a start answers with the rows that are sound and with no other,
// loses and changes nothing that may be somebody's, and a second start finds the same. Starts may die at any call, with
// or without the power.
#include <wavetank/impl/cache/kvc_reader.h>
#include <wavetank/impl/cache/prefix_cache.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/tests/cache/memory_source.h>
#include <wavetank/tests/fuzz/fuzzed_directory.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace wavetank;
using namespace wavetank::fuzz;
using cache_type = prefix_cache<thread_runtime, sim::disk::process_file_system>;

/// Inputs are many: a thread for each would be most of the work.
prefix_cache_options fuzz_options() { return {.disk_path = fuzzed_folder, .sweep_interval = std::nullopt}; }

/// A process that dies at one of its calls.
class dies_at final : public sim::disk::call_watcher {
 public:
  explicit dies_at(std::uint64_t calls = std::numeric_limits<std::uint64_t>::max()) : calls_left_(calls) {}
  bool before_call(io_call, std::string_view) override {
    if (calls_left_ == 0) return false;
    --calls_left_;
    return true;
  }

 private:
  std::uint64_t calls_left_;
};

/// What a whole reading of the bytes says.
struct soundness {
  bool head = false;
  bool payload = false;
};

soundness soundness_of(std::span<const std::byte> file, const cache_key& key) {
  cache_tests::memory_source source{.bytes = file};
  std::array<std::byte, 256> buffer;
  return {read_kvc_head(source, file.size(), key).has_value(),
          validate_kvc(source, file.size(), key, buffer).has_value()};
}

/// One flipped bit of a head that has its checksum is always seen, but in the two numbers that change in place.
bool one_bit_from_sound(std::span<const std::byte> file) {
  constexpr std::size_t checksummed = 3;
  for (std::size_t i = 0; i < checksummed; ++i) {
    const auto& row = pristine_rows()[i];
    if (file.size() != row.file.size()) continue;
    int flipped = 0;
    for (std::size_t at = 0; at < file.size() - row.payload.size(); ++at) {
      if ((at >= 12 && at < 16) || (at >= 32 && at < 40)) continue;
      flipped += __builtin_popcount(std::to_integer<unsigned>(file[at] ^ row.file[at]));
    }
    if (flipped == 1) return true;
  }
  return false;
}

class fuzzed_starts {
 public:
  explicit fuzzed_starts(byte_script& script) : script_(script), disk_(options(script)) {
    process_file_system files{disk_, ++process_, calm_, nobody_};
    directory_maker{script_, files}.make();
    if (script_.below(2) == 1) {
      disk_.power_loss(script_);
      static_cast<void>(files.mkdir(fuzzed_folder));
    }
    disk_.sync_all(calm_);
    before_ = tree_of(disk_);
  }

  void run() {
    if (script_.below(2) == 1) die_in_a_start();
    const auto first = start();
    if (!first) return;
    const auto after = tree_of(disk_);
    check_kept(after);
    check_added(after);
    const auto second = start();
    require(second && *second == *first && tree_of(disk_) == after, "a second start finds the same");
    use();
  }

 private:
  using process_file_system = sim::disk::process_file_system;

  static sim::disk::disk_options options(byte_script& script) {
    sim::disk::disk_options o;
    o.mode = static_cast<sim::disk::crash_mode>(script.below(3));
    o.sector_bytes = 512;
    o.hard_links = script.below(4) != 3;
    o.exclusive_renames = script.below(4) != 3;
    return o;
  }

  void die_in_a_start() {
    dies_at death{script_.next()};
    process_file_system files{disk_, ++process_, calm_, death};
    { const auto cache = cache_type::open(world_, files, fuzz_options()); }
    disk_.kill(process_);
    if (script_.below(2) == 1) disk_.power_loss(script_);
  }

  bool may_be_opened() const {
    const auto lock = before_.find(".lock");
    return (disk_.options().hard_links || disk_.options().exclusive_renames) &&
           (lock == before_.end() || lock->second.has_value());
  }

  /// The keys that a start finds, which are those of the sound heads; nothing if it is refused.
  std::optional<std::set<cache_key>> start() {
    process_file_system files{disk_, ++process_, calm_, nobody_};
    const auto cache = cache_type::open(world_, files, fuzz_options());
    require(cache.has_value() || !may_be_opened(), "the directory is opened");
    if (!cache) return std::nullopt;
    std::set<cache_key> found;
    for (const auto& row : (*cache)->table().dump()) found.insert(row.key);
    std::set<cache_key> sound;
    for (const auto& [path, bytes] : before_) {
      const auto name = parse_kvc_name(path);
      if (name.kind != kvc_name_kind::final_name || !bytes || !soundness_of(*bytes, *name.key).head) continue;
      require(!one_bit_from_sound(*bytes), "a flipped bit is seen");
      sound.insert(*name.key);
    }
    require(found == sound, "the sound rows are indexed and no other");
    return found;
  }

  static bool has(const directory_tree& tree, const std::string& path, const std::vector<std::byte>& bytes) {
    const auto found = tree.find(path);
    return found != tree.end() && found->second == bytes;
  }

  /// In the quarantine, under a name that was free.
  bool was_quarantined(const directory_tree& after, const std::string& name,
                       const std::vector<std::byte>& bytes) const {
    for (const auto& [path, content] : after) {
      if (path.starts_with("quarantine/" + name) && !before_.contains(path) && content == bytes) return true;
    }
    return false;
  }

  void check_kept(const directory_tree& after) const {
    const auto quarantine = before_.find("quarantine");
    const bool can_quarantine = quarantine == before_.end() || !quarantine->second;
    for (const auto& [path, bytes] : before_) {
      const auto name = parse_kvc_name(path);
      if (name.kind == kvc_name_kind::temporary && bytes) {
        require(!after.contains(path), "temporary files are removed");
      } else if (name.kind == kvc_name_kind::final_name && bytes && !soundness_of(*bytes, *name.key).head) {
        const bool moved = was_quarantined(after, path, *bytes) && !after.contains(path);
        require(can_quarantine ? moved : has(after, path, *bytes), "what is damaged is kept, in the quarantine");
      } else {
        require(after.contains(path) && after.at(path) == bytes, "nothing else is touched");
      }
    }
  }

  void check_added(const directory_tree& after) const {
    for (const auto& [path, bytes] : after) {
      const bool ours = path == ".lock" || path == "quarantine" || path.starts_with("quarantine/");
      require(before_.contains(path) || ours, "nothing else is made");
    }
  }

  /// Only whole rows are loaded, and afterwards every key can be saved, but where a folder is in the way.
  void use() {
    process_file_system files{disk_, ++process_, calm_, nobody_};
    const auto cache = cache_type::open(world_, files, fuzz_options());
    for (const auto& row : pristine_rows()) {
      const std::string name = kvc_final_name(row.key);
      const auto there = before_.find(name);
      const bool folder = there != before_.end() && !there->second;
      const bool whole = there != before_.end() && !folder && soundness_of(*there->second, row.key).payload;
      const auto loaded = (*cache)->load(row.key);
      require(loaded.has_value() == whole, "whole rows are loaded and no other");
      if (!whole && !folder) {
        const auto saved = (*cache)->save(cache_tier::disk, row.metadata, row.payload);
        require(saved.has_value() || key_of(row.metadata) != row.key, "what cannot be loaded can be saved again");
      }
    }
    (*cache)->sweep();
  }

  byte_script& script_;
  thread_runtime world_;
  sim::disk::disk disk_;
  sim::disk::calm_decider calm_;
  sim::disk::call_watcher nobody_;
  sim::disk::process_id process_ = 0;
  directory_tree before_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  byte_script script{data, size_bytes};
  fuzzed_starts{script}.run();
  return 0;
}
