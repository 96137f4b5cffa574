// The recorded backend, each of whose calls is told to somebody who says how long it takes.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <stdexcept>
#include <vector>

#include <wavetank/props/batch/recorded_backend.h>

namespace wavetank::props {

class commit_listener {
 public:
  virtual ~commit_listener() = default;
  /// A call has come. It ends at the instant that this answers.
  virtual sim::time_point commit_begins(std::span<const recorded_write> batch) = 0;
  /// The call has ended so; its caller has not heard of it yet. Empty: it succeeded.
  virtual void commit_ends(std::span<const recorded_write> batch, const std::optional<commit_error>& failed) = 0;
};

class lockstep_backend : public recorded_backend {
 public:
  lockstep_backend() { takes = std::chrono::nanoseconds{0}; }

  commit_listener* listener = nullptr;  ///< none: calls take no time
  std::set<std::uint64_t> throwing{};   ///< the calls, from 1, whose unknown outcome is told by an exception

  tl::expected<std::vector<result>, commit_error> commit(shard_number shard, std::span<const command> batch) {
    const std::uint64_t mine = ++calls_;
    if (listener != nullptr) sim::runtime{}.sleep_until(listener->commit_begins(batch));
    auto said = recorded_backend::commit(shard, batch);
    if (listener != nullptr) listener->commit_ends(batch, said ? std::nullopt : std::optional{said.error()});
    const bool throws = !said && said.error().what == commit_error::kind::unknown && throwing.contains(mine);
    if (throws) throw std::runtime_error(said.error().text);
    return said;
  }
  /// Those that have come.
  std::uint64_t calls() const noexcept { return calls_; }

 private:
  std::uint64_t calls_ = 0;
};

}  // namespace wavetank::props
