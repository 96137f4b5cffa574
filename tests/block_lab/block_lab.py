#!/usr/bin/env python3
"""Power cuts of a real file system, each of them tried: does what was acknowledged survive?

  block_lab.py BUILD [--file-system NAME]... [--program NAME]... [--images N] [--seconds N] [--seed N] [--faults]
                     [--broken HOW]

The program works on a real ext4, xfs or btrfs, on a loop device, on a block device that logs each write and flush
(block_device.py). The program says there, too, what it begins and what it was answered, so that each answer has its
place among the writes. From the log, images are made of what a power cut may leave (crash_images.py); each is mounted,
which runs the file system's own recovery, held against every ledger of the moments at which it may arise, recovered by
the program, and judged again. Some are cut once more while they recover. The next round goes on from where the program
came to, so that the file system ages. With --faults some writes of the program's data fail while it works, and what is
acknowledged is still to be there.

Ends with 77 where it cannot run: it needs root, /dev/fuse, loop devices, python3-fusepy and a mkfs.

What it does not see: writes that were under way when a flush was asked for count as flushed if the device got them
before; a disk need not flush them. A file system waits for what it relies on, so it should not matter. A seed
repeats the choices that the lab makes, and not those of the kernel: what fails is kept as an image.
"""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import cache_subject
import file_systems
import linux_devices
import log_subject
from laboratory import Lab

SKIPPED = 77
SYSTEM_PYTHON = "/usr/bin/python3"  # of which python3-fusepy is a package
PROGRAMS = {"cache": cache_subject, "log": log_subject}
BROKEN = ["device", "file_sync", "directory_sync", "failed_sync"]


def why_not():
    """What is missing, or None."""
    if os.geteuid() != 0:
        return "you are not root"
    if subprocess.run([SYSTEM_PYTHON, "-c", "import fusepy"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return "python3-fusepy is not installed (./dev deps)"
    with tempfile.NamedTemporaryFile() as backing:
        try:
            os.close(os.open("/dev/fuse", os.O_RDWR))
            linux_devices.enter_own_mount_namespace()
            with linux_devices.loop_device(backing.name):
                return None
        except OSError as error:
            return f"no devices or mounts of our own: {error}"


def try_program(kind, program, options):
    """Whether the answer is as expected."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wavetank_lab_") as work:
        linux_devices.mount_memory(work)
        try:
            lab = Lab(kind, PROGRAMS[program], pathlib.Path(work), options)
            try:
                wrong = lab.work()
            finally:
                lab.close()
        finally:
            linux_devices.unmount_at_last(work)
    print(f"{program} on {kind.name}: {lab.counts}; {time.monotonic() - started:.1f} s")
    for line in wrong:
        print(f"  {line}")
    if options.broken and not wrong:
        print(f"  the broken {options.broken} was not caught")
    sys.stdout.flush()
    return bool(wrong) == bool(options.broken)


def parse_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--file-system", action="append", choices=file_systems.ALL, help="default: all that are there")
    parser.add_argument("--program", action="append", choices=PROGRAMS, help="default: all")
    parser.add_argument("--images", type=int, default=1 << 40, help="to mount of each program on each file system")
    parser.add_argument("--seconds", type=float, default=60, help="for each program on each file system")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--faults", action="store_true", help="some writes of data fail")
    parser.add_argument("--broken", choices=BROKEN, help="must be caught: this breaks its promise")
    return parser.parse_args()


def stop(_signal, _frame):
    raise SystemExit("stopped")


def main():
    options = parse_options()
    missing = why_not()
    if missing:
        print(f"skipped: {missing}")
        return SKIPPED
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, stop)
    print(f"seed {options.seed}", flush=True)
    right = True
    tried = 0
    for name in options.file_system or file_systems.ALL:
        if not file_systems.ALL[name].is_there():
            print(f"{name}: skipped: it is not in this kernel, or its mkfs is not installed (./dev deps soak)")
            continue
        tried += 1
        for program in options.program or PROGRAMS:
            if options.broken is None or options.broken in PROGRAMS[program].MUST_BE_CAUGHT:
                right = try_program(file_systems.ALL[name], program, options) and right
    if tried == 0:
        return SKIPPED
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
