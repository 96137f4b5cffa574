"""Judges a log's directory against a ledger, by the format's description alone (impl/batch/log_format.h)."""
import functools
import pathlib
import re
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cache"))
import kvc_reference  # noqa: E402

# Most batches are in many images; the same bytes have the same checksum.
crc32c = functools.lru_cache(maxsize=8192)(kvc_reference.crc32c)

SEGMENT = re.compile(r"log-([0-9a-f]{16})")
OTHER_NAMES = {"lock", "log.new"}
SEGMENT_HEADER = struct.Struct("<4sIIIQQQQ")
FRAME_HEADER = struct.Struct("<4sIQQQIIII")
NOBODYS = 0


def items_of(content):
    """As log_crash_writer makes them."""
    items = [struct.pack("<Q", content)]
    for n in range(1, 1 + content % 4):
        size = 9000 if content % 16 == 1 else (content + n) * 977 % 1500
        items.append((struct.pack("<Q", content + n) * (size // 8 + 1))[:size])
    return items


def body_of(content):
    body = b"".join(struct.pack("<I", len(item)) + item for item in items_of(content))
    return body + bytes(-len(body) % 8)


def content_of(body, items):
    if len(body) < 12:
        return NOBODYS
    content, = struct.unpack_from("<Q", body, 4)
    return content if body == body_of(content) and items == len(items_of(content)) else NOBODYS


def read_header(data, number):
    """(identity, first sequence), or nothing."""
    if len(data) < SEGMENT_HEADER.size:
        return None
    magic, checksum, version, _, identity, segment, first, _ = SEGMENT_HEADER.unpack_from(data)
    if (magic, version, segment) != (b"WTLS", 1, number) or checksum != crc32c(data[8:SEGMENT_HEADER.size]):
        return None
    return identity, first


def read_frames(data, number, identity, first):
    """The whole frames from the beginning on: [(sequence, content)]."""
    batches = []
    at = SEGMENT_HEADER.size
    while at + FRAME_HEADER.size <= len(data):
        magic, checksum, of, sequence, _, length, body_checksum, items, _ = FRAME_HEADER.unpack_from(data, at)
        body = data[at + FRAME_HEADER.size:at + FRAME_HEADER.size + length]
        place = struct.pack("<QQ", number, at)
        whole = (magic == b"WTLF" and checksum == crc32c(place + data[at + 8:at + FRAME_HEADER.size]) and
                 (of, sequence) == (identity, first + len(batches)) and
                 len(body) == length and body_checksum == crc32c(body))
        if not whole:
            break
        batches.append((sequence, content_of(body, items)))
        at += FRAME_HEADER.size + length
    return batches


def read_log(segments):
    """(batches, what is wrong) of {number: bytes}. Each segment ends where the next one begins."""
    batches, wrong, identities = [], [], set()
    for number in sorted(segments):
        header = read_header(segments[number], number)
        if header is None:
            wrong.append(f"segment {number} has no valid header")
            continue
        identity, first = header
        identities.add(identity)
        batches = [batch for batch in batches if batch[0] < first]
        batches += read_frames(segments[number], number, identity, first)
    return batches, wrong + ([] if len(identities) < 2 else ["the segments are of several logs"])


def judge(ledger, folder, after_a_start):
    """What is wrong."""
    segments, wrong = {}, []
    for file in sorted(folder.iterdir()) if folder.exists() else []:
        number = SEGMENT.fullmatch(file.name)
        if number:
            segments[int(number[1], 16)] = file.read_bytes()
        elif file.name not in OTHER_NAMES or (after_a_start and file.name == "log.new"):
            wrong.append(f"{file.name}: whose is it?")
    batches, damaged = read_log(segments)
    return wrong + damaged + ledger.check(batches)
