#!/usr/bin/env python3
"""Kills the store with SIGKILL while it works, and asks the next one what it knows.

  kill_test.py STORE FOLDER [--kills N] [--seed N]

There is one client, so its changes are committed in their order. After a kill the table must be what the first n changes
make of it, for one n that is at least as many as were acknowledged; and each acknowledgement must tell what that very
change found. The kill comes with an acknowledgement that is drawn, not at a time.
"""
import argparse
import pathlib
import random
import signal
import subprocess
import sys
import tempfile

KEYS = [f"key{i}" for i in range(20)]
CHANGES_A_LIFE = 600


class Store:
    """One life of the store."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = 0

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        """The next answer, or None at the end of this life."""
        text = self.process.stdout.readline()
        if not text.endswith("\n"):
            return None
        number, said = text.rstrip("\n").split(" ", 1)
        self.lines += 1
        assert int(number) == self.lines, f"answer {self.lines} has number {number}"
        return said

    def table(self):
        found = {}
        for key in KEYS:
            said = self.ask(f"get {key}")
            if said is None:
                sys.exit(f"the store does not open any more: exit {self.process.wait()}")
            if said != "nothing":
                found[key] = said.removeprefix("= ")
        return found

    def kill(self):
        self.process.kill()
        status = self.process.wait()
        assert status == -signal.SIGKILL, f"the store ended by itself with {status}"


def draw_changes(source, life):
    changes = []
    for i in range(CHANGES_A_LIFE):
        key = source.choice(KEYS)
        changes.append(("erase", key) if source.random() < 0.2 else ("put", key, f"life {life}, change {i}"))
    return changes


def apply(table, change):
    """What the store must answer."""
    was_there = change[1] in table
    if change[0] == "put":
        table[change[1]] = change[2]
    else:
        table.pop(change[1], None)
    return "replaced" if was_there else "new"


def live_and_die(store, source, table, changes):
    """The tables that may be found afterwards, as the client knows."""
    acknowledged = source.randrange(CHANGES_A_LIFE)
    # All of it fits the pipes, so that neither side waits for the other.
    store.process.stdin.write("".join(" ".join(change) + "\n" for change in changes))
    store.process.stdin.flush()
    heard = [store.answer() for _ in range(acknowledged)]
    store.kill()
    while (said := store.answer()) is not None:  # what it had still said
        heard.append(said)
    possible = [dict(table)] if not heard else []
    for i, change in enumerate(changes):
        expected = apply(table, change)
        if i < len(heard) and heard[i] != expected:
            sys.exit(f"change {i} {change} was answered '{heard[i]}', not '{expected}'")
        if i + 1 >= len(heard):
            possible.append(dict(table))
    return possible


def segments(folder):
    return sum(1 for file in folder.iterdir() if file.stat().st_size > 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("store")
    parser.add_argument("folder")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    source = random.Random(options.seed)
    possible, later, most_segments = [{}], 0, 0
    with tempfile.TemporaryDirectory(prefix="store_", dir=options.folder) as folder:
        for life in range(options.kills + 1):
            store = Store(options.store, folder)
            table = store.table()
            if table not in possible:
                sys.exit(f"life {life}: {table} is none of the {len(possible)} tables that may be found")
            later += possible.index(table) > 0
            most_segments = max(most_segments, segments(pathlib.Path(folder)))
            if life == options.kills:
                break
            possible = live_and_die(store, source, table, draw_changes(source, life))
        store.process.stdin.close()
        assert store.process.wait() == 0
    print(f"seed {options.seed}: {options.kills} kills, {later} of them with changes that were durable and not yet "
          f"answered, at most {most_segments} files")
    # Without checkpoints there would be a segment for each life.
    return 0 if most_segments < 20 else 1


if __name__ == "__main__":
    sys.exit(main())
