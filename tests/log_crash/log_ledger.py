"""What log_crash_writer's records owe: which batches must be in the log, and which may be.

A record is `VERB RUN 0 SEQUENCE CONTENT NOTE`, padded to 64 bytes:
  O  the log is mine; whoever had it is dead        S  I begin to append CONTENT
  H  at my start there was SEQUENCE, with CONTENT   A  it is there, as SEQUENCE
  R  that was all that was there                    E  I begin to drop what is before SEQUENCE
  X  what must not happen did: NOTE                 F  a call failed, and CONTENT may be there: NOTE
  N  CONTENT is not in the log and never will be

The batches in the log have sequences without a gap, up to the last one that was acknowledged, or to one more: one that
was being appended since. From what a start found on, nothing else is there.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cache_crash"))
from event_records import RECORD_BYTES, EventLedger  # noqa: E402,F401


class Ledger(EventLedger):
    def __init__(self):
        super().__init__()
        self.owed = {}         # sequence: content
        self.known = {}        # sequence: content, of all that was ever acknowledged or found
        self.last = 0          # sequence
        self.attempted = set()  # contents that have been appended since, or are being
        self.found = []        # (sequence, content) at the last start

    def add_record(self, record):
        verb, run, _, sequence, content, *note = record.split(maxsplit=5)
        self.counts[verb] = self.counts.get(verb, 0) + 1
        if verb == "O":
            self.owner = run
            self.found = []
        if run != self.owner:
            self.wrong.append(f"run {run} is at work in the log of run {self.owner}")
        elif verb == "X":
            self.wrong.append(f"run {run}: {' '.join(note).strip()}")
        elif verb != "O":
            getattr(self, "on_" + verb)(int(sequence), int(content))

    def check(self, batches):
        """What is wrong with a log that holds these (sequence, content)."""
        wrong = [f"batch {sequence} has content {content}, nobody's in this place"
                 for sequence, content in batches if not self.may_hold(sequence, content)]
        sequences = [sequence for sequence, _ in batches]
        if any(later != earlier + 1 for earlier, later in zip(sequences, sequences[1:])):
            wrong.append(f"the batches have the sequences {sequences}")
        return wrong + [f"batch {sequence} is missing, which was acknowledged"
                        for sequence in sorted(self.owed.keys() - set(sequences))]

    def may_hold(self, sequence, content):
        if sequence == self.last + 1:
            return content in self.attempted
        return self.known.get(sequence) == content

    def hold(self, sequence, content):
        self.owed[sequence] = content
        self.known[sequence] = content
        self.last = sequence

    def on_H(self, sequence, content):
        self.found.append((sequence, content))

    def on_R(self, _sequence, _content):
        self.wrong += self.check(self.found)
        self.owed = {}
        self.attempted = set()
        for sequence, content in self.found:
            self.hold(sequence, content)

    def on_S(self, _sequence, content):
        self.attempted.add(content)

    def on_A(self, sequence, content):
        if sequence != self.last + 1:
            self.wrong.append(f"batch {sequence} was acknowledged after batch {self.last}")
        self.attempted = set()
        self.hold(sequence, content)

    def on_N(self, _sequence, content):
        self.attempted.discard(content)

    def on_F(self, _sequence, _content):
        """What was attempted is what was said before."""

    def on_E(self, first_to_keep, _content):
        for sequence in [sequence for sequence in self.owed if sequence < first_to_keep]:
            del self.owed[sequence]
