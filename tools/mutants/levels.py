"""Levels: the columns of the kill matrix. Each is one way to look for bugs, read from a table (levels.ini).

    [NAME]
    kind = verify | ctest | command
    families = which families of mutants it looks at
    targets = what must be built (of kind ctest: found by itself)
    command = what is run in the copy's root, with {build}, {seed}, {json}, {properties}; words split as by a shell
    properties = patterns of the properties, with {component}, which is * where the mutant names none
    only when named = yes: run it only for mutants that say they are caught by it
    seeded = yes: --seeds repeats it under other seeds

verify   `wavetank verify ... --json {json}`: exit 1 means caught, and the JSON says by which property and when
ctest    the tests that the mutant's expression names: caught if one fails, crashes or hangs
command  anything else: caught if it exits with 1 or dies of a signal
"""
import configparser
import dataclasses
import json
import os
import re
import shlex
import signal
import subprocess
import threading
import time
import xml.etree.ElementTree

KINDS = ("verify", "ctest", "command")
# How much longer than on the healthy tree a level may take before it counts as hanging: machines get busy.
PATIENCE = 20
LEAST_PATIENCE_SECONDS = 120


class BadTable(Exception):
    """levels.ini is not what this page says."""


class Broken(Exception):
    """A level gave no verdict: it could not be run, or ended in a way that says nothing about the mutant."""


@dataclasses.dataclass(frozen=True)
class Level:
    name: str
    kind: str
    families: tuple
    targets: tuple = ()
    command: str = ""
    properties: tuple = ()
    only_when_named: bool = False
    seeded: bool = False

    def looks_at(self, mutant):
        named = self.name in mutant.must_be_caught_by
        if self.kind == "ctest" and not mutant.tests:
            return False
        return mutant.family in self.families and (named or not self.only_when_named)


@dataclasses.dataclass
class Outcome:
    """What one run of a level said. `schedules` and `seconds` are those until the bug was found, if it was."""
    killed: bool
    check: str = ""
    schedules: int = None
    seconds: float = 0.0


def read(file):
    parser = configparser.ConfigParser(interpolation=None)
    with open(file, encoding="utf-8") as text:
        parser.read_file(text)
    table = []
    for name in parser.sections():
        section = parser[name]
        kind = section.get("kind", "")
        if kind not in KINDS:
            raise BadTable(f"{file}: [{name}] kind = '{kind}': must be one of {', '.join(KINDS)}")
        if kind != "ctest" and not section.get("command"):
            raise BadTable(f"{file}: [{name}] needs a command")
        table.append(Level(name=name, kind=kind, families=tuple(section.get("families", "").split()),
                           targets=tuple(section.get("targets", "").split()), command=section.get("command", ""),
                           properties=tuple(section.get("properties", "").split()),
                           only_when_named=section.getboolean("only when named", False),
                           seeded=section.getboolean("seeded", False)))
    return table


def by_family(table):
    """The names of the levels that look at each family."""
    families = {family for level in table for family in level.families}
    return {family: [level.name for level in table if family in level.families] for family in families}


class Healthy:
    """What levels say of the tree without a mutant. Shared by all runners: whoever comes first asks, the others wait."""

    def __init__(self):
        self.guard = threading.Lock()
        self.questions = {}  # (level, what) -> the lock of who asks
        self.outcomes = {}
        self.seconds = {}

    def outcome(self, question, ask):
        with self.guard:
            asking = self.questions.setdefault(question, threading.Lock())
        with asking:
            if question not in self.outcomes:
                started = time.monotonic()
                self.outcomes[question] = ask()
                self.seconds[question] = time.monotonic() - started
            return self.outcomes[question]


class Runner:
    """Runs levels in one tree."""

    def __init__(self, tree, scratch, healthy):
        self.tree = tree
        self.scratch = scratch
        scratch.mkdir(parents=True, exist_ok=True)
        self.healthy = healthy
        self.tests = {}  # name of a test -> the program that holds it

    def list_tests(self):
        listed = json.loads(self.tree.run("ctest", "--test-dir", str(self.tree.build), "--show-only=json-v1").stdout)
        self.tests = {test["name"]: os.path.basename(test["command"][0]) for test in listed["tests"]
                      if test.get("command")}

    def programs_of(self, expression):
        """The targets that hold the tests which `expression` names."""
        return sorted({program for name, program in self.tests.items() if re.search(expression, name)})

    def targets_of(self, level, mutant):
        return self.programs_of(mutant.tests) if level.kind == "ctest" else list(level.targets)

    def asked_of(self, level, mutant):
        """Equal for mutants of which a level asks the same."""
        return level.name, mutant.tests if level.kind == "ctest" else self.properties(level, mutant)

    def run_healthy(self, level, mutant):
        """What the level says of the tree, in which no mutant is planted now."""
        def ask():
            if targets := self.targets_of(level, mutant):
                self.tree.compile(targets)
            return self.ask(level, mutant, seed=1, limit_seconds=None)
        return self.healthy.outcome(self.asked_of(level, mutant), ask)

    def run(self, level, mutant, seed):
        usual_seconds = self.healthy.seconds.get(self.asked_of(level, mutant), 0)
        return self.ask(level, mutant, seed, max(LEAST_PATIENCE_SECONDS, PATIENCE * usual_seconds))

    def ask(self, level, mutant, seed, limit_seconds):
        if level.kind == "ctest":
            return self.run_tests(mutant, limit_seconds)
        return self.run_command(level, mutant, seed, limit_seconds)

    def properties(self, level, mutant):
        return " ".join(level.properties).replace("{component}", mutant.component or "*")

    def run_command(self, level, mutant, seed, limit_seconds):
        result = self.scratch / f"{level.name}.json"
        result.unlink(missing_ok=True)
        words = []
        for word in shlex.split(level.command):
            if word == "{properties}":
                words += self.properties(level, mutant).split()
            else:
                words.append(word.format(build=self.tree.build, seed=seed, json=result, scratch=self.scratch))
        code, said, seconds = self.bounded(words, limit_seconds)
        if code is None:
            return Outcome(True, f"hangs for {limit_seconds:.0f} s", None, seconds)
        if code < 0:
            return Outcome(True, f"dies of {signal.Signals(-code).name}", None, seconds)
        if code == 0:
            return Outcome(False, seconds=seconds)
        if code != 1:
            raise Broken(f"level {level.name}: exit {code} of: {' '.join(words)}\n{said[-2000:]}")
        if level.kind == "command":
            return Outcome(True, first_line(said), None, seconds)
        return first_failure(result, seconds)

    def run_tests(self, mutant, limit_seconds):
        report = self.scratch / "tests.xml"
        report.unlink(missing_ok=True)
        words = ["ctest", "--test-dir", str(self.tree.build), "--tests-regex", mutant.tests, "--stop-on-failure",
                 "--parallel", str(self.tree.jobs), "--output-junit", str(report), "--no-tests=error"]
        code, said, seconds = self.bounded(words, limit_seconds)
        if code is None:
            return Outcome(True, f"hangs for {limit_seconds:.0f} s", None, seconds)
        if code == 0:
            return Outcome(False, seconds=seconds)
        if not report.is_file():
            raise Broken(f"ctest: exit {code}\n{said[-2000:]}")
        failed = [case for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase")
                  if case.get("status") == "fail"]
        if not failed or any("_NOT_BUILT" in case.get("name", "") for case in failed):
            raise Broken(f"ctest: exit {code}\n{said[-2000:]}")
        first = min(failed, key=lambda case: float(case.get("time", 0)))
        return Outcome(True, first.get("name"), None, float(first.get("time", 0)))

    def bounded(self, words, limit_seconds):
        """Exit code (None: did not end in time; negative: a signal), output, seconds."""
        started = time.monotonic()
        process = subprocess.Popen(words, cwd=self.tree.root, env=self.tree.environment, text=True, errors="replace",
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        try:
            said, _ = process.communicate(timeout=limit_seconds)
            return process.returncode, said, time.monotonic() - started
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None, "", time.monotonic() - started
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def first_failure(file, seconds):
    """The property that took the fewest schedules, out of the JSON of `wavetank verify`."""
    try:
        properties = json.loads(file.read_text(encoding="utf-8"))["properties"]
        failed = [p for p in properties if p["verdict"] != "passed"]
        first = min(failed, key=lambda p: (p["found_after"] is None, p["found_after"], p["seconds"]))
        return Outcome(True, f"{first['name']}: {first['verdict']}", first["found_after"], first["seconds"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Broken(f"exit 1, but {file.name} names no failed property: {error!r} (after {seconds:.0f} s)") from error


def first_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[0][:100] if lines else "exit 1"
