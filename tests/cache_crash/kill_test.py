#!/usr/bin/env python3
"""Kills processes that use a cache, at random times, and looks at what they leave.

  kill_test.py WRITER [--kills N] [--seed N] [--directory FOLDER]

Two writers are started on one directory; the lock lets one in at a time. One after the other is killed by SIGKILL at a
random time, so that the second may take over from the first at any instant. Then the directory is judged by code that
shares nothing with the library, and a third process starts, says what it finds, ends, and the directory is judged
again. The page cache survives a kill: what a power cut loses is for props/cache.
"""
import argparse
import pathlib
import random
import signal
import subprocess
import sys
import tempfile

import crash_ledger
import directory_judge

MOST_SECONDS_TO_LIVE = 0.035
OPERATIONS_WITHOUT_END = 1 << 40


class Scene:
    def __init__(self, writer, folder):
        self.writer = writer
        self.cache = folder / "cache"
        self.log = folder / "log"
        self.log.touch()
        self.log_bytes_read = 0
        self.ledger = crash_ledger.Ledger()
        self.runs = 0
        self.kills = 0
        self.temporaries = 0

    def start(self, operations):
        self.runs += 1
        return subprocess.Popen([self.writer, self.cache, self.log, str(self.runs), str(operations)])

    def kill_after(self, process, seconds):
        try:
            process.wait(seconds)  # the time of death is the test's input; no writer ends before
        except subprocess.TimeoutExpired:
            process.kill()
        if process.wait() != -signal.SIGKILL:
            self.ledger.wrong.append(f"a writer ended by itself with {process.returncode}")
        self.kills += 1

    def read_log(self):
        with self.log.open("rb") as log:
            log.seek(self.log_bytes_read)
            records = log.read()
        self.log_bytes_read += len(records)
        self.ledger.add(records)

    def judge(self, after_a_start):
        self.read_log()
        wrong, temporaries = directory_judge.judge(self.ledger, self.cache, after_a_start)
        self.ledger.wrong += wrong
        self.temporaries += temporaries

    def round(self, source):
        writers = [self.start(OPERATIONS_WITHOUT_END) for _ in range(2)]
        source.shuffle(writers)
        for process in writers:
            self.kill_after(process, source.uniform(0, MOST_SECONDS_TO_LIVE))
        self.judge(after_a_start=False)
        if self.start(0).wait() != 0:
            self.ledger.wrong.append("the directory cannot be opened any more")
        self.judge(after_a_start=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("writer")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--directory")
    options = parser.parse_args()
    source = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="wavetank_crash_", dir=options.directory) as folder:
        scene = Scene(options.writer, pathlib.Path(folder))
        while scene.kills < options.kills and not scene.ledger.wrong:
            scene.round(source)
    counts = scene.ledger.counts
    print(f"seed {options.seed}: {scene.kills} kills, {counts.get('O', 0)} starts, {counts.get('S', 0)} saves begun, "
          f"{counts.get('A', 0)} acknowledged, {counts.get('E', 0)} evictions, {scene.temporaries} temporary files")
    if counts.get("F", 0) != 0:
        scene.ledger.wrong.append(f"{counts['F']} saves failed, and no call was made to fail")
    # A test in which nothing happened says nothing: the dead must have been at work.
    if counts.get("A", 0) < scene.kills or scene.temporaries == 0:
        scene.ledger.wrong.append("too little happened between the kills")
    for line in scene.ledger.wrong:
        print(line, file=sys.stderr)
    return 1 if scene.ledger.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
