// Threads that the runtime did not start: they become tasks, and die with everything that they hold.
#include <wavetank/impl/counting_semaphore.h>
#include <wavetank/impl/merge_semaphore.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <memory>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace wavetank::thread_death_test {
namespace {

using semaphore = counting_semaphore<thread_runtime>;

TEST(foreign_thread, releases_what_it_holds_when_it_ends) {
  thread_runtime r{discarding_log()};
  semaphore s{r, 2};
  semaphore::permit outlives;
  std::thread foreign{[&] { outlives = std::move(*s.acquire(s.no_deadline, 2)); }};
  foreign.join();
  EXPECT_EQ(s.current(), 0U);
  EXPECT_FALSE(outlives.valid());
}

TEST(foreign_thread, frees_a_merge_when_it_ends) {
  thread_runtime r{discarding_log()};
  merge_semaphore<thread_runtime> s{r};
  merge_semaphore<thread_runtime>::permit outlives;
  std::thread foreign{[&] { outlives = std::move(*s.acquire(1)); }};
  foreign.join();
  EXPECT_FALSE(s.status());
}

struct thread_local_facts {
  bool permit_was_live = false;
};

/// A thread-local object that holds a permit and looks at it when it is destroyed.
struct keeper {
  ~keeper() {
    facts->permit_was_live = held.valid();
    held.release();
  }
  semaphore::permit held;
  thread_local_facts* facts = nullptr;
};
thread_local std::unique_ptr<keeper> kept;

TEST(foreign_thread, dies_after_its_other_thread_locals) {
  thread_runtime r{discarding_log()};
  semaphore s{r, 2};
  thread_local_facts facts;
  semaphore::permit outlives;
  std::thread foreign{[&] {
    outlives = std::move(*s.acquire());
    kept = std::make_unique<keeper>();
    kept->facts = &facts;
    kept->held = std::move(*s.acquire());
  }};
  foreign.join();
  EXPECT_TRUE(facts.permit_was_live);
  EXPECT_FALSE(outlives.valid());
  EXPECT_EQ(s.current(), 0U);
}

/// Acquires when its thread is nearly gone.
struct late_user {
  ~late_user() { *into = std::move(*of->acquire()); }
  semaphore* of = nullptr;
  semaphore::permit* into = nullptr;
};
thread_local std::unique_ptr<late_user> late;

TEST(foreign_thread, releases_also_what_a_thread_local_acquired_at_the_very_end) {
  thread_runtime r{discarding_log()};
  semaphore s{r, 1};
  semaphore::permit outlives;
  std::thread foreign{[&] {
    late = std::make_unique<late_user>();
    late->of = &s;
    late->into = &outlives;
  }};
  foreign.join();
  EXPECT_EQ(s.current(), 0U);
  EXPECT_FALSE(outlives.valid());
}

TEST(foreign_thread, outlives_the_semaphore_that_it_used) {
  thread_runtime r{discarding_log()};
  auto s = std::make_unique<semaphore>(r, 1);
  semaphore::permit outlives;
  std::thread foreign{[&] {
    outlives = std::move(*s->acquire());
    s.reset();
    EXPECT_FALSE(outlives.valid());
  }};
  foreign.join();
  EXPECT_FALSE(outlives.release());
}

}  // namespace
}  // namespace wavetank::thread_death_test
