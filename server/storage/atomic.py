"""Atomic file writes, private files, and translation of operating system errors."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from server import errors
from server.errors import GaopaiError, LocalizedText
from server.storage.place import FOLDER, held, rename_exchange, rename_noreplace


@contextlib.contextmanager
def _translated(fault: Callable[[OSError, str, Path], GaopaiError], name: str, root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise fault(exc, name, root) from exc


def _write_fault(exc: OSError, name: str, root: Path) -> GaopaiError:
    if exc.errno == errno.EEXIST:
        return errors.FileExists(name=name)
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return errors.StorageFull(name=name)
    return _path_fault(exc, root) or errors.StorageFailed(name=name, reason=_reason(exc))


def _read_fault(exc: OSError, name: str, root: Path) -> GaopaiError:
    if exc.errno == errno.ENOENT:
        return errors.FileMissing(name=name)
    return _path_fault(exc, root) or errors.FileUnreadable(name=name, reason=_reason(exc))


writing = partial(_translated, _write_fault)
"""Translates every OSError of a write of a name below a root, in a block."""
reading = partial(_translated, _read_fault)
"""Translates every OSError of a read of a name below a root, in a block."""

_REFUSED = LocalizedText("磁盘不支持这样的名称", "the disk does not take such a name")
_BAD_NAMES = {
    errno.ENOTDIR: LocalizedText("路径中有一部分是文件而不是文件夹", "a part of it is a file, not a folder"),
    errno.EISDIR: LocalizedText("它是文件夹", "it is a folder"),
    errno.ENAMETOOLONG: _REFUSED,
    errno.EILSEQ: _REFUSED,
}


def _path_fault(exc: OSError, root: Path) -> GaopaiError | None:
    if exc.errno in (errno.ELOOP, errno.EXDEV):
        return errors.PathOutside(root=root)
    reason = _BAD_NAMES.get(exc.errno or 0)
    return errors.BadName(reason=reason) if reason else None


_REASONS = {
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "文件系统为只读",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EIO: "磁盘读写错误",
}


def _reason(exc: OSError) -> LocalizedText:
    # str(exc) would hold the path.
    said = os.strerror(exc.errno) if exc.errno else type(exc).__name__
    return LocalizedText(_REASONS.get(exc.errno or 0, said), said)


def write_private(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file private to its owner, whole or not at all, in place of an existing one.

    Parameters
    ----------
    mode
        Permissions of a file that is not to be private.
    """
    _sweep(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        # A failure here would hide the first error; a leftover is removed by the next writer.
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    # The file is written, whatever becomes of this: an error would say that it was not.
    with contextlib.suppress(OSError):
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Keep what a folder says now through a power failure: without it, a revocation could be undone."""
    with held(os.open(folder, FOLDER | os.O_CLOEXEC)) as descriptor:
        os.fsync(descriptor)


def _sweep(path: Path) -> None:
    """Remove temporary files of killed writers, which may hold a secret."""
    temporary = re.compile(r"\." + re.escape(path.name) + r"\.([1-9]\d{0,6})")
    with held(os.open(path.parent, FOLDER | os.O_CLOEXEC)) as folder:
        # Of the folder that is held, not of a path.
        _remove_abandoned(folder, os.listdir(folder), temporary)  # noqa: PTH208


def _remove_abandoned(folder: int, names: Iterable[str], temporary: re.Pattern[str]) -> None:
    for name in names:
        # Another process may be cleaning up, too.
        with contextlib.suppress(FileNotFoundError):
            if (match := temporary.fullmatch(name)) and is_abandoned(folder, name, int(match[1])):
                os.unlink(name, dir_fd=folder)


Content = Sequence[bytes | memoryview]
"""Content of a file in pieces, to be concatenated."""

STALE_SECONDS = 600.0
"""Age from which a temporary file is abandoned, as no write takes so long."""

_BEGUN = time.time()
"""Time before which this process wrote nothing."""
_CANNOT_RENAME = (errno.ENOSYS, errno.EINVAL, errno.EPERM)
"""Errors of a kernel or file system that can rename neither without replacing nor by exchanging."""

_TEMPORARY = re.compile(r"\.gaopai-([1-9]\d{0,6})-[0-9a-f]{16}\.part")


Replaceable = Callable[[int, str], bool]
"""Returns whether the file of a name in a folder may be replaced."""
Mark = Callable[[int, str], None]
"""Marks a written file, by its descriptor, before it gets its name."""

PLACING = threading.Lock()
"""Held from the check of a name to its replacement or removal."""


def always(folder: int, name: str) -> bool:
    """Allow to replace any file."""
    return True


def write_all(
    folder: int, files: Mapping[str, Content], replaceable: Replaceable, mark: Mark | None = None
) -> None:
    """Write all of `files` (name -> content) into a folder, or none.

    All contents are on the disk before the first name appears, so a full disk never
    leaves a part of a series. Where the file system can exchange names, files that were
    replaced come back when a later name fails.

    Parameters
    ----------
    folder
        Descriptor of the folder, open for reading.

    Raises
    ------
    OSError
        ``EEXIST`` where a name is taken and not replaceable, or any error of the disk or of `mark`.
    """
    with contextlib.ExitStack() as temporaries:
        staged = {
            name: temporaries.enter_context(_staged(folder, name, data, mark)) for name, data in files.items()
        }
        with contextlib.ExitStack() as undo:
            with PLACING:
                for name in staged:
                    _check_taken(folder, name, replaceable)
                for name, temporary in staged.items():
                    undo.callback(_place(folder, temporary, name, replaceable))
            os.fsync(folder)
            undo.pop_all()


def remove_leftovers(root: int) -> None:
    """Remove the temporary files that killed processes left anywhere below a folder."""
    for _, _, names, folder in os.fwalk(".", dir_fd=root):
        _remove_abandoned(folder, names, _TEMPORARY)


def is_abandoned(folder: int, name: str, pid: int) -> bool:
    """Return whether the process that wrote a temporary file is gone."""
    # The age decides if the process id is in use again. In a container it may be that of this very process,
    # from whose former life the file is: a full disk would stay full for it.
    written = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime
    former = pid == os.getpid() and written < _BEGUN
    return former or time.time() - written > STALE_SECONDS or not _is_running(pid)


@contextlib.contextmanager
def _staged(folder: int, name: str, data: Content, mark: Mark | None) -> Iterator[str]:
    """Write the content of `name` to a hidden file and sync it; removed at the end unless renamed."""
    temporary = f".gaopai-{os.getpid()}-{secrets.token_hex(8)}.part"
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=folder)
    try:
        with held(descriptor):
            for piece in data:
                _write(descriptor, piece)
            if mark is not None:
                mark(descriptor, name)
            os.fsync(descriptor)
        yield temporary
    finally:
        _remove(folder, temporary)


def _write(descriptor: int, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _check_taken(folder: int, name: str, replaceable: Replaceable) -> None:
    # Before the first name is placed, as for all but a failing disk it decides for the whole series.
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not replaceable(folder, name):
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))


def _place(folder: int, temporary: str, name: str, replaceable: Replaceable) -> Callable[[], None]:
    """Give a file its name; return a function that undoes it."""
    try:
        _place_new(folder, temporary, name)
    except FileExistsError:
        if not replaceable(folder, name):
            raise
        return _replace(folder, temporary, name)
    return lambda: _remove(folder, name)


def _place_new(folder: int, temporary: str, name: str) -> None:
    try:
        rename_noreplace(folder, temporary, name)
    except OSError as exc:
        if exc.errno not in _CANNOT_RENAME:
            raise
        # NFS and old kernels: a hard link never overwrites either; the temporary name is removed at the end.
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)


def _replace(folder: int, temporary: str, name: str) -> Callable[[], None]:
    if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    try:
        # The old file has the temporary name until the end, from which it can come back.
        rename_exchange(folder, temporary, name)
    except OSError as exc:
        if exc.errno not in _CANNOT_RENAME:
            raise
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        return lambda: None
    return lambda: _exchange_back(folder, temporary, name)


def _exchange_back(folder: int, temporary: str, name: str) -> None:
    # A failure here would hide the first error; either file is whole.
    with contextlib.suppress(OSError):
        rename_exchange(folder, temporary, name)


def _remove(folder: int, name: str) -> None:
    # A failure here would hide the first error; a leftover is removed at the next start.
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=folder)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as exc:
        return exc.errno != errno.ESRCH
    return True


_NO_SUCH_FLAG = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)
"""Answers of file systems that make no file without a name."""


class NamelessFile:
    """Content on the disk that no name leads to.

    Parameters
    ----------
    folder
        Folder whose disk has it.
    """

    def __init__(self, folder: Path, data: bytes) -> None:
        self._size = len(data)
        self._descriptor = _made(folder)
        self.close = weakref.finalize(self, os.close, self._descriptor)
        try:
            _write(self._descriptor, data)
        except BaseException:
            self.close()
            raise

    def read(self) -> bytes:
        """Return the content.

        Raises
        ------
        OSError
            The disk fails, or the file is closed.
        """
        if not self.close.alive:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        pieces = []
        read = 0
        while read < self._size:
            piece = os.pread(self._descriptor, self._size - read, read)
            if not piece:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            pieces.append(piece)
            read += len(piece)
        return b"".join(pieces)


def _made(folder: Path) -> int:
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        if exc.errno not in _NO_SUCH_FLAG:
            raise
    descriptor, name = tempfile.mkstemp(dir=folder)
    Path(name).unlink()
    return descriptor
