#!/usr/bin/env python3
"""The `.kvc` format a second time, from its table alone: shares no code with the library, and judges it.

  kvc_reference.py golden FOLDER            writes the golden files
  kvc_reference.py check-golden FOLDER      they are what this script writes
  kvc_reference.py exchange PROGRAM [SEED]  files of either side are read by the other: same fields, same bytes

PROGRAM is built from kvc_exchange.cpp. A description is one line a field; both sides print it alike.
"""
import hashlib
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

FILES_EACH_WAY = 300
QUANT_TYPES = 30
TEXTS = {"hostname": 0x05, "library_version": 0x06, "save_reason_detail": 0x07}


def crc32c_table():
    table = []
    for number in range(256):
        for _ in range(8):
            number = (number >> 1) ^ (0x82F63B78 if number & 1 else 0)
        table.append(number)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def key(meta):
    data = meta["fingerprint"] + bytes([meta["quant"]]) + meta["ctx_params_hash"]
    data += b"".join(struct.pack("<I", token) for token in meta["tokens"])
    return hashlib.sha256(data).hexdigest()


def tlv(tag, value):
    return struct.pack("<BI", tag, len(value)) + value


def write(meta, payload, head_checksum=True):
    """The bytes of a file."""
    entries = tlv(0x01, meta["fingerprint"])
    entries += tlv(0x02, bytes([meta["fingerprint_mode"]]))
    entries += tlv(0x03, bytes([meta["quant"]]))
    entries += tlv(0x04, meta["ctx_params_hash"])
    entries += tlv(0x08, struct.pack("<I", len(meta["tokens"])))
    entries += tlv(0x09, b"".join(struct.pack("<I", token) for token in meta["tokens"]))
    for name, tag in TEXTS.items():
        if meta[name] is not None:
            entries += tlv(tag, meta[name])
    checksum_bytes = 9 if head_checksum else 0
    offset = 72 + 4 + len(meta["prompt"]) + 4 + len(entries) + checksum_bytes

    def head(hit_count, last_use):
        data = b"KVC" + struct.pack("<BBBH", 1, meta["quant_bits"], meta["save_reason"], 0)
        data += struct.pack("<IIII", len(meta["tokens"]), hit_count, meta["context_size"], 0)
        data += struct.pack("<QQ", meta["creation_time"], last_use)
        data += struct.pack("<QQQ", len(payload), offset, len(payload))
        data += struct.pack("<II", crc32c(payload), 0)
        assert len(data) == 72
        data += struct.pack("<I", len(meta["prompt"])) + meta["prompt"]
        return data + struct.pack("<I", len(entries) + checksum_bytes) + entries

    tail = b""
    if head_checksum:
        tail = struct.pack("<BI", 0x20, 4)
        tail += struct.pack("<I", crc32c(head(0, 0) + tail))
    return head(meta["hit_count"], meta["last_use"]) + tail + payload


def read(data):
    """(meta, payload, whether the head has its checksum); ValueError for what is no such file."""
    def require(condition, what):
        if not condition:
            raise ValueError(what)

    magic, version, bits, reason, zero, count, hits, context, zero_too = struct.unpack_from("<3sBBBHIIII", data, 0)
    created, used, byte_count, offset, length, payload_crc, zero_again = struct.unpack_from("<QQQQQII", data, 24)
    require(magic == b"KVC" and version == 1 and zero == zero_too == zero_again == 0 and reason <= 5, "header")
    require(byte_count == length and offset + length == len(data), "extent")
    payload = data[offset:]
    require(crc32c(payload) == payload_crc, "payload checksum")
    prompt_length, = struct.unpack_from("<I", data, 72)
    prompt = data[76:76 + prompt_length]
    section_length, = struct.unpack_from("<I", data, 76 + prompt_length)
    at = 80 + prompt_length
    require(at + section_length == offset, "TLV section")
    entries = {}
    while at < offset:
        tag, size = struct.unpack_from("<BI", data, at)
        require(at + 5 + size <= offset and tag not in entries, "TLV")
        entries[tag] = data[at + 5:at + 5 + size]
        if tag == 0x20:
            covered = data[:12] + bytes(4) + data[16:32] + bytes(8) + data[40:at + 5]
            require(struct.pack("<I", crc32c(covered)) == entries[tag] and at + 9 == offset, "head checksum")
        at += 5 + size
    require(all(tag in entries for tag in (0x01, 0x02, 0x03, 0x04, 0x09)), "mandatory TLV")
    require(len(entries[0x09]) == 4 * count and struct.pack("<I", count) == entries[0x08], "token count")
    meta = {"fingerprint": entries[0x01], "fingerprint_mode": entries[0x02][0], "quant": entries[0x03][0],
            "quant_bits": bits, "ctx_params_hash": entries[0x04], "context_size": context, "save_reason": reason,
            "hit_count": hits, "creation_time": created, "last_use": used, "prompt": prompt,
            "tokens": list(struct.unpack(f"<{count}I", entries[0x09]))}
    for name, tag in TEXTS.items():
        meta[name] = entries.get(tag)
    return meta, payload, 0x20 in entries


def description(meta, payload, head_checksum):
    lines = [f"key {key(meta)}", f"fingerprint {meta['fingerprint'].hex()}",
             f"fingerprint_mode {meta['fingerprint_mode']}", f"quant {meta['quant']}",
             f"quant_bits {meta['quant_bits']}", f"ctx_params_hash {meta['ctx_params_hash'].hex()}",
             "tokens" + "".join(f" {token}" for token in meta["tokens"]), f"context_size {meta['context_size']}",
             f"save_reason {meta['save_reason']}", f"hit_count {meta['hit_count']}",
             f"creation_time {meta['creation_time']}", f"last_use {meta['last_use']}",
             f"prompt {meta['prompt'].hex()}"]
    for name in TEXTS:
        lines.append(f"{name} none" if meta[name] is None else f"{name} {meta[name].hex()}.")
    lines += [f"payload {hashlib.sha256(payload).hexdigest()}", f"head_checksum {int(head_checksum)}"]
    return "\n".join(lines) + "\n"


def random_meta(source):
    def number(bits):
        return source.choice([0, 1, (1 << bits) - 1, source.getrandbits(bits)])

    def text():
        return source.randbytes(source.choice([0, 1, 2, 5, 16, 200]))

    meta = {"fingerprint": source.randbytes(32), "fingerprint_mode": source.randrange(3),
            "quant": source.randrange(QUANT_TYPES), "quant_bits": source.randrange(256),
            "ctx_params_hash": source.randbytes(32),
            "tokens": [number(32) for _ in range(source.choice([0, 1, 2, 17, 500]))], "context_size": number(32),
            "save_reason": source.randrange(6), "hit_count": number(32), "creation_time": number(64),
            "last_use": number(64), "prompt": text()}
    for name in TEXTS:
        meta[name] = text() if source.randrange(2) else None
    return meta


GOLDEN = [
    # As ours are written.
    ({"fingerprint": bytes(range(32)), "fingerprint_mode": 1, "quant": 7, "quant_bits": 4,
      "ctx_params_hash": bytes(range(100, 132)), "tokens": [1, 256, 65536, 4294967295], "context_size": 8192,
      "save_reason": 2, "hit_count": 3, "creation_time": 1700000000, "last_use": 1700000100,
      "prompt": "Wer reitet so spät".encode(), "hostname": b"node-7", "library_version": b"1.2.3",
      "save_reason_detail": b"turn 4"}, bytes(range(256)) * 3, True),
    # As the original's are: no checksum of the head.
    ({"fingerprint": bytes(range(32, 64)), "fingerprint_mode": 0, "quant": 29, "quant_bits": 16,
      "ctx_params_hash": bytes(range(132, 164)), "tokens": [7], "context_size": 512, "save_reason": 1, "hit_count": 0,
      "creation_time": 1, "last_use": 2, "prompt": b"", "hostname": None, "library_version": b"0.9",
      "save_reason_detail": None}, b"payload", False),
]


def golden_files():
    return {f"{key(meta)}.kvc": write(meta, payload, tagged) for meta, payload, tagged in GOLDEN}


def check_golden(folder):
    kept = {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
    return [] if kept == golden_files() else [f"{folder}: not what this script writes"]


def ours_are_read_by_theirs(program, source, folder):
    wrong = []
    expected = {}
    for _ in range(FILES_EACH_WAY):
        meta, payload, tagged = random_meta(source), source.randbytes(source.choice([0, 1, 4096, 70001])), \
            bool(source.randrange(2))
        file = folder / f"{key(meta)}.kvc"
        file.write_bytes(write(meta, payload, tagged))
        expected[file] = description(meta, payload, tagged)
    said = subprocess.run([program, "describe", *expected], check=False, text=True, stdout=subprocess.PIPE)
    if said.returncode != 0:
        wrong.append("the library refuses files of this script, or would write them differently")
    if said.stdout != "".join(expected.values()):
        wrong.append("the library describes files of this script differently")
    return wrong


def theirs_are_read_by_ours(program, source, folder, how="generate"):
    wrong = []
    subprocess.run([program, how, folder, str(source.getrandbits(63)), str(FILES_EACH_WAY)], check=True)
    files = sorted(folder.glob("*.kvc"))
    if len(files) != FILES_EACH_WAY:
        wrong.append(f"{len(files)} files, {FILES_EACH_WAY} were asked for")
    for file in files:
        data = file.read_bytes()
        meta, payload, tagged = read(data)
        if description(meta, payload, tagged) != file.with_suffix(".txt").read_text(encoding="ascii"):
            wrong.append(f"{file.name}: its fields are others than the library meant")
        if write(meta, payload) != data:
            wrong.append(f"{file.name}: this script would write other bytes")
        if f"{key(meta)}.kvc" != file.name:
            wrong.append(f"{file.name}: its key is {key(meta)}")
    return wrong


def what_their_cache_saves_is_read_by_ours(program, source, folder):
    return theirs_are_read_by_ours(program, source, folder, "save")


def exchange(program, seed):
    print(f"seed {seed}")
    source = random.Random(seed)
    wrong = []
    for direction in (ours_are_read_by_theirs, theirs_are_read_by_ours,
                      what_their_cache_saves_is_read_by_ours):
        with tempfile.TemporaryDirectory() as folder:
            wrong += direction(program, source, pathlib.Path(folder))
    return wrong


def main(arguments):
    assert crc32c(b"123456789") == 0xE3069283 and crc32c(bytes(32)) == 0x8A9136AA
    if len(arguments) == 2 and arguments[0] == "golden":
        for name, data in golden_files().items():
            (pathlib.Path(arguments[1]) / name).write_bytes(data)
        wrong = []
    elif len(arguments) == 2 and arguments[0] == "check-golden":
        wrong = check_golden(pathlib.Path(arguments[1]))
    elif len(arguments) in (2, 3) and arguments[0] == "exchange":
        wrong = exchange(arguments[1], int(arguments[2]) if len(arguments) == 3 else 1)
    else:
        print(__doc__, file=sys.stderr)
        return 2
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
