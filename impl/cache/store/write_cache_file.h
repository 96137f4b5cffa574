// The bytes of a cache file, written under a temporary name and made durable.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/kvc_writer.h>
#include <wavetank/impl/cache/store/cache_directory.h>
#include <wavetank/impl/cache/store/save_error.h>
#include <wavetank/impl/cache/store/temporary_file.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/file_system.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <tl/expected.hpp>

namespace wavetank {

namespace cache_store_detail {

/// Checksum and write alternate over pieces that stay in the processor's cache, so that memory is read once.
inline constexpr std::size_t piece_bytes = std::size_t{1} << 18;
/// So much is written between two syncs: a sync of all that fits into the page cache could outlast a reservation.
inline constexpr std::size_t synced_bytes = std::size_t{1} << 28;

template <class T>
tl::expected<T, save_error> as_save(io_result<T>&& done) {
  return std::move(done).map_error([](const io_error& why) { return save_error{save_problem::io, why, {}}; });
}

template <file_system F, class Renew>
tl::expected<void, save_error> write_and_sync(temporary_file<F>& file, kvc_writer& writer,
                                              std::span<const std::byte> payload, Renew&& renew) {
  std::uint64_t offset = writer.payload_offset();
  for (;;) {
    const auto piece = payload.first(std::min(payload.size(), piece_bytes));
    writer.add(piece);
    if (auto written = file.write(offset, piece); !written) return as_save(std::move(written));
    offset += piece.size();
    payload = payload.subspan(piece.size());
    if (payload.empty()) break;
    if (offset / synced_bytes != (offset - piece.size()) / synced_bytes) {
      if (auto synced = file.sync(); !synced) return as_save(std::move(synced));
    }
    if (!renew()) return tl::make_unexpected(save_error{save_problem::expired, {}, {}});
  }
  if (auto written = file.write(0, writer.head()); !written) return as_save(std::move(written));
  return as_save(file.sync());
}

}  // namespace cache_store_detail

/// The file, durable but for its name; or the first error, and no file. A file whose sync failed is never synced again.
/// `renew()` is called between the pieces of the payload: whether the writer may go on.
template <runtime R, file_system F, class Renew>
tl::expected<temporary_file<F>, save_error> write_cache_file(cache_directory<R, F>& directory, const cache_key& key,
                                                             kvc_writer& writer, std::span<const std::byte> payload,
                                                             Renew&& renew) {
  auto file = cache_store_detail::as_save(directory.create_temporary(key));
  if (!file) return file;
  if (const auto written = cache_store_detail::write_and_sync(*file, writer, payload, renew); !written) {
    directory.discard(*file);
    return tl::make_unexpected(written.error());
  }
  return file;
}

}  // namespace wavetank
