"""A program at work on a real file system, and the log of what its disk was told meanwhile."""
import bisect
import contextlib
import copy
import signal
import subprocess
import time

import linux_devices
import write_log

RUNS = 4
LEAST_RECORDS, MOST_RECORDS = 10, 45  # that a run may say of its work before it is killed
OF_A_START = b"OHR"                   # verbs of records that say what was found, and are no work yet
OPERATIONS_WITHOUT_END = 1 << 40
SECONDS_FOR_A_RUN = 20
SECONDS_BETWEEN_LOOKS = 0.001


class Recording:
    """Entries of a log, and what was owed at each of them if at its beginning one of these ledgers held."""

    def __init__(self, entries, ledgers):
        self.epochs = write_log.epochs(entries)
        self.said_at = [position for position, entry in enumerate(entries) if entry.kind == write_log.SAID]
        # ledgers_after[n]: with the first n records. They only grow, so that each is made from the one before.
        self.ledgers_after = [ledgers]
        for position in self.said_at:
            ledgers = copy.deepcopy(ledgers)
            for ledger in ledgers:
                ledger.add(entries[position].data)
            self.ledgers_after.append(ledgers)

    def ledgers_at(self, moments):
        """Those of every moment from the first to the last of each pair."""
        numbers = set()
        for first, last in moments:
            numbers.update(range(bisect.bisect_left(self.said_at, first), bisect.bisect_left(self.said_at, last) + 1))
        return [ledger for number in sorted(numbers) for ledger in self.ledgers_after[number]]


def records_in(entries):
    """How much was said of work."""
    return sum(entry.kind == write_log.SAID and entry.data[0] not in OF_A_START for entry in entries)


def follow(lab, process, records):
    """The entries until the process has said so much, or has ended, or has taken too long."""
    entries = []
    started = time.monotonic()
    while records_in(entries) < records and process.poll() is None and time.monotonic() - started < SECONDS_FOR_A_RUN:
        entries += lab.device.new_entries()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_BETWEEN_LOOKS)
    return entries


def sync_and_ignore_faults(folder):
    """A write that fails now is for the program to hear of."""
    with contextlib.suppress(OSError):
        linux_devices.sync_file_system(folder)


def run_until_killed(lab, records):
    """The entries of a run of the program that dies when it has said so much or before; what is wrong if it ends in any
    other way. Everything may be synced meanwhile, as the kernel does every few seconds."""
    lab.runs += 1
    command = [lab.program, lab.directory, lab.device.said, str(lab.runs), str(OPERATIONS_WITHOUT_END)]
    sync_after = lab.source.randrange(2 * records)
    lab.device.fail_writes_of(lab.subject.DATA_MARK if lab.faults else b"", lab.source.getrandbits(32))
    with subprocess.Popen(command, env=lab.environment()) as process:
        entries = follow(lab, process, min(sync_after, records))
        if sync_after < records:
            sync_and_ignore_faults(lab.mount)
        entries += follow(lab, process, records - records_in(entries))
        stuck = process.poll() is None and records_in(entries) < records
        process.kill()
    lab.device.fail_writes_of(b"", 0)
    if process.returncode == -signal.SIGKILL and not stuck:
        return entries, []
    return entries, [f"the program is stuck, or ended by itself with {process.returncode}"]


def record(lab, ledger):
    """Mounts what is on the medium, runs the program several times, and unmounts: the recording, and what is wrong."""
    entries, wrong = [], []
    with lab.device.guarded(), linux_devices.mounted(lab.device.disk, lab.kind.name, lab.kind.mount_options, lab.mount):
        for _ in range(RUNS):
            more, ended = run_until_killed(lab, lab.source.randint(LEAST_RECORDS, MOST_RECORDS))
            entries += more
            wrong += ended
    entries += lab.device.last_entries()
    return Recording(entries, [ledger]), wrong
