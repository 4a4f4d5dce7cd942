"""What the operating system says about a file, in the words of an answer."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from server.errors import (
    BadName,
    FileExists,
    FileMissing,
    FileUnreadable,
    GaopaiError,
    PathOutside,
    StorageFailed,
    StorageFull,
    Text,
)


@contextlib.contextmanager
def writing(name: str, root: Path) -> Iterator[None]:
    """Translate every OSError of a write of `name`."""
    try:
        yield
    except OSError as exc:
        raise _write_fault(exc, name, root) from exc


@contextlib.contextmanager
def reading(name: str, root: Path) -> Iterator[None]:
    """Translate every OSError of a read of `name`."""
    try:
        yield
    except OSError as exc:
        raise _read_fault(exc, name, root) from exc


def _write_fault(exc: OSError, name: str, root: Path) -> GaopaiError:
    if exc.errno == errno.EEXIST:
        return FileExists(name=name)
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(name=name)
    return _path_fault(exc, root) or StorageFailed(name=name, reason=_reason(exc))


def _read_fault(exc: OSError, name: str, root: Path) -> GaopaiError:
    if exc.errno == errno.ENOENT:
        return FileMissing(name=name)
    return _path_fault(exc, root) or FileUnreadable(name=name, reason=_reason(exc))


def _path_fault(exc: OSError, root: Path) -> GaopaiError | None:
    if exc.errno in (errno.ELOOP, errno.EXDEV):
        return PathOutside(root=root)
    if exc.errno == errno.ENOTDIR:
        return BadName(
            reason=Text("路径中有一部分是文件而不是文件夹", "a part of it is a file, not a folder")
        )
    if exc.errno == errno.EISDIR:
        return BadName(reason=Text("它是文件夹", "it is a folder"))
    if exc.errno in (errno.ENAMETOOLONG, errno.EILSEQ):
        return BadName(reason=Text("磁盘不支持这样的名称", "the disk does not take such a name"))
    return None


def _reason(exc: OSError) -> str:
    # str(exc) would hold the path.
    return os.strerror(exc.errno) if exc.errno else type(exc).__name__
