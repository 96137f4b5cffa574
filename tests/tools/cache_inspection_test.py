#!/usr/bin/env python3
"""What `wavetank cache` says of directories that a generator sharing no code with it has made and damaged.

  cache_inspection_test.py WAVETANK [SEED]
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cache"))
import kvc_reference  # noqa: E402

DIRECTORIES = 8
FILES = 60
DAMAGES = ("none", "none", "head", "payload", "cut", "longer", "name")


def flip(source, data, positions):
    damaged = bytearray(data)
    damaged[source.choice(positions)] ^= 1 << source.randrange(8)
    return bytes(damaged)


def damage(source, how, data, payload_size):
    """The file's bytes after it; hit count, last use and the checksum's own entry are not what is damaged."""
    head = len(data) - payload_size
    if how == "head":
        return flip(source, data, [at for at in range(head - 9) if not (12 <= at < 16 or 32 <= at < 40)])
    if how == "payload":
        return flip(source, data, range(head, len(data)))
    if how == "cut":
        return data[:source.randrange(len(data))]
    return data + source.randbytes(3) if how == "longer" else data


def fill(source, folder):
    """(rows by key, names with a damaged head, names with a damaged payload)"""
    rows, heads, payloads = {}, set(), set()
    for _ in range(FILES):
        meta = kvc_reference.random_meta(source)
        payload = source.randbytes(source.choice([1, 4096, 30001]))
        data = kvc_reference.write(meta, payload)
        how = source.choice(DAMAGES)
        key = source.randbytes(32).hex() if how == "name" else kvc_reference.key(meta)
        (folder / f"{key}.kvc").write_bytes(damage(source, how, data, len(payload)))
        if how in ("none", "payload"):
            rows[key] = {"key": key, "file_bytes": len(data), "payload_bytes": len(payload),
                         "tokens": len(meta["tokens"]), "context_size": meta["context_size"],
                         "hits": meta["hit_count"], "creation_time_s": meta["creation_time"],
                         "last_use_s": meta["last_use"], "head_checksummed": True}
        if how == "payload":
            payloads.add(f"{key}.kvc")
        elif how != "none":
            heads.add(f"{key}.kvc")
    return rows, heads, payloads


def inspect(program, folder, *options):
    done = subprocess.run([program, "cache", folder, "--json", *options], check=False, text=True,
                          stdout=subprocess.PIPE)
    return done.returncode, json.loads(done.stdout)


def check(program, folder, options, rows, damaged):
    code, said = inspect(program, folder, *options)
    wrong = [] if code == (1 if damaged else 0) else [f"{options}: exit {code}"]
    if {one["name"] for one in said["damaged"]} != damaged:
        wrong.append(f"{options}: other files are damaged")
    kept = [rows[key] for key in sorted(rows) if f"{key}.kvc" not in damaged]
    if [{name: row[name] for name in kept[0]} for row in said["rows"]] != kept:
        wrong.append(f"{options}: other rows, or rows with other fields")
    return wrong


def check_directory(program, source, folder):
    rows, heads, payloads = fill(source, folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    wrong = check(program, folder, [], rows, heads)
    wrong += check(program, folder, ["--verify"], rows, heads | payloads)
    if {file.name: file.read_bytes() for file in folder.iterdir()} != before:
        wrong.append("a look changed the directory")
    wrong += check(program, folder, ["--verify", "--repair"], rows, heads | payloads)
    sound = {key: row for key, row in rows.items() if f"{key}.kvc" not in payloads}
    wrong += check(program, folder, ["--verify"], sound, set())
    kept = list(folder.glob("*.kvc")) + list((folder / "quarantine").iterdir())
    if {file.name: file.read_bytes() for file in kept} != before:
        wrong.append("a repair lost or changed a file")
    return wrong


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    seed = int(arguments[1]) if len(arguments) == 2 else 1
    print(f"seed {seed}")
    source = random.Random(seed)
    wrong = []
    for _ in range(DIRECTORIES):
        with tempfile.TemporaryDirectory() as folder:
            wrong += check_directory(arguments[0], source, pathlib.Path(folder))
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
