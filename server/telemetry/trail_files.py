"""Files of the audit trail: the one being written, and older ones, compressed."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

NAME: Final = "audit.jsonl"
MODE = 0o600
"""Permissions of the files: only their owner can read and write them."""
_COMPRESSED = ".gz"
_UNFINISHED = ".part"


@dataclass(frozen=True, slots=True)
class RotatingFiles:
    """Rotated files of the audit trail.

    Attributes
    ----------
    folder
        Folder of the files; made if it is missing, private to its owner.
    bytes
        Size limit of one file, after which a new one begins.
    files
        Number of files kept: ``audit.jsonl`` and, in order of age, ``audit.jsonl.1.gz`` and so on.
    days
        Age limit of the file that is written, after which a new one begins.
    renaming
        Held while files get other names; who holds it finds each under its own.
    """

    folder: Path
    bytes: int
    files: int
    days: float = 7.0
    renaming: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def path(self, age: int = 0) -> Path:
        """Return the path of the file of an age; 0 is the one being written."""
        plain = self._plain(age)
        return compressed if (compressed := _gz(plain)).exists() else plain

    def tidy(self) -> None:
        """Remove what a killed writer left unfinished."""
        for path in self.folder.glob(f"{NAME}.*{_UNFINISHED}"):
            path.unlink(missing_ok=True)
        for compressed in self.folder.glob(f"{NAME}.*{_COMPRESSED}"):
            # It is whole, as it has its name.
            compressed.with_suffix("").unlink(missing_ok=True)

    def rotate(self) -> None:
        """Rename each file to the next age and delete the oldest; a no-op if that was done before."""
        with self.renaming:
            if not self.path().exists():
                return
            self.path(self.files - 1).unlink(missing_ok=True)
            for age in reversed(range(self.files - 1)):
                if (path := self.path(age)).exists():
                    suffix = _COMPRESSED if path.suffix == _COMPRESSED else ""
                    path.rename(f"{self._plain(age + 1)}{suffix}")

    def compress(self) -> None:
        """Compress the newest file of those that are no longer written.

        Raises
        ------
        OSError
            No room for it; the file stays as it is.
        """
        plain = self._plain(1)
        unfinished = plain.with_name(f"{plain.name}{_COMPRESSED}{_UNFINISHED}")
        try:
            _compress(plain, unfinished)
            with self.renaming:
                unfinished.rename(_gz(plain))
                plain.unlink(missing_ok=True)
        except FileNotFoundError:
            return
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise

    def _plain(self, age: int) -> Path:
        return self.folder / (NAME if age == 0 else f"{NAME}.{age}")


def trail_files(folder: Path) -> list[Path]:
    """Return the files of a trail, oldest first."""
    ages: dict[int, Path] = {}
    for path in sorted(folder.glob(f"{NAME}.*")):
        # Of a file that is there twice, the compressed one, which comes later, is whole.
        age = path.name.removeprefix(f"{NAME}.").removesuffix(_COMPRESSED)
        if age.isdigit():
            ages[int(age)] = path
    newest = folder / NAME
    if not newest.exists() and not ages:
        raise FileNotFoundError(f"there is no audit trail in {folder}")
    older = [ages[age] for age in sorted(ages, reverse=True)]
    # A power failure may come just before the newest is made.
    return [*older, newest] if newest.exists() else older


@contextlib.contextmanager
def opened_lines(path: Path) -> Iterator[IO[str]]:
    """Open a file of a trail, compressed or not, for reading by lines."""
    with (
        gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="\n")
        if path.suffix == _COMPRESSED
        else path.open(encoding="utf-8", errors="replace", newline="\n")
    ) as lines:
        yield lines


def opened_to_append(path: Path) -> int:
    """Open a file of a trail for writing at its end; made (0600) if it is missing."""
    # Not through a link, by which another writer of the folder could redirect the trail.
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)


def _gz(plain: Path) -> Path:
    return plain.with_name(f"{plain.name}{_COMPRESSED}")


def _compress(plain: Path, target: Path) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
    with plain.open("rb") as source, os.fdopen(descriptor, "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
            shutil.copyfileobj(source, packed)
        raw.flush()
        os.fsync(descriptor)
