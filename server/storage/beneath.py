"""Opening files below a folder so that no link, however fast it is swapped in, leads out.

Two ways with one meaning: the kernel's own (openat2), and a walk for kernels without it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence

from server.storage import syscalls

Opener = Callable[[int, Sequence[str], int], int]
"""(root descriptor, components below it, flags) -> a new descriptor; OSError with ``ELOOP`` at a link."""

FOLDER = os.O_RDONLY | os.O_DIRECTORY
"""Flags that open a folder for making, syncing and listing files in it."""


@contextlib.contextmanager
def held(descriptor: int) -> Iterator[int]:
    """Close a descriptor at the end of the block."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_by_kernel(root: int, parts: Sequence[str], flags: int) -> int:
    """Resolve all of `parts` in one call; no component can be exchanged meanwhile."""
    return syscalls.openat2_beneath(root, "/".join(parts) or ".", flags)


def open_by_steps(root: int, parts: Sequence[str], flags: int) -> int:
    """Resolve component by component, each from the one opened before, following no link."""
    folder = os.open(".", os.O_PATH | os.O_DIRECTORY, dir_fd=root)
    try:
        for part in parts[:-1]:
            folder = _into(folder, part, os.O_PATH | os.O_DIRECTORY)
        return _step(folder, parts[-1] if parts else ".", flags)
    finally:
        os.close(folder)


def best_opener(root: int) -> Opener:
    """The kernel's way where it works here, else the walk.

    Tried rather than deduced from the kernel's version: system call filters of containers
    answer ``EPERM`` or ``ENOSYS`` on kernels that have it.
    """
    try:
        os.close(open_by_kernel(root, (), os.O_PATH | os.O_DIRECTORY))
    except OSError:
        return open_by_steps
    return open_by_kernel


def make_folders(opener: Opener, root: int, parts: Sequence[str]) -> int:
    """A descriptor of the folder `parts`, made (0700) with its parents where missing."""
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


def _into(folder: int, part: str, flags: int) -> int:
    inner = _step(folder, part, flags)
    os.close(folder)
    return inner


def _step(folder: int, part: str, flags: int) -> int:
    try:
        return os.open(part, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except NotADirectoryError as exc:
        # O_DIRECTORY hides a link behind ENOTDIR; openat2 says ELOOP, and so do we.
        if stat.S_ISLNK(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from exc
        raise
