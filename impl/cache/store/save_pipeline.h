// How a row is saved: reserve, write, sync, link, sync the name, verify, announce.
//
// It promises: what `save` answers with a key is durable under it, byte for byte, and can be read; whatever else it
// answers, no temporary file, permit or reservation is left, and the answer is the first error. A writer that dies or
// loses its reservation anywhere leaves the key to the reservation table, which alone removes final names: so a late
// writer cannot remove its successor's file.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/cache_tier.h>
#include <wavetank/impl/cache/kvc_metadata.h>
#include <wavetank/impl/cache/kvc_writer.h>
#include <wavetank/impl/cache/reservation_table.h>
#include <wavetank/impl/cache/store/cache_file.h>
#include <wavetank/impl/cache/store/row_files.h>
#include <wavetank/impl/cache/store/save_error.h>
#include <wavetank/impl/cache/store/save_options.h>
#include <wavetank/impl/cache/store/write_cache_file.h>
#include <wavetank/impl/counting_semaphore.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/file_system.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include <tl/expected.hpp>

namespace wavetank {

/// Thread-safe; what it is given must outlive it.
template <runtime R, file_system F>
class save_pipeline {
 public:
  using result = tl::expected<cache_key, save_error>;
  using duration = typename R::duration;

  save_pipeline(R& world, F& files, tier_directories<R, F>& directories, row_files<R, F>& keeper,
                reservation_table<R>& table, const save_options& options)
      : files_(&files),
        directories_(&directories),
        keeper_(&keeper),
        table_(&table),
        options_(options),
        permits_(world, options.permits != 0 ? options.permits : usual_permits()) {}

  /// Saves the payload under the key of its metadata, in the calling task. Waits at most `patience` for its turn.
  result save(cache_tier tier, const kvc_metadata& metadata, std::span<const std::byte> payload,
              duration patience = std::chrono::seconds(30)) {
    auto* directory = directories_->find(tier);
    if (directory == nullptr) return failed(save_problem::unsupported_tier);
    auto writer = kvc_writer::create(metadata, payload.size());
    if (!writer) {
      const bool large = writer.error().problem == kvc_problem::too_large;
      return failed(large ? save_problem::too_large : save_problem::missing_field, {}, writer.error());
    }
    const auto permit = permits_.acquire_for(patience);
    if (!permit) return failed(save_problem::max_concurrent);
    if (!directory->trust().trusted()) return failed(save_problem::directory_untrusted);
    return save_reserved(*directory, tier, key_of(metadata), *writer, payload);
  }

 private:
  using directory_type = cache_directory<R, F>;

  static std::uint64_t usual_permits() noexcept { return 2 * std::uint64_t{std::thread::hardware_concurrency()} + 1; }

  static save_problem problem_of(reserve_refusal why) noexcept {
    switch (why) {
      case reserve_refusal::already_present:
        return save_problem::already_present;
      case reserve_refusal::unsupported_tier:
        return save_problem::unsupported_tier;
      case reserve_refusal::dead_owner:
        return save_problem::expired;
      case reserve_refusal::conflict:
      case reserve_refusal::no_path:
        break;
    }
    return save_problem::conflict;
  }
  static save_problem problem_of(save_refusal why) noexcept {
    return why == save_refusal::over_quota ? save_problem::over_quota : save_problem::expired;
  }

  static result failed(save_problem problem, std::optional<io_error> cause = {}, std::optional<kvc_error> file = {}) {
    return tl::make_unexpected(save_error{problem, cause, file});
  }

  /// A save that has its reservation.
  struct attempt {
    directory_type& directory;
    const cache_key& key;
    std::string path;
    reservation_token token;
    std::optional<temporary_file<F>> file;

    /// Our temporary file, if there still is one.
    void discard() {
      if (file) directory.discard(*file);
      file.reset();
    }
  };

  result save_reserved(directory_type& directory, cache_tier tier, const cache_key& key, kvc_writer& writer,
                       std::span<const std::byte> payload) {
    const auto token = table_->reserve_save(key, tier, directory.final_path(key));
    if (!token) return failed(problem_of(token.error()));
    attempt ours{directory, key, directory.final_path(key), *token, {}};
    const auto renew = [&] { return table_->check_reservation(ours.token).has_value(); };
    auto file = write_cache_file(directory, key, writer, payload, renew);
    if (!file) return abandon(ours, file.error().problem, file.error().cause);
    ours.file.emplace(std::move(*file));

    for (;;) {
      if (!renew()) return abandon(ours, save_problem::expired);
      const auto published = directory.publish(*ours.file, key);
      if (published) break;
      if (published.error().error_number != EEXIST) return abandon(ours, save_problem::io, published.error());
      // Somebody's file has the name. A valid one will do; one that is not gives way, and only the table removes it.
      auto found = keeper_->examine(key, tier, ours.path);
      if (!found) return abandon(ours, save_problem::io, found.error());
      if (auto* row = std::get_if<row_content>(&*found)) return announce_found(ours, std::move(*row));
      table_->cancel_reservation(ours.token);
      const auto again = table_->reserve_save(key, tier, ours.path);
      if (!again) {
        ours.discard();
        return failed(problem_of(again.error()));
      }
      ours.token = *again;
    }

    if (!table_->mark_published(ours.token)) return give_up(ours, save_problem::expired);
    if (const auto named = directory.trust().sync(); !named) return give_up(ours, save_problem::io, named.error());
    if (!renew()) return give_up(ours, save_problem::expired);
    ours.discard();
    auto row = verify(ours);
    if (!row) return give_up(ours, save_problem::corrupt, {}, row.error());
    return announce(ours, std::move(*row));
  }

  /// The file that was there is what is announced, with its own header.
  result announce_found(attempt& ours, row_content&& row) {
    if (!table_->mark_published(ours.token)) return give_up(ours, save_problem::expired);
    ours.discard();
    return announce(ours, std::move(row));
  }

  result announce(const attempt& ours, row_content&& row) {
    const auto announced = table_->announce_saved(ours.token, std::move(row));
    if (!announced) return failed(problem_of(announced.error()));
    return ours.key;
  }

  tl::expected<row_content, kvc_error> verify(const attempt& ours) {
    auto file = files_->open(ours.path, open_mode::read);
    if (!file) return tl::make_unexpected(cache_store_detail::unreadable(file.error()));
    return read_row(*files_, *file, ours.key, ours.path, options_.verify_after_link);
  }

  /// Nothing of ours has the final name: whatever does may be an earlier save's, and stays.
  result abandon(attempt& ours, save_problem problem, std::optional<io_error> cause = {}) {
    ours.discard();
    table_->abandon_reservation(ours.token);
    return failed(problem, cause);
  }

  /// Our file has the final name, and is not to be believed.
  result give_up(attempt& ours, save_problem problem, std::optional<io_error> cause = {},
                 std::optional<kvc_error> file = {}) {
    ours.discard();
    table_->cancel_reservation(ours.token);
    return failed(problem, cause, file);
  }

  F* files_;
  tier_directories<R, F>* directories_;
  row_files<R, F>* keeper_;
  reservation_table<R>* table_;
  save_options options_;
  counting_semaphore<R> permits_;
};

}  // namespace wavetank
