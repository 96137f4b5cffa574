#include <wavetank/impl/runtime/posix/aligned_read.h>
#include <wavetank/impl/runtime/whole_transfer.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include <unistd.h>

namespace wavetank {

namespace {
/// The strictest that drives in use ask for.
constexpr std::size_t alignment = 4096;
constexpr std::size_t buffer_max = std::size_t{1} << 20;

struct free_memory {
  void operator()(void* memory) const noexcept { std::free(memory); }
};
using buffer = std::unique_ptr<std::byte[], free_memory>;

buffer make_buffer(std::size_t size) {
  void* const memory = std::aligned_alloc(alignment, size);
  if (memory == nullptr) throw std::bad_alloc{};
  return buffer{static_cast<std::byte*>(memory)};
}

constexpr std::uint64_t rounded_up(std::uint64_t value) { return (value + alignment - 1) / alignment * alignment; }
}  // namespace

io_result<std::size_t> aligned_read(int descriptor, std::uint64_t offset, std::span<std::byte> room) {
  if (room.empty()) return 0;
  const std::size_t size =
      static_cast<std::size_t>(std::min<std::uint64_t>(buffer_max, rounded_up(offset % alignment + room.size())));
  const buffer block = make_buffer(size);
  return transfer_whole(io_call::pread, room.size(), [&](std::size_t done) -> tl::expected<std::size_t, int> {
    const std::uint64_t at = offset + done;
    const std::size_t before = static_cast<std::size_t>(at % alignment);
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(size, rounded_up(before + (room.size() - done))));
    const ssize_t got = ::pread(descriptor, block.get(), wanted, static_cast<off_t>(at - before));
    if (got < 0) return tl::make_unexpected(errno);
    if (static_cast<std::size_t>(got) <= before) return 0;
    const std::size_t useful = std::min(static_cast<std::size_t>(got) - before, room.size() - done);
    std::memcpy(room.data() + done, block.get() + before, useful);
    return useful;
  });
}

}  // namespace wavetank
