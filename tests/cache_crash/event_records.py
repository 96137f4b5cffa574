"""Reads what event_log.h writes: a ledger of some kind is told of each record."""
RECORD_BYTES = 64


class EventLedger:
    """A subclass has `add_record(text)`."""

    def __init__(self):
        self.wrong = []    # sentences
        self.counts = {}   # verb: records
        self.owner = None  # the run that is at work

    def add(self, records):
        """Takes the bytes by which the log has grown."""
        if len(records) % RECORD_BYTES:
            self.wrong.append("a record of the log is cut short")
        for at in range(0, len(records) - RECORD_BYTES + 1, RECORD_BYTES):
            self.add_record(records[at:at + RECORD_BYTES].decode("utf-8", "replace"))
