// How a campaign divides its schedules among generated cases.
#include <atomic>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/property.h>

namespace wavetank::sim::campaign_test {

namespace {

/// Counts how often it is asked for a case.
class counted_property final : public property {
 public:
  explicit counted_property(std::uint32_t schedules_per_case) : schedules_per_case_(schedules_per_case) {}

  std::string name() const override { return "test.counted"; }
  std::string summary() const override { return "counts its cases"; }
  std::uint32_t schedules_per_case() const override { return schedules_per_case_; }
  std::shared_ptr<const test_case> generate(std::uint64_t, std::uint32_t) const override {
    ++cases;
    return std::make_shared<one_case>();
  }
  tl::expected<std::shared_ptr<const test_case>, std::string> parse(std::span<const std::string>) const override {
    return std::make_shared<one_case>();
  }

  mutable std::atomic<std::uint64_t> cases{0};

 private:
  class one_case final : public test_case {
   public:
    void run(world&) const override {}
  };

  std::uint32_t schedules_per_case_;
};

std::uint64_t cases_of(std::uint32_t schedules_per_case, std::uint64_t schedules) {
  const counted_property counted{schedules_per_case};
  campaign_options o;
  o.schedules = schedules;
  EXPECT_EQ(run_campaign(counted, o).executions, schedules);
  return counted.cases;
}

}  // namespace

TEST(campaign, tries_as_many_schedules_on_each_case_as_the_property_says) {
  EXPECT_EQ(cases_of(1, 64), 64U);
  EXPECT_EQ(cases_of(32, 64), 2U);
  EXPECT_EQ(cases_of(32, 65), 3U);
}

}  // namespace wavetank::sim::campaign_test
