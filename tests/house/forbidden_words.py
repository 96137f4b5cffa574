#!/usr/bin/env python3
"""What no file of ours may say: unfinished work, tests that are switched off, tests that wait for time to pass.

Usage: forbidden_words.py ROOT; looks at what git tracks or would track; exit 1 with one line for each finding.
A test that must show real time passing (a deadline on the thread world) waits on the thing under test, never by a sleep.
"""
import pathlib
import re
import subprocess
import sys

CODE = (".h", ".cpp", ".py", ".sh", ".cmake", ".txt", ".md")

# (what, where it is looked for, why)
RULES = [
    (re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "", "finish it, or file an issue"),
    (re.compile(r"\bGTEST_SKIP\b|\bDISABLED_"), "tests/", "a test that does not run proves nothing"),
    (re.compile(r"\bsleep_(for|until)\s*\(\s*std::chrono|\bstd::this_thread::sleep|\b(u|nano)?sleep\s*\("), "tests/",
     "a test that sleeps fails on a busy machine; wait for the event"),
    (re.compile(r"#\s*if\s+0\b"), "", "delete what is switched off"),
    (re.compile(r"/work/|/tmp/bash_jobs"), "", "no paths of one machine"),
]
# This file and its test have to name what they look for.
NAMES_THE_WORDS = ("tests/house/forbidden_words.py", "tests/house/forbidden_words_test.py")


def findings_in(name, text):
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, where, why in RULES:
            found = pattern.search(line)
            if found and name.startswith(where):
                yield f"{name}:{number}: '{found.group(0)}': {why}"


def tracked(root):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    return sorted(name for name in set(listed.split("\0")) if name.endswith(CODE))


def main():
    root = pathlib.Path(sys.argv[1])
    found = []
    for name in tracked(root):
        if name not in NAMES_THE_WORDS and (root / name).is_file():
            found += findings_in(name, (root / name).read_text(encoding="utf-8"))
    for finding in found:
        print(finding, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
