"""The file systems that the lab knows, each as small as its mkfs makes it."""
import shutil
import subprocess
from typing import NamedTuple

MEBIBYTE = 1 << 20


class FileSystem(NamedTuple):
    name: str
    mebibytes: int
    make: list
    mount_options: str = ""

    def is_there(self):
        with open("/proc/filesystems", encoding="ascii") as known:
            return shutil.which(self.make[0]) is not None and self.name in known.read().split()

    def create(self, path):
        with path.open("wb") as file:
            file.truncate(self.mebibytes * MEBIBYTE)
        subprocess.run([*self.make, path], check=True, stdout=subprocess.DEVNULL, timeout=60)


ALL = {
    known.name: known for known in [
        # Blocks of 4096 bytes, as on every larger disk; the smallest images would have 1024.
        FileSystem("ext4", 32, ["mkfs.ext4", "-q", "-F", "-b", "4096"], "errors=remount-ro"),
        FileSystem("xfs", 300, ["mkfs.xfs", "-q", "-f"]),
        FileSystem("btrfs", 128, ["mkfs.btrfs", "-q", "-f"]),
    ]
}
