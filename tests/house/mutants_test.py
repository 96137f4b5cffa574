"""The mutant runner on a miniature project: what is caught, what survives, and what it refuses to count."""
import json
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

RUNNER = pathlib.Path(__file__).resolve().parents[2] / "tools/mutants/run.py"

PROJECT = {
    "CMakePresets.json": """
        {"version": 3, "configurePresets": [{"name": "release", "generator": "Ninja",
         "binaryDir": "${sourceDir}/build/release"}]}""",
    "CMakeLists.txt": """
        cmake_minimum_required(VERSION 3.22)
        project(miniature LANGUAGES CXX)
        enable_testing()
        add_executable(sum_tests sum_tests.cpp)
        add_test(NAME sum.adds COMMAND sum_tests)
        """,
    "sum.h": "inline int sum(int a, int b) {\n  return a + b;\n}\n",
    "sum_tests.cpp": '#include "sum.h"\nint main() { return sum(2, 3) == 5 ? 0 : 1; }\n',
    # Stands for `wavetank verify`: finds the bug after as many schedules as its seed.
    "verify.sh": """
        bug=0
        if grep -q 'a - b' sum.h; then bug=1; fi
        verdict=passed
        if [ $bug = 1 ]; then verdict=assertion; fi
        echo "{\\"properties\\": [{\\"name\\": \\"sum.holds\\", \\"verdict\\": \\"$verdict\\", \\"found_after\\": $1,
          \\"seconds\\": 0.5}]}" > "$2"
        exit $bug
        """,
    "props/mutants/levels.ini": """
        [tests]
        kind = ctest
        families = toy
        [random]
        kind = verify
        families = toy
        targets = sum_tests
        command = bash verify.sh {seed} {json}
        seeded = yes
        [blind]
        kind = command
        families = toy
        command = true
        """,
}


def mutant(caught_by, new_line, old_line="  return a + b;"):
    return (f"# bug: a planted one\n# caught by: {caught_by}\n--- a/sum.h\n+++ b/sum.h\n@@ -1,3 +1,3 @@\n"
            f" inline int sum(int a, int b) {{\n-{old_line}\n+{new_line}\n }}\n")


class Mutants(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.plant(".gitignore", "/build/\n")
        for name, text in PROJECT.items():
            self.plant(name, textwrap.dedent(text).lstrip("\n"))

    def plant(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run_mutants(self, *arguments):
        return subprocess.run([sys.executable, RUNNER, "--source", self.root, "--jobs", "1", *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def matrix(self):
        read = json.loads((self.root / "build/mutants/kill_matrix.json").read_text(encoding="utf-8"))
        return {row["name"]: row for row in read["mutants"]}

    def test_a_caught_mutant_is_in_the_matrix_with_its_cost_and_the_sources_stay_as_they_were(self):
        self.plant("props/mutants/toy/minus.patch", mutant("sum.adds", "  return a - b;"))
        self.plant("props/mutants/toy/times.patch", mutant("tests", "  return a * b;"))
        before = (self.root / "sum.h").read_text(encoding="utf-8")
        said = self.run_mutants("--seeds", "3", "*minus")
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertEqual(said.stdout.splitlines()[-1], "1 passed, 0 failed")
        levels = self.matrix()["minus"]["levels"]
        self.assertEqual([o["killed"] for o in levels["tests"]], [True])
        self.assertEqual([o["schedules"] for o in levels["random"]], [1, 2, 3])
        self.assertEqual([o["killed"] for o in levels["blind"]], [False])
        self.assertEqual(self.matrix()["minus"]["first_check"], "tests: sum.adds")
        self.assertIn("3 of 3: 2 / 0.5 s, p95 3", said.stdout)
        self.assertEqual((self.root / "sum.h").read_text(encoding="utf-8"), before)

    def test_one_mutant_does_not_outlive_its_turn(self):
        self.plant("props/mutants/toy/a_minus.patch", mutant("sum.adds", "  return a - b;"))
        self.plant("props/mutants/toy/b_harmless.patch", mutant("sum.adds", "  return b + a;"))
        said = self.run_mutants()
        self.assertEqual(said.returncode, 1)
        self.assertTrue(self.matrix()["a_minus"]["killed"])
        self.assertFalse(self.matrix()["b_harmless"]["killed"])
        self.assertIn("SURVIVES EVERYTHING", said.stdout)

    def test_a_claim_that_does_not_hold_fails_though_another_level_catches_it(self):
        self.plant("props/mutants/toy/minus.patch", mutant("random, blind", "  return a - b;"))
        said = self.run_mutants()
        self.assertEqual(said.returncode, 1)
        self.assertIn("NOT CAUGHT BY blind", said.stdout)

    def test_quick_runs_what_a_mutant_names_until_something_catches_it(self):
        self.plant("props/mutants/toy/minus.patch", mutant("random", "  return a - b;"))
        said = self.run_mutants("--quick")
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertEqual(list(self.matrix()["minus"]["levels"]), ["random"])

    def test_shards_share_the_mutants_out(self):
        for name in ("a", "b", "c"):
            self.plant(f"props/mutants/toy/{name}.patch", mutant("sum.adds", "  return a - b;"))
        listed = [self.run_mutants("--list", "--shard", shard).stdout for shard in ("1/2", "2/2")]
        self.assertEqual([[line[:5] for line in text.splitlines()] for text in listed], [["toy/a", "toy/c"], ["toy/b"]])
        for wrong in ("3/2", "0/2", "1", "x/y"):
            self.assertEqual(self.run_mutants("--list", "--shard", wrong).returncode, 2, wrong)
        self.assertIn("fewer mutants", self.run_mutants("--list", "--shard", "4/4").stderr)

    def test_a_patch_that_does_not_apply_or_compile_catches_nothing(self):
        self.plant("props/mutants/toy/stale.patch", mutant("sum.adds", "  return a - b;", old_line="  return b + a;"))
        self.plant("props/mutants/toy/wrong.patch", mutant("sum.adds", "  return nonsense;"))
        said = self.run_mutants()
        self.assertEqual(said.returncode, 1)
        self.assertIn("git apply", said.stderr)
        self.assertIn("nonsense", said.stderr)
        self.assertEqual(said.stdout.splitlines()[-1], "0 passed, 2 failed")

    def test_a_check_that_fails_without_any_mutant_proves_nothing(self):
        self.plant("sum_tests.cpp", "int main() { return 1; }\n")
        self.plant("props/mutants/toy/minus.patch", mutant("sum.adds", "  return a - b;"))
        self.plant("props/mutants/toy/times.patch", mutant("sum.adds", "  return a * b;"))
        said = self.run_mutants()
        self.assertEqual(said.returncode, 1)
        self.assertEqual(said.stderr.count("fails without any mutant"), 2)
        self.assertEqual(said.stdout.splitlines()[-1], "0 passed, 2 failed")

    def test_bad_headers_and_tables_get_one_line_and_exit_2(self):
        good = mutant("sum.adds", "  return a - b;")
        for text, complaint in [
            (good.replace("# bug: a planted one\n", ""), "# bug"),
            (good.replace("# caught by: sum.adds\n", ""), "# caught by"),
            (mutant("(unclosed", "  return a - b;"), "regular expression"),
            ("# bug: b\n# caught by: sum.adds\n", "holds no patch"),
        ]:
            with self.subTest(complaint=complaint):
                self.plant("props/mutants/toy/bad.patch", text)
                said = self.run_mutants()
                self.assertEqual((said.returncode, said.stdout), (2, ""))
                self.assertRegex(said.stderr, rf"\Amutants: .*{complaint}.*\n\Z")

    def test_an_expression_that_names_no_test_is_an_error(self):
        self.plant("props/mutants/toy/minus.patch", mutant("no_such_test", "  return a - b;"))
        said = self.run_mutants()
        self.assertEqual(said.returncode, 1)
        self.assertIn("no test matches", said.stderr)


if __name__ == "__main__":
    unittest.main()
