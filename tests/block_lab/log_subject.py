"""The log on disk as the lab's subject: log_crash_writer, its ledger and its judge."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "log_crash"))
import log_judge  # noqa: E402
import log_ledger  # noqa: E402

Ledger = log_ledger.Ledger
RECORD_BYTES = log_ledger.RECORD_BYTES
PROGRAM = "log_crash/log_crash_writer"
DATA_MARK = b"WTLF"  # how a batch begins
# Not directory_sync: POSIX asks for it, but on each of these file systems the sync of a new segment's first batch makes
# the segment's name durable too, and names go and come in the order of the calls.
MUST_BE_CAUGHT = ["device", "file_sync", "failed_sync"]  # if it is broken
judge = log_judge.judge


def debt(ledger):
    """What is owed, as a set: more is stricter."""
    return frozenset(ledger.owed.items())
