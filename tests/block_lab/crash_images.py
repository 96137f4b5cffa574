"""What a power cut may leave of a log of writes and flushes: whole epochs, and any of the writes of the one in flight.

An image is an epoch and which of its writes are kept, over all that was written before it. Of a small epoch all subsets
are made; of a larger one none, all, each missing, each alone, every prefix, and samples. In some samples one write is
torn: a disk writes a sector whole, and here a sector is 4096 bytes. What differs in nothing is one image.
"""
import collections
import hashlib
from typing import NamedTuple

SECTOR_BYTES = 4096
EVERY_SUBSET_UP_TO = 5  # writes

Found = collections.namedtuple("Found", "images possible made")


class Image(NamedTuple):
    epoch: int     # its number
    kept: tuple    # which of its writes
    torn: tuple    # (which of the kept ones, which of its sectors) or nothing
    moments: list  # see moments_of; several, where several power cuts leave the same


def all_subsets(count):
    return [tuple(i for i in range(count) if number >> i & 1) for number in range(1 << count)]


def some_subsets(count, most_of_a_kind, source):
    every = range(count)
    some = every if count <= most_of_a_kind else sorted(source.sample(every, most_of_a_kind))
    subsets = [(), tuple(every)]
    subsets += [tuple(range(i)) for i in some]
    subsets += [tuple(i for i in every if i != lost) for lost in some]
    subsets += [(i,) for i in some]
    subsets += [tuple(i for i in every if source.random() < 0.5) for _ in range(most_of_a_kind)]
    return subsets


def sectors_of(entry):
    """Its pieces, cut where a sector ends."""
    pieces = []
    at = entry.offset
    end = entry.offset + len(entry.data)
    while at < end:
        cut = min(end, (at // SECTOR_BYTES + 1) * SECTOR_BYTES)
        pieces.append((at, entry.data[at - entry.offset:cut - entry.offset]))
        at = cut
    return pieces


def tear(kept, writes, source):
    large = [i for i in kept if len(writes[i][1].data) > SECTOR_BYTES]
    if not large:
        return ()
    torn = source.choice(large)
    sectors = sectors_of(writes[torn][1])
    return torn, tuple(i for i in range(len(sectors)) if source.random() < 0.5)


def choices(epoch, most_of_a_kind, source):
    """(kept, torn) of the images to make of an epoch."""
    count = len(epoch.writes)
    subsets = all_subsets(count) if count <= EVERY_SUBSET_UP_TO else some_subsets(count, most_of_a_kind, source)
    whole = [(kept, ()) for kept in subsets]
    samples = [source.choice(subsets) for _ in range(most_of_a_kind)]
    torn = [(kept, tear(kept, epoch.writes, source)) for kept in samples]
    return whole + [choice for choice in torn if choice[1]]


def put(medium, epoch, kept, torn):
    """Moves the medium from the end of the epoch before to the image."""
    for i in kept:
        entry = epoch.writes[i][1]
        if torn and torn[0] == i:
            sectors = sectors_of(entry)
            for sector in torn[1]:
                medium.write(*sectors[sector])
        else:
            medium.write(entry.offset, entry.data)


def put_all(medium, epoch):
    put(medium, epoch, range(len(epoch.writes)), ())


def sectors_touched(entries):
    touched = set()
    for entry in entries:
        touched.update(range(entry.offset // SECTOR_BYTES, -(-(entry.offset + len(entry.data)) // SECTOR_BYTES)))
    return touched


class Digest:
    """Of a medium's bytes, relative to what they were at the beginning: the sum of its sectors' hashes."""

    def __init__(self, medium):
        self.medium = medium
        self.hashes = {}
        self.value = 0

    def hash_of(self, sector):
        data = self.medium.bytes[sector * SECTOR_BYTES:(sector + 1) * SECTOR_BYTES]
        place = sector.to_bytes(8, "little")
        return int.from_bytes(hashlib.blake2b(data, digest_size=16, salt=place).digest(), "little")

    def learn(self, sectors):
        """To be called before any of them changes."""
        for sector in sectors - self.hashes.keys():
            self.hashes[sector] = self.hash_of(sector)

    def after(self, sectors):
        """The digest if these have changed since."""
        value = self.value
        for sector in sectors:
            value ^= self.hashes[sector] ^ self.hash_of(sector)
        return value

    def move(self, sectors):
        self.value = self.after(sectors)
        self.hashes.update({sector: self.hash_of(sector) for sector in sectors})


def moments_of(epoch, kept):
    """(first, last position in the log) at which a power cut may leave just these writes of the epoch."""
    return epoch.writes[kept[-1]][0] if kept else epoch.begin, epoch.end


def find(epochs, medium, most_of_a_kind, source):
    """The distinct images of a log that begins at the medium's state, which stays as it is. Of a large epoch so many of
    a kind (prefixes, say) are made."""
    beginning = medium.state()
    digest = Digest(medium)
    images = {}
    possible = made = 0
    for number, epoch in enumerate(epochs):
        writes = [entry for _, entry in epoch.writes]
        digest.learn(sectors_touched(writes))
        before = medium.state()
        for kept, torn in choices(epoch, most_of_a_kind, source):
            put(medium, epoch, kept, torn)
            value = digest.after(sectors_touched(writes[i] for i in kept))
            medium.go_back(before)
            moments = images[value].moments if value in images else []
            images[value] = Image(number, kept, torn, [*moments, moments_of(epoch, kept)])
            made += 1
        possible += 1 << len(writes)
        put_all(medium, epoch)
        digest.move(sectors_touched(writes))
    medium.go_back(beginning)
    return Found(list(images.values()), possible, made)


def describe(epochs, image):
    writes = epochs[image.epoch].writes
    lost = [writes[i][1] for i in range(len(writes)) if i not in image.kept]
    line = f"a power cut in epoch {image.epoch} of {len(epochs)}: {len(lost)} of its {len(writes)} writes are lost"
    if lost:
        line += " (" + ", ".join(f"{len(entry.data)} bytes at {entry.offset}" for entry in lost[:4])
        line += ", ...)" if lost[4:] else ")"
    return line + (", one is torn:" if image.torn else ":")
