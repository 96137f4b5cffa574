// Processes on one disk: what a death leaves, and what it does not.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/machine.h>
#include <wavetank/sim/scenario_property.h>

namespace wavetank::sim::machine_test {
namespace {

campaign_result run(std::function<void(world&)> body, const std::string& strategy = "mix") {
  campaign_options o;
  o.strategy = strategy;
  o.schedules = 2'000;
  return run_campaign(scenario_property("test", std::move(body)), o);
}

void expect_passes(const std::function<void(world&)>& body) {
  for (const char* strategy : {"mix", "exhaustive"}) {
    const auto r = run(body, strategy);
    ASSERT_FALSE(r.failure) << strategy << ": " << r.failure->what.message << '\n' << r.failure->told;
  }
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

void write_file(file_system& fs, const char* path, std::string_view text) {
  auto file = fs.open(path, open_mode::create_exclusive);
  if (file) static_cast<void>(fs.pwrite(*file, 0, bytes_of(text)));
}

/// What a new process finds under the path: its text, or "-".
std::string found(machine& m, const char* path) {
  std::string text = "-";
  process reader = m.start("reader", [&](runtime&, file_system& fs) {
    auto file = fs.open(path, open_mode::read);
    if (!file) return;
    text.assign(16, '\0');
    const auto n = fs.pread(*file, 0, std::as_writable_bytes(std::span{text}));
    text.resize(n.value_or(0));
  });
  reader.wait();
  return text;
}

TEST(machine, a_killed_process_leaves_the_page_cache) {
  expect_passes([](world& w) {
    machine m;
    bool written = false;
    process p = m.start("p", [&](runtime&, file_system& fs) {
      write_file(fs, "/f", "text");
      written = true;
      for (;;) runtime::point("works");
    });
    w.spawn("killer", [&] { m.kill(p); });
    w.join_all();
    if (written) w.require(found(m, "/f") == "text", "a kill is no power loss");
  });
}

TEST(machine, a_power_cut_leaves_every_state_that_the_rules_allow) {
  for (const char* strategy : {"mix", "exhaustive"}) {
    std::set<std::string> states;
    const auto r = run(
        [&](world&) {
          machine m;
          process p = m.start("p", [&](runtime&, file_system& fs) { write_file(fs, "/f", "text"); });
          p.wait();
          m.cut_power();
          states.insert(found(m, "/f"));
        },
        strategy);
    ASSERT_FALSE(r.failure) << r.failure->what.message;
    const std::set<std::string> expected{"-", "", "text", std::string(4, '\0')};
    EXPECT_EQ(states, expected) << strategy;
  }
}

TEST(machine, what_was_synced_survives) {
  expect_passes([](world& w) {
    machine m({}, {.process_kills = 1, .power_cuts = 1});
    bool acknowledged = false;
    process p = m.start("p", [&](runtime&, file_system& fs) {
      auto file = fs.open("/f", open_mode::create_exclusive);
      if (!fs.pwrite(*file, 0, bytes_of("text")) || !fs.fsync(*file) || !fs.fsync_directory("/")) return;
      acknowledged = true;
    });
    p.wait();
    m.crashes() = {};
    m.cut_power();
    if (acknowledged) w.require(found(m, "/f") == "text", "acknowledged means there");
  });
}

TEST(machine, a_missing_sync_is_found) {
  const auto r = run([](world& w) {
    machine m({}, {.power_cuts = 1});
    bool acknowledged = false;
    process p = m.start("p", [&](runtime&, file_system& fs) {
      write_file(fs, "/f", "text");
      acknowledged = true;
      static_cast<void>(fs.stat("/f"));
    });
    p.wait();
    m.crashes() = {};
    if (acknowledged) w.require(found(m, "/f") == "text", "acknowledged means there");
  });
  ASSERT_TRUE(r.failure);
  EXPECT_EQ(r.failure->what.kind, verdict_kind::assertion);
  EXPECT_NE(r.failure->told.find("the power fails"), std::string::npos) << r.failure->told;
}

TEST(machine, destructors_of_the_dead_reach_nothing) {
  expect_passes([](world& w) {
    machine m({}, {.process_kills = 1});
    bool written = false;
    bool tidied = false;
    process p = m.start("p", [&](runtime&, file_system& fs) {
      struct tidy {
        file_system& fs;
        bool& done;
        ~tidy() { done = fs.unlink("/f").has_value(); }
      } const removes{fs, tidied};
      write_file(fs, "/f", "text");
      written = true;
      static_cast<void>(fs.stat("/f"));
    });
    p.wait();
    const bool killed = m.process_kills() == 1;
    m.crashes() = {};
    w.require(m.disk().open_descriptions() == 0, "its descriptors are closed");
    if (!killed) w.require(found(m, "/f") == "-", "it tidied up");
    if (killed && written) {
      w.require(!tidied, "a dead process removes nothing");
      w.require(found(m, "/f") == "text", "what it wrote stays");
    }
  });
}

TEST(machine, a_scenario_kills_the_tasks_of_a_process_but_not_its_first) {
  scenario budget;
  budget.kills = 2;
  campaign_options o;
  o.strategy = "exhaustive";
  int others_killed = 0;
  const auto body = [&](world& w) {
    machine m;
    bool ended = false;
    process p = m.start("p", [&](runtime& r, file_system& fs) {
      auto other = r.spawn("other", [&] {
        bool killed = true;
        struct note {
          bool& killed;
          int& count;
          ~note() { count += killed ? 1 : 0; }
        } const at_the_end{killed, others_killed};
        write_file(fs, "/g", "text");
        killed = false;
      });
      write_file(fs, "/f", "text");
      other.join();
      ended = true;
    });
    p.wait();
    w.require(ended, "the first task was killed");
  };
  const auto r = run_campaign(scenario_property("test", body, budget), o);
  ASSERT_FALSE(r.failure) << r.failure->what.message << '\n' << r.failure->told;
  EXPECT_GT(others_killed, 0);
}

TEST(machine, a_lock_dies_with_its_process) {
  expect_passes([](world& w) {
    machine m;
    int holders = 0;
    const auto locker = [&](runtime&, file_system& fs) {
      auto file = fs.open("/lock", open_mode::create_exclusive);
      if (!file) file = fs.open("/lock", open_mode::read_write);
      if (!fs.lock(*file)) return;
      w.require(++holders == 1, "one holder at a time");
      for (;;) runtime::point("holds");
    };
    process p = m.start("p", locker);
    w.spawn("killer", [&] {
      m.kill(p);
      holders = 0;
      process q = m.start("q", locker);
      runtime::point("later");
      m.kill(q);
    });
    w.join_all();
  });
}

TEST(machine, the_wall_clock_jumps_and_the_monotonic_one_does_not) {
  expect_passes([](world& w) {
    const auto before = w.runtime().unix_time();
    const auto monotonic = w.runtime().now();
    scheduler::here().jump_wall_clock(-std::chrono::hours(1));
    w.require(w.runtime().unix_time() == before - std::chrono::hours(1), "an hour back");
    w.require(w.runtime().now() == monotonic, "no time has passed");
  });
}

}  // namespace
}  // namespace wavetank::sim::machine_test
