"""The file systems that the lab knows, each as small as its mkfs makes it."""
import os
import shutil
import subprocess
from typing import NamedTuple

MEBIBYTE = 1 << 20


def find_program(name):
    """Also where only root's PATH leads."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class FileSystem(NamedTuple):
    name: str
    mebibytes: int
    make: list
    mount_options: str = ""

    def is_there(self):
        return find_program(self.make[0]) is not None and (self.is_in_kernel() or self.is_loaded())

    def is_in_kernel(self):
        with open("/proc/filesystems", encoding="ascii") as known:
            return self.name in known.read().split()

    def is_loaded(self):
        """As a module, if it is one."""
        modprobe = find_program("modprobe")
        if modprobe is None:
            return False
        return subprocess.run([modprobe, "--quiet", self.name], check=False, timeout=60).returncode == 0

    def create(self, path):
        with path.open("wb") as file:
            file.truncate(self.mebibytes * MEBIBYTE)
        program, *options = self.make
        subprocess.run([find_program(program), *options, path], check=True, stdout=subprocess.DEVNULL, timeout=60)


ALL = {
    known.name: known for known in [
        # Blocks of 4096 bytes, as on every larger disk; the smallest images would have 1024.
        FileSystem("ext4", 32, ["mkfs.ext4", "-q", "-F", "-b", "4096"], "errors=remount-ro"),
        FileSystem("xfs", 300, ["mkfs.xfs", "-q", "-f"]),
        # No file in a leaf of the tree: a write that fails is one of data.
        FileSystem("btrfs", 128, ["mkfs.btrfs", "-q", "-f"], "max_inline=0"),
    ]
}
