#include <wavetank/props/buffer/landmark_listener.h>

#include <wavetank/props/running.h>

namespace wavetank::props {

void landmark_listener::stuck(std::size_t, bool now) noexcept {
  if (now) reached("the partition was stuck behind a call");
}
void landmark_listener::dropped(std::size_t, drop_reason reason, std::uint64_t) noexcept {
  const char* names[] = {"the newest was dropped", "the oldest was dropped", "a put found no room"};
  reached(names[static_cast<std::size_t>(reason)]);
}
void landmark_listener::restarted(std::size_t) noexcept { reached("a task of the partition was replaced"); }
void landmark_listener::processing_failed(std::size_t partition, processing_failure reason, std::uint64_t records,
                                          std::string_view) noexcept {
  buffer_ledger& ledger = ledgers_[partition];
  const bool for_good = reason == processing_failure::stopped || !ledger.keeps_batches();
  if (reason != processing_failure::threw) ledger.call_failed(records, for_good);
  const char* names[] = {"the processor threw", "the processor timed out", "the processing task died",
                         "a stop came while the processor was at work"};
  reached(names[static_cast<std::size_t>(reason)]);
}

}  // namespace wavetank::props
