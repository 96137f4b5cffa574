#include <wavetank/tools/cache_inspection.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/impl/cache/kvc_reader.h>
#include <wavetank/impl/cache/store/cache_directory.h>
#include <wavetank/impl/cache/store/kvc_file_source.h>
#include <wavetank/impl/cache/store/quarantine.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

namespace wavetank::tools {

namespace {

using real_directory = cache_directory<thread_runtime, posix_file_system>;

constexpr std::size_t buffer_bytes = std::size_t{1} << 20;

/// A file's bytes, counted as they pass.
template <class Count>
class counted_source {
 public:
  counted_source(posix_file_system& files, posix_file& file, Count& count) : source_(files, file), count_(&count) {}

  tl::expected<std::size_t, int> read(std::uint64_t offset, std::span<std::byte> into) {
    auto got = source_.read(offset, into);
    if (got) (*count_)(*got);
    return got;
  }

 private:
  kvc_file_source<posix_file_system> source_;
  Count* count_;
};

kvc_error unreadable(const io_error& error) {
  return {kvc_problem::unreadable, kvc_field::file, 0, static_cast<std::uint64_t>(error.error_number)};
}

inspected_row row_of(const cache_key& key, const kvc_head& head) {
  const kvc_metadata& m = head.metadata;
  return {.key = to_hex(key),
          .file_bytes = head.payload_offset + head.payload_bytes,
          .payload_bytes = head.payload_bytes,
          .tokens = m.tokens.size(),
          .context_size = m.context_size,
          .hits = m.hit_count,
          .creation_time_s = m.creation_time_s,
          .last_use_s = m.last_use_s,
          .quant = m.quant,
          .save_reason = m.save_reason,
          .head_checksummed = head.checksummed};
}

class inspection {
 public:
  inspection(const cache_inspection_order& order, const inspection_progress& progress)
      : order_(order), progress_(progress), buffer_(buffer_bytes) {}

  tl::expected<cache_inspection, std::string> run() {
    const auto entries = files_.list(order_.directory);
    if (!entries) {
      return tl::make_unexpected(order_.directory + ": " + to_string(entries.error()) + "; name a cache directory");
    }
    if (auto ready = prepare_repair(*entries); !ready) return tl::make_unexpected(ready.error());
    for (const auto& entry : *entries) look_at(entry, entries->size());
    list_quarantine();
    if (owned_ && !owned_->trust().sync()) {
      return tl::make_unexpected(order_.directory +
                                 ": the repair could not be synced and may be undone by a power cut; look at the "
                                 "disk, then repair again");
    }
    return std::move(found_);
  }

 private:
  /// Where nothing is the cache's there is nothing to repair, and no lock file is to be left behind.
  tl::expected<void, std::string> prepare_repair(const std::vector<directory_entry>& entries) {
    const bool is_cache = std::any_of(entries.begin(), entries.end(), [](const directory_entry& entry) {
      const auto kind = parse_kvc_name(entry.name).kind;
      return kind == kvc_name_kind::final_name || kind == kvc_name_kind::temporary;
    });
    if (!order_.repair || !is_cache) return {};
    auto opened = real_directory::open(world_, files_, order_.directory);
    if (!opened) return tl::make_unexpected(to_string(opened.error()));
    if (!(*opened)->trust().trusted()) {
      return tl::make_unexpected(order_.directory + ": cannot be written, so not repaired; see to its permissions");
    }
    owned_ = std::move(*opened);
    return {};
  }

  void look_at(const directory_entry& entry, std::size_t entries) {
    progress_(done_, entries, entry.name, 0, bytes_read_);
    const auto name = parse_kvc_name(entry.name);
    if (name.kind == kvc_name_kind::final_name) look_at_final(entry, *name.key, entries);
    if (name.kind == kvc_name_kind::temporary) look_at_temporary(entry.name);
    if (name.kind == kvc_name_kind::foreign) found_.foreign.push_back(entry.name);
    ++done_;
  }

  void look_at_final(const directory_entry& entry, const cache_key& key, std::size_t entries) {
    const auto head = read(entry, key, entries);
    if (head) return found_.rows.push_back(row_of(key, *head));
    // The cache at work removed it since it was listed.
    if (head.error() == unreadable({io_call::open, ENOENT}) && entry.kind == file_kind::regular) return;
    damaged_file damaged{entry.name, head.error()};
    if (owned_) {
      const bool moved = belongs_in_quarantine(head.error()) && move_to_quarantine(*owned_, entry.name);
      damaged.outcome = moved ? repair_outcome::repaired : repair_outcome::left;
    }
    found_.damaged.push_back(std::move(damaged));
  }

  /// As the medium has it.
  tl::expected<kvc_head, kvc_error> read(const directory_entry& entry, const cache_key& key, std::size_t entries) {
    auto file = files_.open(order_.directory + "/" + entry.name, open_mode::read_medium);
    if (!file) return tl::make_unexpected(unreadable(file.error()));
    const auto status = files_.stat(*file);
    if (!status) return tl::make_unexpected(unreadable(status.error()));
    if (status->kind != file_kind::regular) {
      return tl::make_unexpected(kvc_error{kvc_problem::not_a_file, kvc_field::file, 0});
    }
    std::uint64_t of_this_file = 0;
    auto count = [&](std::size_t bytes) {
      of_this_file += bytes;
      bytes_read_ += bytes;
      progress_(done_, entries, entry.name, static_cast<double>(of_this_file) / static_cast<double>(status->size),
                bytes_read_);
    };
    counted_source source{files_, *file, count};
    if (order_.verify_payloads) return validate_kvc(source, status->size, key, buffer_);
    return read_kvc_head(source, status->size, key);
  }

  void look_at_temporary(const std::string& name) {
    auto outcome = repair_outcome::not_asked;
    if (owned_) {
      const bool removed = owned_->remove_temporary(order_.directory + "/" + name);
      outcome = removed ? repair_outcome::repaired : repair_outcome::left;
    }
    found_.temporaries.push_back({name, outcome});
  }

  void list_quarantine() {
    const auto entries = files_.list(order_.directory + "/" + std::string{kvc_quarantine_folder});
    if (!entries) return;
    for (const auto& entry : *entries) found_.quarantined.push_back(entry.name);
  }

  const cache_inspection_order& order_;
  const inspection_progress& progress_;
  std::vector<std::byte> buffer_;
  thread_runtime world_;
  posix_file_system files_;
  std::unique_ptr<real_directory> owned_;  ///< of a repair
  cache_inspection found_;
  std::size_t done_ = 0;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace

tl::expected<cache_inspection, std::string> inspect_cache(const cache_inspection_order& order,
                                                          const inspection_progress& progress) {
  return inspection{order, progress}.run();
}

}  // namespace wavetank::tools
