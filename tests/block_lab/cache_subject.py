"""The cache's save pipeline as the lab's subject: cache_crash_writer, its ledger and its judge."""
import functools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cache_crash"))
import crash_ledger  # noqa: E402
import directory_judge  # noqa: E402

# The same files are in most images.
directory_judge.kvc_reference.read = functools.lru_cache(maxsize=1024)(directory_judge.kvc_reference.read)

Ledger = crash_ledger.Ledger
RECORD_BYTES = crash_ledger.RECORD_BYTES
PROGRAM = "cache_crash/cache_crash_writer"
DATA_MARK = b"KVC\x01"  # how a file begins
MUST_BE_CAUGHT = ["device", "file_sync", "directory_sync", "failed_sync"]  # if it is broken


def judge(ledger, folder, after_a_start):
    return directory_judge.judge(ledger, folder, after_a_start)[0]


def debt(ledger):
    """What is owed, as a set: more is stricter."""
    return frozenset(ledger.owed.items())
