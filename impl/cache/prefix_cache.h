// A cache of immutable blobs keyed by the prompt whose model state they are: memory, memory files, disk.
//
//   auto cache = prefix_cache<thread_runtime, posix_file_system>::open(world, files, {.disk_path = "/var/cache/kv"});
//   (*cache)->save(cache_tier::disk, metadata, payload);
//   auto row = (*cache)->load(key);
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/cache_tier.h>
#include <wavetank/impl/cache/cached_row.h>
#include <wavetank/impl/cache/kvc_error.h>
#include <wavetank/impl/cache/kvc_metadata.h>
#include <wavetank/impl/cache/longest_prefix.h>
#include <wavetank/impl/cache/prefix_cache_options.h>
#include <wavetank/impl/cache/prefix_keys.h>
#include <wavetank/impl/cache/reservation_table.h>
#include <wavetank/impl/cache/store/cache_directory.h>
#include <wavetank/impl/cache/store/cache_sweeper.h>
#include <wavetank/impl/cache/store/directory_scan.h>
#include <wavetank/impl/cache/store/load_payload.h>
#include <wavetank/impl/cache/store/patient_look.h>
#include <wavetank/impl/cache/store/row_files.h>
#include <wavetank/impl/cache/store/save_pipeline.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/file_system.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

enum class load_problem : std::uint8_t {
  miss,     ///< no row
  busy,     ///< being written, removed or looked at
  corrupt,  ///< the file was damaged, or three times not readable: the key is free again
  io,       ///< the file could not be opened; the row stays
};

struct load_error {
  load_problem problem = load_problem::miss;
  std::optional<kvc_error> file;
};

/// A prefix of a prompt, and the row that it has.
struct found_prefix {
  std::size_t tokens = 0;  ///< its length
  cached_row row;
};

/// Thread-safe. The runtime and the file system must outlive it, and it its claims. Its end waits for a sweep that is
/// under way.
template <runtime R, file_system F>
class prefix_cache {
 public:
  using table_type = reservation_table<R>;
  using claim = typename table_type::claim;

  /// A payload and the claim under which it stays in the cache.
  struct loaded {
    claim held;
    row_bytes payload;
  };

  /// Takes the directories over and indexes what they hold, once the options are found to be in range. Throws what the
  /// runtime's `spawn` does, if there is no task for the sweeps.
  static tl::expected<std::unique_ptr<prefix_cache>, directory_error> open(R& world, F& files,
                                                                           prefix_cache_options options) {
    if (auto fault = validate(options); !fault) {
      return tl::make_unexpected(directory_error{directory_problem::bad_option, {}, {}, std::move(fault.error())});
    }
    std::unique_ptr<prefix_cache> made{new prefix_cache(world, files, std::move(options))};
    for (const auto& [tier, path] : {std::pair{cache_tier::ram_file, made->options_.ram_file_path},
                                     std::pair{cache_tier::disk, made->options_.disk_path}}) {
      if (path.empty()) continue;
      if (auto taken = made->take_over(tier, path); !taken) return tl::make_unexpected(taken.error());
    }
    made->sweep_by_itself();
    return made;
  }

  /// As `save_pipeline::save`.
  auto save(cache_tier tier, const kvc_metadata& metadata, std::span<const std::byte> payload,
            typename R::duration patience = std::chrono::seconds(30)) {
    return pipeline_.save(tier, metadata, payload, patience);
  }

  /// The payload of a key. A file that turns out corrupt frees its key in the same step: the next save succeeds.
  tl::expected<loaded, load_error> load(const cache_key& key) {
    auto held = table_.checkout(key);
    if (!held) {
      const bool busy = held.error() == checkout_refusal::busy;
      return tl::make_unexpected(load_error{busy ? load_problem::busy : load_problem::miss, {}});
    }
    if (held->tier() == cache_tier::ram) {
      row_bytes bytes = held->content().bytes;
      return loaded{std::move(*held), std::move(bytes)};
    }
    auto payload = cache_store_detail::look_patiently([&] { return load_payload(*files_, key, held->content().path); },
                                                      fails_to_read);
    if (payload) {
      return loaded{std::move(*held), std::make_shared<const std::vector<std::byte>>(std::move(*payload))};
    }
    // A file that is gone, or cannot be read however often one tries, is as good as damaged.
    const bool may_pass = payload.error().problem == kvc_problem::unreadable && payload.error().found != ENOENT &&
                          payload.error().found != EIO;
    if (may_pass) return tl::make_unexpected(load_error{load_problem::io, payload.error()});
    held->report_corrupt();
    return tl::make_unexpected(load_error{load_problem::corrupt, payload.error()});
  }

  /// The longest prefix of the prompt that has a row, among those that the probes reach and those of `other_lengths`
  /// (say, of rows that were saved at odd places); nothing if none has. One pass over the prompt, then a probe without
  /// lock for each length from the longest down. The row may be gone by the time that it is loaded.
  tl::expected<std::optional<found_prefix>, prefix_error> lookup_longest_prefix(
      const key_inputs& inputs, std::span<const token_id> prompt, prefix_probes probes = {},
      std::span<const std::size_t> other_lengths = {}) {
    const auto lengths = probe_lengths(prompt.size(), probes, other_lengths);
    if (!lengths) return tl::make_unexpected(lengths.error());
    std::optional<cached_row> row;
    const auto has_row = [&](const cache_key& key) {
      if (table_.contains(key)) row = table_.lookup_exact(key);
      return row.has_value();
    };
    const auto found = longest_prefix(prefix_keys(inputs, prompt, *lengths), has_row);
    if (!found) return std::nullopt;
    return found_prefix{found->tokens, std::move(*row)};
  }

  /// Puts bytes into the tier `ram`.
  auto put(const cache_key& key, row_content content) {
    return table_.insert_available(key, cache_tier::ram, std::move(content));
  }

  /// What has to be done from time to time, and is once each `sweep_interval`: stale reservations, removals that
  /// failed, temporary files.
  void sweep() {
    table_.sweep();
    for (const cache_tier tier : cache_tiers) {
      if (auto* directory = directories_.find(tier)) directory->reclaim();
    }
  }

  /// The tier's directory takes no changes, and so could not be locked: its rows can be read, and nothing is changed.
  bool read_only(cache_tier tier) noexcept {
    const auto* const directory = directories_.find(tier);
    return directory != nullptr && !directory->locked();
  }

  table_type& table() noexcept { return table_; }
  /// What the start-up scan found besides rows, by tier.
  const scan_report& found(cache_tier tier) const { return reports_[static_cast<std::size_t>(tier)]; }

 private:
  static bool fails_to_read(const tl::expected<std::vector<std::byte>, kvc_error>& payload) noexcept {
    return !payload && payload.error().problem == kvc_problem::unreadable && payload.error().found == EIO;
  }

  prefix_cache(R& world, F& files, prefix_cache_options options)
      : world_(&world),
        files_(&files),
        options_(std::move(options)),
        keeper_(files, directories_),
        table_(world, keeper_, options_.table),
        pipeline_(world, files, directories_, keeper_, table_, options_.saves) {}

  void sweep_by_itself() {
    if (options_.sweep_interval) sweeper_.emplace(*world_, *options_.sweep_interval, [this] { sweep(); });
  }

  tl::expected<void, directory_error> take_over(cache_tier tier, const std::string& path) {
    auto directory = cache_directory<R, F>::open(*world_, *files_, path);
    if (!directory) return tl::make_unexpected(directory.error());
    auto report = scan_directory(**directory);
    if (!report) return tl::make_unexpected(directory_error{directory_problem::unusable, path, report.error()});
    directories_.set(tier, std::move(*directory));
    // In the order of their last uses, so that a quota that is smaller than it was takes the oldest.
    std::sort(report->rows.begin(), report->rows.end(), [](const found_row& a, const found_row& b) {
      return std::pair(a.content.last_use_s, a.key) < std::pair(b.content.last_use_s, b.key);
    });
    for (auto& row : report->rows) {
      // One that is larger than the whole quota is refused, and its file removed.
      static_cast<void>(table_.insert_available(row.key, tier, std::move(row.content)));
    }
    report->rows.clear();
    reports_[static_cast<std::size_t>(tier)] = std::move(*report);
    return {};
  }

  R* world_;
  F* files_;
  prefix_cache_options options_;
  tier_directories<R, F> directories_;
  row_files<R, F> keeper_;
  table_type table_;
  save_pipeline<R, F> pipeline_;
  std::array<scan_report, cache_tiers.size()> reports_{};
  std::optional<cache_store_detail::cache_sweeper<R>> sweeper_;  ///< the last, for it uses all of them
};

}  // namespace wavetank
