"""Files that are for their owner alone: secrets and decisions."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from server.storage.atomic import is_abandoned


def write_private(path: Path, content: bytes) -> None:
    """Write a file for its owner alone, whole or not at all, replacing what is there.

    Raises
    ------
    OSError
    """
    _sweep(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        # A failure here would hide the error that led here; what stays is swept by the next writer.
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _sweep(path: Path) -> None:
    """Remove what killed writers left: it may hold a secret."""
    temporary = re.compile(rf"\.{re.escape(path.name)}\.([1-9]\d{{0,6}})")
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in os.listdir(folder):  # noqa: PTH208 - of the folder that is held, not of a path
            match = temporary.fullmatch(name)
            # Another writer may be sweeping, too.
            with contextlib.suppress(FileNotFoundError):
                if match and is_abandoned(folder, name, int(match[1])):
                    os.unlink(name, dir_fd=folder)
    finally:
        os.close(folder)
