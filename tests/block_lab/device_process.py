"""The lab's side of block_device.py: starts it, follows its log, moves its medium to another state and back."""
import contextlib
import mmap
import pathlib
import select
import subprocess
import threading

import linux_devices
import write_log

SECONDS_TO_START = 20
SECONDS_FOR_ONE_STEP = 60
COPY_BYTES = 1 << 16


class Medium:
    """The bytes of the disk, with a way back to every earlier state."""

    def __init__(self, path):
        with path.open("r+b") as file:
            self.bytes = mmap.mmap(file.fileno(), 0)
        self.undo = []  # (offset, bytes before), oldest first

    def state(self):
        return len(self.undo)

    def write(self, offset, data):
        self.undo.append((offset, self.bytes[offset:offset + len(data)]))
        self.bytes[offset:offset + len(data)] = data

    def written_by_device(self, entries):
        self.undo += [(entry.offset, entry.before) for entry in entries if entry.kind == write_log.WRITE]

    def go_back(self, state):
        while len(self.undo) > state:
            offset, data = self.undo.pop()
            self.bytes[offset:offset + len(data)] = data

    def forget_the_past(self):
        self.undo.clear()

    def copy_to(self, path):
        """As a sparse file."""
        with path.open("wb") as file:
            file.truncate(len(self.bytes))
            for at in range(0, len(self.bytes), COPY_BYTES):
                piece = self.bytes[at:at + COPY_BYTES]
                if any(piece):
                    file.seek(at)
                    file.write(piece)


class Device:
    """Must be on nobody's mount when it is closed."""

    def __init__(self, medium_path, work, lying):
        self.medium = Medium(medium_path)
        self.folder = work / "device"
        self.folder.mkdir()
        log = work / "log"
        log.touch()
        self.log = log.open("r+b", buffering=0)
        self.unread = b""
        program = pathlib.Path(__file__).with_name("block_device.py")
        # A session of its own: Ctrl-C is for the lab, which still has to unmount.
        self.process = subprocess.Popen([program, medium_path, log, self.folder, *["--lying"] * lying],
                                        stdout=subprocess.PIPE, start_new_session=True)
        readable, _, _ = select.select([self.process.stdout], [], [], SECONDS_TO_START)
        if not readable or self.process.stdout.readline() != b"ready\n":
            self.close()
            raise RuntimeError("the block device does not start")

    @property
    def disk(self):
        return self.folder / "disk"

    @property
    def said(self):
        return self.folder / "said"

    def fail_writes_of(self, text, seed):
        """From now on some of them fail; none, if the text is empty."""
        with (self.folder / "faults").open("r+b", buffering=0) as faults:
            faults.write(f"{seed} {text.hex()}".encode())

    def new_entries(self):
        """By what the log has grown. The medium can be moved again to before all of it."""
        self.unread += self.log.read()
        entries, length = write_log.decode(self.unread)
        self.unread = self.unread[length:]
        self.medium.written_by_device(entries)
        return entries

    def last_entries(self):
        """As new_entries, when nobody uses the disk any more: the log begins anew."""
        entries = self.new_entries()
        if self.unread:
            raise RuntimeError("the log of the device is cut short")
        self.log.truncate(0)
        self.log.seek(0)
        return entries

    @contextlib.contextmanager
    def guarded(self):
        """A step that takes too long fails: without its device, every call that waits for it ends with an error."""
        guard = threading.Timer(SECONDS_FOR_ONE_STEP, self.process.kill)
        guard.start()
        try:
            yield
        finally:
            guard.cancel()
        if self.process.poll() is not None:
            raise RuntimeError(f"no end within {SECONDS_FOR_ONE_STEP} s, or the block device died")

    def close(self):
        linux_devices.unmount_at_last(self.folder)
        try:
            self.process.wait(SECONDS_TO_START)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()
