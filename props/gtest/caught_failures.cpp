#include <wavetank/props/gtest/caught_failures.h>

#include <string>
#include <utility>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

namespace wavetank::gtest {

namespace {

/// Takes the reports of the thread that made it for as long as it lives. GoogleTest calls it under a lock of its own:
/// it must not switch tasks, and `fail` does not.
class failure_catcher final : public testing::ScopedFakeTestPartResultReporter {
 public:
  failure_catcher() : ScopedFakeTestPartResultReporter(INTERCEPT_ONLY_CURRENT_THREAD, nullptr) {}

  void ReportTestPartResult(const testing::TestPartResult& result) override {
    auto* execution = sim::scheduler::running();
    if (!result.failed() || execution == nullptr) return;
    execution->fail(sim::verdict_kind::assertion, in_words(result));
  }

 private:
  static std::string in_words(const testing::TestPartResult& result) {
    std::string text = result.file_name() != nullptr ? result.file_name() : "";
    if (result.line_number() >= 0) text += ":" + std::to_string(result.line_number());
    text += (text.empty() ? "" : ": ") + std::string(result.message());
    return text.substr(0, text.find_last_not_of('\n') + 1);
  }
};

}  // namespace

std::function<void(sim::world&)> catching_failures(std::function<void(sim::world&)> scenario) {
  return [scenario = std::move(scenario)](sim::world& world) {
    // The thread's, not the execution's: a scenario that is abandoned is not unwound, and its stack is used again.
    thread_local failure_catcher catcher;
    scenario(world);
  };
}

}  // namespace wavetank::gtest
