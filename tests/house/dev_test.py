"""./dev explains itself, refuses what it does not know, and its scripts are clean."""
import pathlib
import re
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ["deps", "build", "verify", "test", "check", "bench", "mutants", "soak", "fuzz", "format"]


def dev(*arguments):
    return subprocess.run([ROOT / "dev", *arguments], cwd="/", text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)


class Dev(unittest.TestCase):
    def test_help_names_each_command_and_each_has_its_file(self):
        said = dev("help")
        self.assertEqual(said.returncode, 0)
        self.assertEqual(re.findall(r"^  (\w+) ", said.stdout, re.MULTILINE), COMMANDS)
        for command in COMMANDS:
            self.assertTrue((ROOT / "dev.d" / f"{command}.sh").is_file(), command)

    def test_no_argument_means_help(self):
        self.assertEqual(dev().stdout, dev("help").stdout)

    def test_an_unknown_command_or_argument_gets_one_line_and_exit_2(self):
        for arguments in [["nonsense"], ["build", "nonsense"], ["deps", "nonsense"], ["format", "--nonsense"],
                          ["check", "nonsense"], ["fuzz", "nonsense"], ["soak", "nonsense"], ["test", "nonsense"]]:
            with self.subTest(arguments=arguments):
                said = dev(*arguments)
                self.assertEqual((said.returncode, said.stdout), (2, ""))
                self.assertRegex(said.stderr, r"\Adev: .*\n\Z")

    def test_scripts_are_clean(self):
        scripts = [ROOT / "dev", ROOT / ".ci/run", *sorted((ROOT / "dev.d").glob("*.sh"))]
        for script in scripts:
            subprocess.run(["bash", "-n", script], check=True)
        if shutil.which("shellcheck"):
            checked = subprocess.run(["shellcheck", "--shell=bash", "--external-sources", *scripts], cwd=ROOT, text=True,
                                     stdout=subprocess.PIPE, check=False)
            self.assertEqual(checked.stdout, "")


if __name__ == "__main__":
    unittest.main()
