"""Each forbidden thing is found where it is forbidden, and only there."""
import unittest

from forbidden_words import findings_in


class ForbiddenWords(unittest.TestCase):
    def test_each_is_found(self):
        for name, line in [
            ("impl/a.h", "// TODO: later"),
            ("tests/impl/a.cpp", "GTEST_SKIP() << 1;"),
            ("tests/impl/a.cpp", "TEST(x, DISABLED_y) {}"),
            ("tests/impl/a.cpp", "std::this_thread::sleep_for(1ms);"),
            ("tests/impl/a.cpp", "usleep(1);"),
            ("sim/a.h", "#if 0"),
            ("docs/a.md", "see /work/shared"),
        ]:
            with self.subTest(line=line):
                self.assertEqual(len(list(findings_in(name, line))), 1)

    def test_the_same_is_fine_where_it_has_a_meaning(self):
        self.assertEqual(list(findings_in("impl/thread.h", "std::this_thread::sleep_until(t);")), [])
        self.assertEqual(list(findings_in("tests/sim/time_test.cpp", "world.runtime().sleep_until(deadline);")), [])


if __name__ == "__main__":
    unittest.main()
