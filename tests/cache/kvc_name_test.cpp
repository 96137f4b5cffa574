#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/tests/cache/bytes.h>

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace wavetank::cache_tests::kvc_name_test {
namespace {

const cache_key key{ascending(0xa0)};
const std::string digits = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf";

TEST(kvc_name, names_are_read_as_they_are_made) {
  EXPECT_EQ(kvc_final_name(key), digits + ".kvc");
  EXPECT_EQ(parse_kvc_name(digits + ".kvc"), (kvc_name{kvc_name_kind::final_name, key, {}}));
  for (const std::string& unique : {std::string{"0"}, std::string{"host-1_Z9"}, std::string(128, 'u')}) {
    const std::string name = kvc_temporary_name(key, unique);
    EXPECT_EQ(name, digits + ".kvc." + unique + ".tmp");
    EXPECT_LE(name.size(), 255U);
    EXPECT_EQ(parse_kvc_name(name), (kvc_name{kvc_name_kind::temporary, key, unique}));
  }
  EXPECT_EQ(parse_kvc_name(".lock").kind, kvc_name_kind::lock);
  EXPECT_EQ(parse_kvc_name("quarantine").kind, kvc_name_kind::quarantine);
}

TEST(kvc_name, anything_else_is_foreign) {
  for (const std::string& name : {std::string{},
                                  digits,
                                  digits + ".kv",
                                  digits + ".kvc ",
                                  digits + ".KVC",
                                  digits + ".kvc.",
                                  digits + ".kvc.tmp",
                                  digits + ".kvc..tmp",
                                  digits + ".kvc.u",
                                  digits + ".kvc.u.tm",
                                  digits + ".kvc.a.b.tmp",
                                  digits + ".kvc.a/b.tmp",
                                  digits + ".kvcu.tmp",
                                  digits + ".kvc." + std::string(129, 'u') + ".tmp",
                                  digits.substr(1) + ".kvc",
                                  "A" + digits.substr(1) + ".kvc",
                                  "x" + digits + ".kvc",
                                  digits + ".kvc" + std::string(1, '\0'),
                                  std::string{"lock"},
                                  std::string{"quarantine/"},
                                  std::string{"."}}) {
    EXPECT_EQ(parse_kvc_name(name).kind, kvc_name_kind::foreign) << name;
    EXPECT_FALSE(parse_kvc_name(name).key) << name;
  }
}

TEST(kvc_name, a_unique_part_that_is_none_breaks_the_contract) {
  for (const std::string& unique : {std::string{}, std::string{"a.b"}, std::string{"a/b"}, std::string{"a b"},
                                    std::string(1, '\0'), std::string(129, 'u')}) {
    EXPECT_THROW(kvc_temporary_name(key, unique), std::invalid_argument) << unique;
  }
}

}  // namespace
}  // namespace wavetank::cache_tests::kvc_name_test
