#!/usr/bin/python3
"""A block device in a file that remembers what it was told, in the order in which it was told it.

  block_device.py MEDIUM LOG FOLDER [--lying]

A FUSE file system of three files in FOLDER. `disk` is MEDIUM, to be put under a loop device. What is written to `said`
is what a program has to say: it gets its place among the writes and flushes of the disk. A write is answered when it is
in LOG (write_log.py has the format), and one request is served after the other. Prints `ready`, ends when it is
unmounted and dies with its parent. A lying device answers flushes and takes no note of them, so that no write is ever
durable.

What is written to `faults` is a seed and a text in hexadecimal digits: from then on one in a few writes of bytes that
hold the text fails, and has its effect or has not. An empty text ends that.

Python of the distribution, because python3-fusepy is a package of it.
"""
import argparse
import ctypes
import errno
import os
import random
import signal
import stat

import fusepy
import write_log

PR_SET_PDEATHSIG = 1
ONE_IN_SO_MANY_FAILS = 6


class Device(fusepy.Operations):
    def __init__(self, medium, log, lying):
        self.medium = os.open(medium, os.O_RDWR)
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND)
        self.lying = lying
        self.sizes = {"/disk": os.fstat(self.medium).st_size, "/said": 0, "/faults": 0}
        self.faulty_text = b""
        self.source = random.Random()

    def init(self, path):
        print("ready", flush=True)

    def getattr(self, path, fh=None):
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2}
        if path not in self.sizes:
            raise fusepy.FuseOSError(errno.ENOENT)
        return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": self.sizes[path]}

    def read(self, path, size, offset, fh):
        return os.pread(self.medium, size, offset) if path == "/disk" else b""

    def write(self, path, data, offset, fh):
        if path == "/said":
            self.sizes[path] += len(data)
            self.remember(write_log.SAID, 0, data)
        elif path == "/faults":
            seed, text = data.decode().split(" ")
            self.source.seed(seed)
            self.faulty_text = bytes.fromhex(text)
        elif offset + len(data) > self.sizes[path]:
            raise fusepy.FuseOSError(errno.ENOSPC)
        else:
            self.write_disk(data, offset)
        return len(data)

    def write_disk(self, data, offset):
        fails = self.faulty_text and self.faulty_text in data and self.source.randrange(ONE_IN_SO_MANY_FAILS) == 0
        if not fails or self.source.randrange(2) == 0:
            before = os.pread(self.medium, len(data), offset)
            os.pwrite(self.medium, data, offset)
            self.remember(write_log.WRITE, offset, data, before)
        if fails:
            raise fusepy.FuseOSError(errno.EIO)

    def fsync(self, path, datasync, fh):
        if not self.lying:
            self.remember(write_log.FLUSH)
        return 0

    def remember(self, kind, offset=0, data=b"", before=b""):
        os.write(self.log, write_log.encode(kind, offset, data, before))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("medium")
    parser.add_argument("log")
    parser.add_argument("folder")
    parser.add_argument("--lying", action="store_true")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    device = Device(options.medium, options.log, options.lying)
    # direct_io: no cache between the loop device and the log. nothreads: the log's order is the order of the answers.
    fusepy.FUSE(device, options.folder, foreground=True, nothreads=True, direct_io=True, big_writes=True)


if __name__ == "__main__":
    main()
