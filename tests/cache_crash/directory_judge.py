"""Judges a cache directory against a ledger, by the format's table alone (tests/cache/kvc_reference.py)."""
import functools
import pathlib
import re
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cache"))
import kvc_reference  # noqa: E402

# Most files outlive many kills; the same bytes have the same checksum.
kvc_reference.crc32c = functools.lru_cache(maxsize=4096)(kvc_reference.crc32c)

FINAL = re.compile(r"([0-9a-f]{64})\.kvc")
TEMPORARY = re.compile(r"[0-9a-f]{64}\.kvc\.[0-9A-Za-z_-]+\.tmp")


def payload(key, content):
    """As cache_crash_writer makes it."""
    size = 40000 if content % 16 == 0 else 100 + content * 977 % 6000
    return (struct.pack("<Q", content << 8 | key) * (size // 8 + 1))[:size]


def judge_file(ledger, name, data):
    """(its key, what is wrong with it or None)"""
    try:
        meta, kept, tagged = kvc_reference.read(data)
    except (ValueError, struct.error) as error:
        return None, f"{name} does not parse: {error}"
    if f"{kvc_reference.key(meta)}.kvc" != name:
        return None, f"{name} is of key {kvc_reference.key(meta)}"
    key, = meta["tokens"]
    content = struct.unpack_from("<Q", kept)[0] >> 8
    if not tagged:
        return key, f"{name} has no checksum of its head"
    if kept != payload(key, content):
        return key, f"{name} (key {key}) has a payload that nobody saved"
    if not ledger.may_hold(key, content):
        return key, f"{name} (key {key}) has content {content}, owed {ledger.owed.get(key)}"
    return key, None


def judge(ledger, folder, after_a_start):
    """(what is wrong, how many temporary files there are). None may be left after a start."""
    wrong = []
    present = set()
    temporaries = 0
    for file in sorted(folder.iterdir()) if folder.exists() else []:
        if FINAL.fullmatch(file.name):
            key, why = judge_file(ledger, file.name, file.read_bytes())
            present.add(key)
            wrong += [why] if why else []
        elif TEMPORARY.fullmatch(file.name):
            temporaries += 1
            wrong += [f"{file.name} is left after a start"] if after_a_start else []
        elif file.name == "quarantine":
            wrong += [f"{kept.name} was put into the quarantine" for kept in file.iterdir()]
        elif file.name != ".lock":
            wrong.append(f"{file.name}: whose is it?")
    wrong += [f"key {key} was acknowledged and has no file" for key in sorted(ledger.owed.keys() - present)]
    return wrong, temporaries
