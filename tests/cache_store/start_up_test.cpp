// What a process finds in a cache directory when it starts: rows, damage, other people's files, another process.
#include <wavetank/tests/cache_store/real_store.h>

#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wavetank::cache_store_tests::start_up_test {
namespace {

TEST(cache_start_up, a_directory_in_use_is_refused) {
  real_store store;
  auto cache = store.opened();
  auto second = store.open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().problem, directory_problem::locked);
  EXPECT_EQ(second.error().path, store.path());
  cache.reset();
  EXPECT_TRUE(store.open()) << "once it is free it can be had";
}

/// What a process of its own makes of the directory: 0 opened, 1 locked, 2 anything else.
int opened_by_another_process(real_store& store) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto cache = store.open();
    ::_exit(cache ? 0 : cache.error().problem == directory_problem::locked ? 1 : 2);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

TEST(cache_start_up, a_directory_in_use_is_refused_to_another_process) {
  real_store store;
  auto cache = store.opened();
  EXPECT_EQ(opened_by_another_process(store), 1);
  cache.reset();
  EXPECT_EQ(opened_by_another_process(store), 0);
  EXPECT_TRUE(store.open()) << "the lock ended with the process";
}

TEST(cache_start_up, a_refused_process_removes_nothing_of_the_owner) {
  real_store store;
  const auto cache = store.opened();
  const std::string temporary = kvc_temporary_name(key_number(1), "of-the-owner");
  store.put_file(temporary, payload_of(1));
  EXPECT_EQ(opened_by_another_process(store), 1);
  EXPECT_TRUE(store.names().contains(temporary));
}

TEST(cache_start_up, temporary_files_of_the_dead_are_removed) {
  real_store store;
  store.put_file(kvc_temporary_name(key_number(1), "a"), file_of(1));
  store.put_file(kvc_temporary_name(key_number(1), "b"), {});
  const auto cache = store.opened();
  EXPECT_EQ(cache->found(cache_tier::disk).temporaries_removed, 2U);
  EXPECT_TRUE(store.names().empty());
  EXPECT_EQ(cache->load(key_number(1)).error().problem, load_problem::miss);
}

TEST(cache_start_up, what_is_not_of_the_cache_is_left_alone) {
  real_store store;
  const std::set<std::string> foreign{"notes.txt", "ABC.kvc", to_hex(key_number(1)),
                                      to_hex(key_number(1)) + ".kvc.tmp"};
  for (const auto& name : foreign) store.put_file(name, file_of(1));
  const auto cache = store.opened();
  EXPECT_EQ(store.names(), foreign);
  const auto& report = cache->found(cache_tier::disk);
  EXPECT_EQ(std::set(report.foreign.begin(), report.foreign.end()), foreign);
  EXPECT_TRUE(cache->table().dump().empty());
}

/// Starts a cache over one file in the place of row 1's: it must be put away, unread, and the key be free.
void expect_quarantine(const payload_bytes& bytes) {
  real_store store;
  store.put_file(1, bytes);
  const auto cache = store.opened();
  const std::string name = kvc_final_name(key_number(1));
  EXPECT_TRUE(cache->table().dump().empty());
  EXPECT_TRUE(store.names().empty());
  EXPECT_EQ(store.quarantined(), std::set{name});
  EXPECT_EQ(store.read_file("quarantine/" + name), bytes) << "somebody may want to look at it";
  ASSERT_EQ(cache->found(cache_tier::disk).rejected.size(), 1U);
  EXPECT_TRUE(cache->found(cache_tier::disk).rejected.front().quarantined);
  EXPECT_TRUE(save(*cache, 1));
  EXPECT_TRUE(holds(*cache, 1));
}

TEST(cache_start_up, an_empty_file_is_quarantined) { expect_quarantine({}); }

TEST(cache_start_up, a_truncated_file_is_quarantined_wherever_it_ends) {
  const auto whole = file_of(1);
  for (const std::size_t end : {std::size_t{1}, std::size_t{71}, std::size_t{100}, whole.size() - 1}) {
    SCOPED_TRACE(end);
    expect_quarantine({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(end)});
  }
}

TEST(cache_start_up, a_file_with_more_than_its_payload_is_quarantined) {
  auto longer = file_of(1);
  longer.push_back(std::byte{0});
  expect_quarantine(longer);
}

TEST(cache_start_up, a_file_under_anothers_name_is_quarantined) { expect_quarantine(file_of(2)); }

TEST(cache_start_up, a_flipped_bit_in_the_head_is_quarantined) {
  for (const std::size_t at : {0U, 4U, 17U, 25U, 41U, 64U, 80U, 100U}) {
    SCOPED_TRACE(at);
    auto damaged = file_of(1);
    damaged.at(at) ^= std::byte{4};
    expect_quarantine(damaged);
  }
}

TEST(cache_start_up, the_quarantine_keeps_every_file_of_one_name) {
  real_store store;
  for (int i = 0; i < 3; ++i) {
    store.put_file(1, {});
    ASSERT_TRUE(store.open());
  }
  const std::string name = kvc_final_name(key_number(1));
  EXPECT_EQ(store.quarantined(), (std::set{name, name + ".1", name + ".2"}));
}

TEST(cache_start_up, damage_in_the_payload_is_found_by_the_load_which_frees_the_key) {
  real_store store;
  auto damaged = file_of(1);
  damaged.back() ^= std::byte{1};
  store.put_file(1, damaged);
  const auto cache = store.opened();
  EXPECT_TRUE(cache->table().contains(key_number(1))) << "a start reads heads only";
  const auto row = cache->load(key_number(1));
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().problem, load_problem::corrupt);
  EXPECT_TRUE(store.names().empty());
  EXPECT_EQ(cache->table().counters().corrupt_files, 1U);
  EXPECT_TRUE(save(*cache, 1));
  EXPECT_TRUE(holds(*cache, 1));
}

TEST(cache_start_up, a_folder_with_a_row_s_name_is_no_row) {
  real_store store;
  std::filesystem::create_directories(store.path_of(1));
  const auto cache = store.opened();
  EXPECT_FALSE(cache->table().contains(key_number(1)));
  EXPECT_TRUE(std::filesystem::is_directory(store.path_of(1))) << "it is somebody's";
}

TEST(cache_start_up, a_pipe_with_a_row_s_name_is_no_row_and_nobody_waits_for_its_writer) {
  real_store store;
  std::filesystem::create_directories(store.path());
  ASSERT_EQ(::mkfifo(store.path_of(1).c_str(), 0600), 0);
  const auto cache = store.opened();
  EXPECT_FALSE(cache->table().contains(key_number(1)));
  EXPECT_EQ(store.names(), std::set{kvc_final_name(key_number(1))});
}

TEST(cache_start_up, the_order_of_eviction_is_that_of_the_recorded_last_uses) {
  real_store store;
  for (const auto& [number, last_use_s] : {std::pair{1U, 300U}, {2U, 100U}, {3U, 200U}}) {
    auto metadata = metadata_of(number);
    metadata.last_use_s = last_use_s;
    store.put_file(number, cache_tests::whole_file(metadata, payload_of(number)));
  }
  const auto cache = store.opened();
  EXPECT_EQ(cache->table().evict_bytes(1).evicted, std::vector{key_number(2)});
  EXPECT_EQ(cache->table().evict_bytes(1).evicted, std::vector{key_number(3)});
  EXPECT_EQ(cache->table().evict_bytes(1).evicted, std::vector{key_number(1)});
}

TEST(cache_start_up, a_use_is_recorded_in_the_file_and_the_file_stays_valid) {
  real_store store;
  {
    const auto cache = store.opened();
    ASSERT_TRUE(save(*cache, 1));
    ASSERT_TRUE(holds(*cache, 1));
    ASSERT_TRUE(holds(*cache, 1));
    cache->sweep();
  }
  EXPECT_EQ(store.read_file(kvc_final_name(key_number(1))).at(12), std::byte{2}) << "the hit count";
  const auto cache = store.opened();
  EXPECT_TRUE(holds(*cache, 1));
  EXPECT_GT(cache->table().lookup_exact(key_number(1))->content.last_use_s, 0U);
}

TEST(cache_start_up, a_parent_that_is_missing_is_said_so) {
  thread_runtime world;
  posix_file_system files;
  temporary_directory parent;
  const auto cache = real_cache::open(world, files, {.disk_path = parent.path() + "/missing/cache"});
  ASSERT_FALSE(cache);
  EXPECT_EQ(cache.error().problem, directory_problem::unusable);
  EXPECT_EQ(cache.error().cause.error_number, ENOENT);
}

}  // namespace
}  // namespace wavetank::cache_store_tests::start_up_test
