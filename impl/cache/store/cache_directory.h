// A directory of cache files that belongs to this process: made, locked, and known to be able to publish.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/impl/cache/store/directory_error.h>
#include <wavetank/impl/cache/store/directory_trust.h>
#include <wavetank/impl/cache/store/temporary_file.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/file_system.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// Thread-safe. The runtime and the file system must outlive it. Its lock ends with it.
template <runtime R, file_system F>
class cache_directory {
 public:
  /// Makes the directory, durably (its parent must exist); locks it; finds out how files can be published. Where the
  /// directory can be read and not written, it is opened for reading: `trust()` is lost, and without a lock nothing in
  /// it is changed, for it may be another's.
  static tl::expected<std::unique_ptr<cache_directory>, directory_error> open(R& world, F& files, std::string path) {
    std::unique_ptr<cache_directory> made{new cache_directory(world, files, std::move(path))};
    for (const auto step : {&cache_directory::make, &cache_directory::take_lock, &cache_directory::find_link_style}) {
      if (const auto done = ((*made).*step)(); !done) return tl::make_unexpected(done.error());
    }
    return made;
  }

  const std::string& path() const noexcept { return trust_.path(); }
  directory_trust<R, F>& trust() noexcept { return trust_; }
  F& files() noexcept { return *files_; }
  /// Whether this process has the directory to itself.
  bool locked() const noexcept { return locked_; }

  std::string final_path(const cache_key& key) const { return path() + "/" + kvc_final_name(key); }
  std::string quarantine_path() const { return path() + "/" + std::string(kvc_quarantine_folder); }

  /// Makes the quarantine, durably, so that no power cut takes it with what was moved into it. Once it is there this
  /// costs nothing. False if that cannot be.
  bool ready_quarantine() {
    if (!locked_) return false;
    if (quarantine_ready_.load() != 0) return true;
    const auto made = files_->mkdir(quarantine_path());
    if (!made && made.error().error_number != EEXIST) return false;
    // In any case: a predecessor may have died between the two.
    if (!trust_.sync()) return false;
    quarantine_ready_.store(1);
    return true;
  }

  /// A new file under a temporary name of the key.
  io_result<temporary_file<F>> create_temporary(const cache_key& key) {
    for (;;) {
      auto made = temporary_file<F>::create(*files_, path() + "/" + kvc_temporary_name(key, unique_part()));
      const bool taken = !made && made.error().error_number == EEXIST;
      if (!taken) return made;
    }
  }

  /// Gives the file its final name, atomically; EEXIST if there is one of this name. Not durable before
  /// `trust().sync()`.
  io_result<void> publish(temporary_file<F>& file, const cache_key& key) {
    if (hard_links_) return files_->link(file.path(), final_path(key));
    auto renamed = files_->rename(file.path(), final_path(key), rename_mode::no_replace);
    if (renamed) file.lost_its_name();
    return renamed;
  }

  /// Removes what a writer needs no more. What cannot be removed now is tried again by `reclaim`.
  void discard(temporary_file<F>& file) {
    const std::string name = file.path();
    if (!file.discard()) remember(name);
  }

  /// The same by path. False if it could not be removed now.
  bool remove_temporary(const std::string& name) {
    if (!locked_) return false;
    if (files_->unlink(name)) return true;
    remember(name);
    return false;
  }

  /// Temporary files that could not be removed: once more. Says how many are left.
  std::size_t reclaim() {
    // A name is forgotten only after its removal: whoever does it may die in between.
    for (const std::string& name : leftovers()) {
      const auto removed = files_->unlink(name);
      if (!removed && removed.error().error_number != ENOENT) continue;
      const std::scoped_lock lock(mutex_);
      std::erase(leftovers_, name);
    }
    return leftovers().size();
  }

 private:
  using step_result = tl::expected<void, directory_error>;

  cache_directory(R& world, F& files, std::string path)
      : world_(&world), files_(&files), trust_(files, std::move(path)) {}

  std::vector<std::string> leftovers() {
    const std::scoped_lock lock(mutex_);
    return leftovers_;
  }
  void remember(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    leftovers_.push_back(name);
  }

  step_result failed(const io_error& cause, directory_problem problem = directory_problem::unusable) const {
    return tl::make_unexpected(directory_error{problem, path(), cause});
  }

  static bool refuses_changes(const io_error& error) noexcept {
    return error.error_number == EROFS || error.error_number == EACCES || error.error_number == EPERM;
  }

  /// The parent is synced in any case: a predecessor may have died between the two. A directory that is there can be
  /// read, whatever its file system refuses.
  step_result make() {
    auto made = files_->mkdir(path());
    if (made || made.error().error_number == EEXIST) made = files_->fsync_directory(parent_of(path()));
    if (made) return {};
    const auto there = files_->stat(path());
    if (!there || there->kind != file_kind::directory) return failed(made.error());
    trust_.distrust();
    return {};
  }

  static std::string parent_of(const std::string& path) {
    const auto slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
  }

  step_result take_lock() {
    const std::string lock_path = path() + "/" + std::string(kvc_lock_name);
    auto file = files_->open(lock_path, open_mode::create_exclusive);
    if (!file && file.error().error_number == EEXIST) file = files_->open(lock_path, open_mode::read);
    if (!file && refuses_changes(file.error())) {
      // Nothing is written here, so nobody has to be kept out.
      trust_.distrust();
      return {};
    }
    if (!file) return failed(file.error());
    const auto locked = files_->lock(*file);
    if (!locked)
      return failed(locked.error(),
                    means_locked(locked.error()) ? directory_problem::locked : directory_problem::unusable);
    lock_ = std::move(*file);
    locked_ = true;
    return {};
  }

  /// By trying, with names that a start-up scan would remove.
  step_result find_link_style() {
    if (!trust_.trusted()) return {};
    auto probe = create_temporary(cache_key{});
    if (!probe) {
      // A disk that is full today may have room tomorrow; what cannot be written at all is read only.
      const bool full = probe.error().error_number == ENOSPC || probe.error().error_number == EDQUOT;
      if (!full) trust_.distrust();
      return {};
    }
    const std::string other = path() + "/" + kvc_temporary_name(cache_key{}, unique_part());
    auto linked = files_->link(probe->path(), other);
    if (!linked && means_no_hard_links(linked.error())) {
      hard_links_ = false;
      linked = files_->rename(probe->path(), other, rename_mode::no_replace);
      if (!linked && means_no_exclusive_rename(linked.error()))
        return failed(linked.error(), directory_problem::unsupported);
    }
    if (linked && !hard_links_) probe->lost_its_name();
    discard(*probe);
    if (linked) remove_temporary(other);
    if (!linked) trust_.distrust();
    return {};
  }

  /// Unique on the machine and over time: 128 random bits.
  std::string unique_part() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (int half = 0; half < 2; ++half) {
      std::uint64_t bits = world_->random();
      for (int i = 0; i < 16; ++i, bits >>= 4) text += digits[bits & 15u];
    }
    return text;
  }

  R* world_;
  F* files_;
  directory_trust<R, F> trust_;
  typename F::file lock_;
  bool locked_ = false;
  bool hard_links_ = true;
  typename R::template atomic<std::uint32_t> quarantine_ready_{0};
  typename R::mutex mutex_;  ///< guards what follows
  std::vector<std::string> leftovers_;
};

}  // namespace wavetank
