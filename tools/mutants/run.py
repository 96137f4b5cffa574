#!/usr/bin/env python3
"""Plants each mutant in a copy of the sources, builds, and runs every level that looks at it: the kill matrix.

Exit: 0 all are caught by what they say catches them, 1 one is not, or does not apply or compile, 2 usage.
"""
import argparse
import concurrent.futures
import dataclasses
import fnmatch
import os
import pathlib
import queue
import re
import sys
import time

import levels
import patches
import report
import tree


@dataclasses.dataclass
class Row:
    """One mutant's line of the matrix."""
    mutant: patches.Mutant
    outcomes: dict = dataclasses.field(default_factory=dict)  # name of a level -> one outcome a seed, cheapest first
    error: str = ""
    build_seconds: float = 0.0

    def killed(self):
        return any(outcome.killed for outcomes in self.outcomes.values() for outcome in outcomes)

    def missed_claims(self):
        ran = {name: any(o.killed for o in outcomes) for name, outcomes in self.outcomes.items()}
        return [name for name in self.mutant.must_be_caught_by if not ran.get(name, True)]

    def first_check(self):
        for name, outcomes in self.outcomes.items():
            for outcome in outcomes:
                if outcome.killed:
                    return f"{name}: {outcome.check}"
        return ""

    def good(self):
        return not self.error and self.killed() and not self.missed_claims()


class Worker:
    """One copy of the tree, with the levels that run in it."""

    def __init__(self, arguments, number, jobs, healthy):
        root = arguments.out / f"copy{number}"
        root.mkdir(parents=True, exist_ok=True)
        self.tree = tree.Tree(arguments.source, root, jobs)
        self.runner = levels.Runner(self.tree, root / "build/mutants", healthy)
        self.seeds = arguments.seeds
        self.quick = arguments.quick

    def prepare(self, table, mutants):
        self.tree.copy_sources()
        self.tree.configure()
        plain = sorted({target for level in table for target in level.targets})
        tests = any(m.tests for m in mutants)
        self.tree.compile(plain + self.test_programs(tests) or ["all"])
        if tests:
            self.runner.list_tests()
        for mutant in mutants:
            if mutant.tests and not self.runner.programs_of(mutant.tests):
                raise levels.Broken(f"{mutant.file}: no test matches '{mutant.tests}'")

    def test_programs(self, wanted):
        if not wanted:
            return []
        known = self.tree.run("ninja", "-C", str(self.tree.build), "-t", "targets", "all").stdout
        return sorted(set(re.findall(r"^([a-z_]+_tests): phony$", known, re.MULTILINE)))

    def judge_healthy(self, mutant, looking):
        """The healthy tree must pass whatever is asked of the sick ones, or a kill would mean nothing. `--quick` leaves
        its tests to `./dev test`."""
        for level in looking:
            if self.quick and level.kind == "ctest":
                continue
            outcome = self.runner.run_healthy(level, mutant)
            if outcome.killed:
                raise levels.Broken(f"level {level.name} fails without any mutant: {outcome.check}")

    def judge(self, mutant, table):
        row = Row(mutant)
        looking = [level for level in table if level.looks_at(mutant)
                   and (level.name in mutant.must_be_caught_by or not self.quick)]
        try:
            self.judge_healthy(mutant, looking)
            started = time.monotonic()
            self.tree.plant(mutant)
            targets = sorted({t for level in looking for t in self.runner.targets_of(level, mutant)})
            self.tree.compile(targets)
            row.build_seconds = time.monotonic() - started
            for level in looking:
                seeds = range(1, (self.seeds if level.seeded else 1) + 1)
                row.outcomes[level.name] = [self.runner.run(level, mutant, seed) for seed in seeds]
                if self.quick and row.killed():
                    break
        except (tree.Failed, levels.Broken) as error:
            row.error = str(error)
        finally:
            self.tree.uproot(mutant)
        return row


def shard(text):
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError(f"'{text}' is no shard: write I/N with 1 <= I <= N")
    return int(index), int(count)


def arguments_of(command_line):
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(prog="./dev mutants", description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", metavar="PATTERN", help="mutants, as FAMILY/NAME (default: all)")
    parser.add_argument("--level", action="append", help="only this level; may be repeated")
    parser.add_argument("--seeds", type=int, default=1, help="seeds at each random level, for medians (default 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutants side by side (default: all cores)")
    parser.add_argument("--quick", action="store_true",
                        help="run only the levels that a mutant says catch it, until one does")
    parser.add_argument("--shard", type=shard, default=(1, 1), metavar="I/N", help="only each Nth mutant, from the Ith on")
    parser.add_argument("--first", type=int, default=1, metavar="K",
                        help="begin with the Kth mutant, counted round and round, and go round (default 1)")
    parser.add_argument("--minutes", type=float, default=float("inf"),
                        help="begin no further mutant after so long, and say how many were left (default: no limit)")
    parser.add_argument("--list", action="store_true", help="name the mutants and stop")
    parser.add_argument("--source", type=pathlib.Path, default=root, help=argparse.SUPPRESS)
    arguments = parser.parse_args(command_line)
    if arguments.seeds < 1 or arguments.jobs < 1 or arguments.first < 1:
        parser.error("--seeds, --jobs and --first are at least 1")
    if not arguments.minutes > 0:
        parser.error("--minutes is more than 0")
    arguments.source = arguments.source.resolve()
    arguments.out = arguments.source / "build/mutants"
    return arguments


def chosen(mutants, patterns):
    if not patterns:
        return mutants
    return [m for m in mutants
            if any(fnmatch.fnmatch(f"{m.family}/{m.name}", p) or fnmatch.fnmatch(m.name, p) for p in patterns)]


def judge_all(workers, mutants, table, minutes):
    """A row for each mutant that was begun in time."""
    deadline = time.monotonic() + 60 * minutes
    free = queue.SimpleQueue()
    for worker in workers:
        free.put(worker)

    def judge(mutant):
        worker = free.get()
        if time.monotonic() >= deadline:
            free.put(worker)
            return None
        try:
            row = worker.judge(mutant, table)
        finally:
            free.put(worker)
        print(f"{'ok  ' if row.good() else 'BAD '} {mutant.family}/{mutant.name} (build {row.build_seconds:.0f} s): "
              f"{report.verdict(row)}", flush=True)
        return row

    with concurrent.futures.ThreadPoolExecutor(len(workers)) as pool:
        return [row for row in pool.map(judge, mutants) if row is not None]


def main(command_line):
    arguments = arguments_of(command_line)
    folder = arguments.source / "props/mutants"
    try:
        table = levels.read(folder / "levels.ini")
        names = [level.name for level in table]
        mutants = chosen(patches.read_all(folder, levels.by_family(table)), arguments.only)
        if arguments.level:
            unknown = [name for name in arguments.level if name not in names]
            if unknown:
                raise levels.BadTable(f"no level '{unknown[0]}'; there are: {', '.join(names)}")
            table = [level for level in table if level.name in arguments.level]
        if not mutants:
            raise patches.BadPatch(f"no mutant matches {' '.join(arguments.only)}; --list names them")
        index, count = arguments.shard
        mutants = mutants[index - 1::count]
        begin = (arguments.first - 1) % max(1, len(mutants))
        mutants = mutants[begin:] + mutants[:begin]
        if not mutants:
            raise patches.BadPatch(f"shard {index}/{count} is empty: there are fewer mutants than shards")
        unseen = [m for m in mutants if not any(level.looks_at(m) for level in table)]
        if unseen and not arguments.level:
            raise patches.BadPatch(f"{unseen[0].file}: no level looks at it")
        mutants = [m for m in mutants if m not in unseen]
    except (patches.BadPatch, levels.BadTable) as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    if arguments.list:
        for mutant in mutants:
            print(f"{mutant.family}/{mutant.name}: {mutant.bug}")
        return 0

    started = time.monotonic()
    jobs = min(arguments.jobs, len(mutants))
    each = max(1, os.cpu_count() // jobs)
    healthy = levels.Healthy()
    workers = [Worker(arguments, number, each, healthy) for number in range(1, jobs + 1)]
    used = [level for level in table if any(level.looks_at(m) for m in mutants)]
    try:
        for worker in workers:  # one after the other: the first fills ccache for the others
            worker.prepare(used, mutants)
    except (tree.Failed, levels.Broken) as error:
        print(f"mutants: the healthy tree: {error}", file=sys.stderr)
        return 1
    print(f"{len(workers)} copies ready after {time.monotonic() - started:.0f} s", flush=True)

    rows = judge_all(workers, mutants, used, arguments.minutes)
    matrix = report.markdown(rows, used, arguments.seeds)
    (arguments.out / "kill_matrix.md").write_text(matrix, encoding="utf-8")
    (arguments.out / "kill_matrix.json").write_text(report.as_json(rows, arguments.seeds), encoding="utf-8")
    print("\n" + matrix)
    for row in rows:
        if row.error:
            print(f"mutants: {row.mutant.file}: {row.error}", file=sys.stderr)
    good = sum(row.good() for row in rows)
    left = len(mutants) - len(rows)
    if left:
        print(f"{left} of {len(mutants)} mutants were not begun within {arguments.minutes:g} minutes")
    print(f"{good} passed, {len(rows) - good} failed", flush=True)
    return 0 if good == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
