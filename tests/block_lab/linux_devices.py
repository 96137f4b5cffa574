"""The system calls that the lab needs: a mount namespace of its own, mount, a loop device. All of them need root.

Whatever happens to the lab, nothing is left: mounts end with the last process of the namespace, and a loop device with
its last user.
"""
import contextlib
import ctypes
import errno
import fcntl
import os
import struct

CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE = 0x4000, 1 << 18
MNT_DETACH = 2
LOOP_CONFIGURE, LOOP_CTL_GET_FREE = 0x4C0A, 0x4C82
LO_FLAGS_AUTOCLEAR = 4
# struct loop_config: descriptor, block size, then struct loop_info64, of which only the flags are given.
LOOP_CONFIG = struct.Struct("<II 5Q 4I 64s 64s 32s 2Q 8Q")

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def path_bytes(path):
    return os.fsencode(os.fspath(path))


def enter_own_mount_namespace():
    call("unshare", CLONE_NEWNS)
    call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)


def mount_memory(folder):
    call("mount", b"memory", path_bytes(folder), b"tmpfs", 0, b"mode=700")


def sync_file_system(folder):
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        call("syncfs", descriptor)
    finally:
        os.close(descriptor)


def unmount(folder):
    call("umount2", path_bytes(folder), 0)


def unmount_at_last(folder):
    """However busy it is, and even if it is not mounted."""
    with contextlib.suppress(OSError):
        call("umount2", path_bytes(folder), MNT_DETACH)


@contextlib.contextmanager
def loop_device(backing_file):
    """The path of a new loop device on the file; it goes when nobody has it open any more."""
    backing = os.open(backing_file, os.O_RDWR)
    try:
        path, device = configured_loop(backing)
    finally:
        os.close(backing)
    try:
        yield path
    finally:
        os.close(device)


def configured_loop(backing):
    flags = (0, 0, 0, LO_FLAGS_AUTOCLEAR)
    config = LOOP_CONFIG.pack(backing, 0, *[0] * 5, *flags, b"", b"", b"", *[0] * 10)
    while True:
        with open("/dev/loop-control", "rb") as control:
            path = f"/dev/loop{fcntl.ioctl(control, LOOP_CTL_GET_FREE)}"
        device = os.open(path, os.O_RDWR)
        try:
            fcntl.ioctl(device, LOOP_CONFIGURE, config)
            return path, device
        except OSError as error:
            os.close(device)
            if error.errno != errno.EBUSY:  # somebody else was faster: ask for another one
                raise


@contextlib.contextmanager
def mounted(backing_file, kind, options, folder):
    """A file system of this kind from the file, at the folder."""
    with loop_device(backing_file) as device:
        call("mount", path_bytes(device), path_bytes(folder), kind.encode(), 0, options.encode())
    try:
        yield folder
    except BaseException:
        unmount_at_last(folder)
        raise
    unmount(folder)
