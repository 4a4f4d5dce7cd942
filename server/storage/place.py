"""Folders that requests can write to: their quota, and files opened without following links out of them."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from server.errors import StorageFull

_NUMBERS = {
    ("openat2", "x86_64"): 437,
    ("openat2", "aarch64"): 437,
    ("renameat2", "x86_64"): 316,
    ("renameat2", "aarch64"): 276,
}
"""Numbers of system calls, by name and processor, that are made without a function of the C library."""

_NO_MAGICLINKS = 0x02
"""Flag of openat2(2) that follows no magic link, such as those in ``/proc``."""
_NO_SYMLINKS = 0x04
"""Flag of openat2(2) that follows no symbolic link."""
_BENEATH = 0x08
"""Flag of openat2(2) that resolves no name out of the folder."""
_NOREPLACE = 1
"""Flag of renameat2(2) that replaces no file."""
_EXCHANGE = 2
"""Flag of renameat2(2) that exchanges two names."""


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_by_kernel(root: int, parts: Sequence[str], flags: int) -> int:
    """Resolve all of `parts` in one call, following no link; no component can be exchanged meanwhile.

    Raises
    ------
    OSError
        ``ENOSYS`` where the kernel (before 5.6) or processor lacks the call; ``ELOOP``
        for a symbolic link anywhere in `parts`; ``EXDEV`` where they would leave `root`.
    """
    path = "/".join(parts) or "."
    how = _OpenHow(flags | os.O_CLOEXEC, 0, _BENEATH | _NO_SYMLINKS | _NO_MAGICLINKS)
    return _call("openat2", root, path.encode(), ctypes.byref(how), ctypes.c_size_t(ctypes.sizeof(how)))


def rename_noreplace(folder: int, old: str, new: str) -> None:
    """Rename within the directory descriptor `folder`, unless `new` exists.

    Raises
    ------
    OSError
        ``EEXIST`` where `new` exists; ``ENOSYS`` or ``EINVAL`` where kernel or file
        system cannot do this.
    """
    _call("renameat2", folder, old.encode(), folder, new.encode(), _NOREPLACE)


def rename_exchange(folder: int, one: str, other: str) -> None:
    """Exchange two names within the directory descriptor `folder`, in one step.

    Raises
    ------
    OSError
        ``ENOENT`` where a name is missing; ``ENOSYS`` or ``EINVAL`` where kernel or file
        system cannot do this.
    """
    _call("renameat2", folder, one.encode(), folder, other.encode(), _EXCHANGE)


def _call(name: str, *arguments: object) -> int:
    # Python passes numbers on as C's int, and bytes as the pointer to a string.
    number = _NUMBERS.get((name, platform.machine()))
    if number is None or sys.maxsize < 2**32:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    result = _syscall()(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return int(result)


@cache
def _syscall() -> Callable[..., int]:
    # Loaded once: it takes a tenth of a millisecond, as long as opening a file does.
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc.syscall


Opener = Callable[[int, Sequence[str], int], int]
"""Opens components below a root descriptor with flags; raises OSError with ``ELOOP`` at a link."""

FOLDER = os.O_RDONLY | os.O_DIRECTORY
"""Flags to open a folder for making, syncing and listing files in it."""


@contextlib.contextmanager
def held(descriptor: int) -> Iterator[int]:
    """Close a descriptor at the end of the block."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_by_steps(root: int, parts: Sequence[str], flags: int) -> int:
    """Resolve component by component, each from the one opened before, following no link."""
    folder = os.open(".", os.O_PATH | os.O_DIRECTORY, dir_fd=root)
    try:
        for part in parts[:-1]:
            inner = _step(folder, part, os.O_PATH | os.O_DIRECTORY)
            os.close(folder)
            folder = inner
        return _step(folder, parts[-1] if parts else ".", flags)
    finally:
        os.close(folder)


def best_opener(root: int) -> Opener:
    """Return `open_by_kernel` where it works, else `open_by_steps`.

    It is tried, not deduced from the kernel's version, as system call filters of containers
    answer ``EPERM`` or ``ENOSYS`` on kernels that have it.
    """
    try:
        os.close(open_by_kernel(root, (), os.O_PATH | os.O_DIRECTORY))
    except OSError:
        return open_by_steps
    return open_by_kernel


def make_folders(opener: Opener, root: int, parts: Sequence[str]) -> int:
    """Open the folder `parts`, which is made (0700) with its parents where missing."""
    for depth in range(len(parts)):
        with held(opener(root, parts[:depth], FOLDER)) as parent:
            _make(parent, parts[depth])
    return opener(root, parts, FOLDER)


def _make(parent: int, name: str) -> None:
    try:
        os.mkdir(name, 0o700, dir_fd=parent)
    except FileExistsError:
        return
    os.fsync(parent)


def _step(folder: int, part: str, flags: int) -> int:
    try:
        return os.open(part, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except NotADirectoryError as exc:
        # O_DIRECTORY reports a link as ENOTDIR; openat2 as ELOOP, as here.
        if stat.S_ISLNK(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from exc
        raise


class Quota:
    """Quota of the bytes below a root.

    The folder is measured once, and again only before a save would be refused, so that
    files removed by others count at once and an ordinary save costs no walk.

    Parameters
    ----------
    used
        Bytes in use now; None to measure them before the first file.

    Attributes
    ----------
    limit
        Limit of all files below the root together, in bytes; None for no limit.
    """

    def __init__(self, limit: int | None, used: int | None) -> None:
        self.limit = limit
        self._used = used
        self._writing = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def reserve(self, root: int, size: int, name: str) -> Iterator[None]:
        """Reserve `size` bytes while a file is written; they count as used afterwards.

        Raises
        ------
        server.errors.StorageFull
            The limit would be exceeded.
        """
        self._begin(root, size, name)
        written = 0
        try:
            yield
            written = size
        finally:
            self._end(size, written)

    def _begin(self, root: int, size: int, name: str) -> None:
        with self._lock:
            if self.limit is not None and not self._fits(size):
                _, self._used = measured(root)
                if not self._fits(size):
                    raise StorageFull(name=name)
            self._writing += size

    def _fits(self, size: int) -> bool:
        limit = self.limit
        used = self._used
        return limit is None or (used is not None and used + self._writing + size <= limit)

    def _end(self, size: int, written: int) -> None:
        with self._lock:
            self._writing -= size
            if self._used is not None:
                self._used += written


def measured(root: int) -> tuple[int, int]:
    """Return number and bytes of all files below a folder, without files that vanish meanwhile."""
    count = 0
    total = 0
    for _, _, files, folder in os.fwalk(".", dir_fd=root):
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                total += os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
                count += 1
    return count, total


class Place:
    """Folder that requests can write to and read from.

    Attributes
    ----------
    path
        Absolute path, as configured. Links in it are the administrator's and followed; below it none is.
    spellings
        Absolute paths by which requests may name it: as configured, and with links resolved.
    """

    def __init__(self, path: Path, quota: Quota) -> None:
        self.path = path
        self.spellings = (path, path.resolve())
        self.quota = quota

    def opened(self) -> contextlib.AbstractContextManager[int]:
        """Open the folder until the end of the block."""
        # For each use, so that a folder that was unmounted or replaced is noticed and not kept busy.
        return held(os.open(self.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))

    def is_to_be_made(self) -> bool:
        """Return whether the folder is missing and `make` could make it.

        Raises
        ------
        OSError
            Its parent is missing, too.
        """
        return not self.path.exists() and self.path.parent.stat() is not None

    def make(self) -> None:
        """Make the folder (0700) if it is missing, as somebody who needs room may delete all of it.

        Raises
        ------
        OSError
            Its parent is missing, too.
        """
        with contextlib.suppress(FileExistsError):
            self.path.mkdir(mode=0o700)
