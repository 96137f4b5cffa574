"""The log of block_device.py: what it was told, in order.

An entry is `kind, offset, length`, then the bytes written, then for a write the bytes that were there before.
"""
import collections
import struct

WRITE, FLUSH, SAID = 1, 2, 3
HEAD = struct.Struct("<BQI")

Entry = collections.namedtuple("Entry", "kind offset data before")
# The writes between two flushes, as (position, entry), and where in the log the epoch begins and ends: any of them may
# be lost while the position is within, none any more after the end.
Epoch = collections.namedtuple("Epoch", "begin end writes")


def encode(kind, offset=0, data=b"", before=b""):
    return HEAD.pack(kind, offset, len(data)) + data + before


def decode(log):
    """(the entries, how many bytes they are): the last one may still be being written."""
    entries = []
    at = 0
    while at + HEAD.size <= len(log):
        kind, offset, length = HEAD.unpack_from(log, at)
        data_at, before_at = at + HEAD.size, at + HEAD.size + length
        end = before_at + (length if kind == WRITE else 0)
        if end > len(log):
            break
        entries.append(Entry(kind, offset, log[data_at:before_at], log[before_at:end]))
        at = end
    return entries, at


def epochs(entries):
    """All of them, the last one without a flush behind it."""
    made = []
    begin, writes = 0, []
    for position, entry in enumerate(entries):
        if entry.kind == WRITE:
            writes.append((position, entry))
        elif entry.kind == FLUSH:
            made.append(Epoch(begin, position, writes))
            begin, writes = position, []
    made.append(Epoch(begin, len(entries), writes))
    return made
