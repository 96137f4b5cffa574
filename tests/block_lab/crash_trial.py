"""One crash image: mount it, judge it, let the production recovery run on it, judge it again."""
import copy
import subprocess
from typing import NamedTuple

import linux_devices
import write_log

SECONDS_FOR_RECOVERY = 30


class Verdict(NamedTuple):
    wrong: list    # sentences
    entries: list  # what recovery, the file system's and the program's, told the disk


def strictest(subject, ledgers):
    """Without those that owe no more than another one does."""
    distinct = {subject.debt(ledger): ledger for ledger in ledgers}
    return [ledger for debt, ledger in distinct.items() if not any(debt < other for other in distinct)]


def said_in(entries):
    return b"".join(entry.data for entry in entries if entry.kind == write_log.SAID)


def judge_all(subject, ledgers, folder, after_a_start):
    return [line for ledger in ledgers for line in subject.judge(ledger, folder, after_a_start)]


def recover(lab):
    """Runs the program with nothing to do but to start."""
    lab.runs += 1
    command = [lab.program, lab.directory, lab.device.said, str(lab.runs), "0"]
    try:
        ended = subprocess.run(command, timeout=SECONDS_FOR_RECOVERY, stderr=subprocess.PIPE, text=True, check=False)
    except subprocess.TimeoutExpired:
        return ["the program does not start within its time"]
    why = ended.stderr.strip()
    return [] if ended.returncode == 0 else [f"the program does not start: it ended with {ended.returncode}: {why}"]


def examine(lab, ledgers, entries):
    """What is wrong with the mounted image. What the disk is told goes to entries."""
    wrong = judge_all(lab.subject, ledgers, lab.directory, after_a_start=False)
    wrong += recover(lab)
    entries += lab.device.new_entries()
    records = said_in(entries)
    after = copy.deepcopy(ledgers)
    for ledger in after:
        ledger.add(records)
        wrong += ledger.wrong
    return wrong + judge_all(lab.subject, after, lab.directory, after_a_start=True)


def examine_medium(lab, ledgers):
    """The verdict on what is on the medium, which changes by it."""
    entries = []
    with lab.device.guarded():
        try:
            with linux_devices.mounted(lab.device.disk, lab.kind.name, lab.kind.mount_options, lab.mount):
                wrong = examine(lab, ledgers, entries)
        except OSError as error:
            # A device that lies breaks the file system, too; it is for seeing the program's promise broken.
            wrong = [] if lab.options.broken == "device" else [f"the file system cannot be used: {error}"]
    entries += lab.device.last_entries()
    return Verdict(list(dict.fromkeys(wrong)), entries)
