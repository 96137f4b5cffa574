// The files of rows, as the reservation table asks for them.
#pragma once

#include <wavetank/impl/cache/file_keeper.h>
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/cache/little_endian.h>
#include <wavetank/impl/cache/store/cache_directory.h>
#include <wavetank/impl/cache/store/cache_file.h>
#include <wavetank/impl/cache/store/patient_look.h>
#include <wavetank/impl/cache/store/quarantine.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/file_system.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace wavetank {

/// The directories of the tiers that have files; a tier without one has no files.
template <runtime R, file_system F>
class tier_directories {
 public:
  cache_directory<R, F>* find(cache_tier tier) noexcept {
    return has_files(tier) ? directories_[index_of(tier)].get() : nullptr;
  }
  /// The one that holds this file.
  cache_directory<R, F>* find_by_path(const std::string& file) noexcept {
    for (const auto& directory : directories_) {
      if (directory && file.starts_with(directory->path() + "/")) return directory.get();
    }
    return nullptr;
  }
  void set(cache_tier tier, std::unique_ptr<cache_directory<R, F>> directory) {
    directories_[index_of(tier)] = std::move(directory);
  }

 private:
  static std::size_t index_of(cache_tier tier) noexcept { return static_cast<std::size_t>(tier); }
  std::array<std::unique_ptr<cache_directory<R, F>>, cache_tiers.size()> directories_;
};

/// Thread-safe; the directories must outlive it.
template <runtime R, file_system F>
class row_files final : public file_keeper {
 public:
  explicit row_files(F& files, tier_directories<R, F>& directories) : files_(&files), directories_(&directories) {}

  /// A file that still cannot be read when it is looked at again is in the way for good: it goes to the quarantine.
  io_result<file_sight> adopt(const cache_key& key, cache_tier tier, const std::string& path) override {
    auto found = cache_store_detail::look_patiently([&] { return examine(key, tier, path); }, cannot_be_read);
    auto* directory = directories_->find(tier);
    if (directory == nullptr || !cannot_be_read(found)) return found;
    if (!move_to_quarantine(*directory, path.substr(path.find_last_of('/') + 1))) return found;
    return invalid_file{};
  }

  /// As `adopt`, and leaves every file where it is. The medium decides, not the page cache: after a failed sync the
  /// cache shows bytes that the medium does not have. So what is dirty is written back first, and then every byte is
  /// read past the cache.
  io_result<file_sight> examine(const cache_key& key, cache_tier tier, const std::string& path) {
    auto file = files_->open(path, open_mode::read_medium);
    if (!file) {
      if (file.error().error_number == ENOENT) return no_file{};
      return tl::make_unexpected(file.error());
    }
    if (const auto synced = files_->fdatasync(*file); !synced) return tl::make_unexpected(synced.error());
    auto row = read_row(*files_, *file, key, path, kvc_scrutiny::full);
    if (!row) {
      if (row.error().problem != kvc_problem::unreadable) return invalid_file{};
      return tl::make_unexpected(io_error{io_call::pread, static_cast<int>(row.error().found)});
    }
    auto* directory = directories_->find(tier);
    if (directory == nullptr) return tl::make_unexpected(io_error{io_call::open, ENOTDIR});
    if (const auto named = directory->trust().sync(); !named) return tl::make_unexpected(named.error());
    return std::move(*row);
  }

  io_result<std::uint64_t> remove(cache_tier tier, const std::string& path) override {
    if (!may_change(directories_->find(tier))) return tl::make_unexpected(io_error{io_call::unlink, EROFS});
    const auto status = files_->stat(path);
    const auto removed = files_->unlink(path);
    if (!removed && removed.error().error_number != ENOENT) return tl::make_unexpected(removed.error());
    return removed && status && status->links == 1 ? status->size : std::uint64_t{0};
  }

  void record_use(const std::string& path, std::uint32_t hits, std::uint64_t last_use_s) override {
    if (!may_change(directories_->find_by_path(path))) return;
    auto file = files_->open(path, open_mode::read_write);
    if (!file) return;
    std::array<std::byte, 8> bytes{};
    store_little_endian(std::span{bytes}.template first<4>(), hits);
    if (!files_->pwrite(*file, kvc_layout::hit_count_offset, std::span{bytes}.template first<4>())) return;
    store_little_endian(std::span{bytes}, last_use_s);
    static_cast<void>(files_->pwrite(*file, kvc_layout::last_use_offset, bytes));
  }

 private:
  static bool may_change(const cache_directory<R, F>* directory) noexcept {
    return directory != nullptr && directory->locked();
  }

  static bool cannot_be_read(const io_result<file_sight>& found) noexcept {
    return !found && found.error().call == io_call::pread && found.error().error_number == EIO;
  }

  F* files_;
  tier_directories<R, F>* directories_;
};

}  // namespace wavetank
