"""What the log of cache_crash_writer owes: which keys must be there, with which content, whenever the process died.

A record is `VERB RUN THREAD KEY CONTENT NOTE`, padded to 64 bytes:
  O  the directory is mine; whoever had it is dead      S  I begin to save CONTENT under KEY
  H  KEY was there at my start, with CONTENT            A  it is saved            P  KEY was present already
  R  that was all that was there                        N  somebody else was at it
  X  what must not happen did: NOTE                     F  a call failed: NOTE
  E  I begin to evict KEY                               D  that is over

An eviction may take what was saved before it ended, so a save is owed only if none was under way when it began and none
began since. What was found at a start is owed as what was saved is: it is served from then on. A record follows the
answer that it reports, and precedes the call that it announces: so the ledger never owes more than was promised.
"""
from event_records import RECORD_BYTES, EventLedger  # noqa: F401

SOME_CONTENT = 0  # that KEY is present was said, and not with what


class Ledger(EventLedger):
    def __init__(self):
        super().__init__()
        self.owed = {}       # key: content
        self.attempted = {}  # key: contents
        self.saving = {}     # (run, thread): [key, content, whether no eviction can take it]
        self.evicting = {}   # (run, thread): key
        self.found = {}      # key: content, at the last start

    def add_record(self, record):
        verb, run, thread, key, content, *note = record.split(maxsplit=5)
        self.counts[verb] = self.counts.get(verb, 0) + 1
        who, key, content = (int(run), int(thread)), int(key), int(content)
        if verb == "O":
            self.owner = run
        if run != self.owner:
            self.wrong.append(f"run {run} is at work in the directory of run {self.owner}")
        elif verb == "X":
            self.wrong.append(f"run {run}, key {key}: {' '.join(note).strip()}")
        else:
            getattr(self, "on_" + verb)(who, key, content)

    def may_hold(self, key, content):
        """Whether a file of the key may have this content, now that nobody is at work."""
        if content not in self.attempted.get(key, ()):
            return False
        return self.owed.get(key, SOME_CONTENT) in (SOME_CONTENT, content)

    def on_O(self, _who, _key, _content):
        self.saving.clear()
        self.evicting.clear()
        self.found = {}

    def on_H(self, who, key, content):
        self.found[key] = content
        if not self.may_hold(key, content):
            self.wrong.append(f"run {who[0]} found key {key} with content {content}, owed {self.owed.get(key)}")
        self.owed[key] = content

    def on_R(self, who, _key, _content):
        for key in sorted(self.owed.keys() - self.found.keys()):
            self.wrong.append(f"run {who[0]} did not find key {key}, which was acknowledged")

    def on_S(self, who, key, content):
        self.attempted.setdefault(key, set()).add(content)
        self.saving[who] = [key, content, key not in self.evicting.values()]

    def on_A(self, who, key, content):
        _, _, safe = self.saving.pop(who)
        if not safe:
            return
        if self.owed.get(key, SOME_CONTENT) != SOME_CONTENT:
            self.wrong.append(f"run {who[0]} saved key {key} though it was there and nobody evicted it")
        self.owed[key] = content

    def on_P(self, who, key, _content):
        _, _, safe = self.saving.pop(who)
        if safe:
            self.owed.setdefault(key, SOME_CONTENT)

    def on_N(self, who, _key, _content):
        del self.saving[who]

    def on_F(self, who, _key, _content):
        del self.saving[who]

    def on_E(self, who, key, _content):
        self.evicting[who] = key
        self.owed.pop(key, None)
        for save in self.saving.values():
            if save[0] == key:
                save[2] = False

    def on_D(self, who, _key, _content):
        del self.evicting[who]
