"""Results on the disk: below the output folder, whole or not at all, never onto an original."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from server.batch.faults import BatchFault, PageFault, cannot_write, name_taken, onto_original
from server.batch.pages import BatchSource
from server.errors import LocalizedText
from server.storage.atomic import always, remove_leftovers, write_all
from server.storage.openat import FOLDER, held

_HOPELESS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE})
"""No later file would fare better with these."""


def names(base: str, suffix: str, page: int, pages: int, pictures: int) -> list[str]:
    """Return the names of a page's pictures.

    ``STEM.png``; ``STEM-1.png``, ``STEM-2.png`` for several pictures or several pages;
    ``STEM-3-1.png``, ``STEM-3-2.png`` for several pictures of the third of several pages.
    """
    stem = base if pages == 1 else f"{base}-{page}"
    if pictures == 1:
        return [f"{stem}.{suffix}"]
    return [f"{stem}-{number}.{suffix}" for number in range(1, pictures + 1)]


class OutputWriter:
    """Writes to the output folder.

    Parameters
    ----------
    root
        Made where missing.
    inputs
        The files and folders named by the user: nothing in them is replaced.

    Raises
    ------
    BatchFault
        The folder cannot be made, or is itself an input.
    """

    def __init__(self, root: Path, inputs: Sequence[Path]) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
            with held(os.open(root, FOLDER)) as folder:
                remove_leftovers(folder)
        except OSError as exc:
            raise BatchFault(cannot_write(str(root), _reason(exc))) from exc
        self._place = root.resolve()
        resolved = [path.resolve() for path in inputs]
        self._files = {path for path in resolved if not path.is_dir()}
        # Folders below the output, and it itself: results could land among their files.
        self._folders = [path for path in resolved if path.is_dir() and path.is_relative_to(self._place)]
        if self._place in self._folders:
            raise BatchFault(onto_original(str(root)))
        self._owners: dict[int, str] = {}

    def reserve(self, source: BatchSource, files: Sequence[str]) -> None:
        """Reserve names for the results of a source.

        Raises
        ------
        PageFault
            One would replace an original, or another source's result of this run.
        """
        for name in files:
            if self._is_original(self._place / name):
                raise PageFault(onto_original(name))
            owner = self._owners.setdefault(_digest(name), str(source.path))
            if owner != str(source.path):
                raise PageFault(name_taken(name, owner))

    def write(self, files: Sequence[str], pictures: Sequence[bytes]) -> None:
        """Write the pictures of one page, all or none, over results of earlier runs.

        Raises
        ------
        BatchFault
            The disk is full or gone: nothing more can be written.
        PageFault
            These names cannot be written.
        """
        folder = (self.root / files[0]).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            contents = {Path(name).name: data for name, data in zip(files, pictures, strict=True)}
            with held(os.open(folder, FOLDER)) as descriptor:
                write_all(descriptor, {name: [data] for name, data in contents.items()}, always)
        except OSError as exc:
            if exc.errno in _HOPELESS:
                raise BatchFault(cannot_write(str(self.root), _reason(exc))) from exc
            reason = _reason(exc)
            raise PageFault(
                LocalizedText(f"结果无法写入（{reason}）", f"its result cannot be written ({reason})")
            ) from exc

    def paths(self, files: Sequence[str]) -> list[str]:
        """Return the paths of these, as the user is told."""
        return [str(self.root / name) for name in files]

    def has(self, files: Sequence[str]) -> bool:
        """Return whether all of these are there."""
        return all((self.root / name).is_file() for name in files)

    def read(self, files: Sequence[str]) -> list[bytes]:
        """Return the contents of files written before.

        Raises
        ------
        OSError
        """
        return [(self.root / name).read_bytes() for name in files]

    def remove(self, files: Sequence[str]) -> None:
        """Remove files, and the folders that they leave empty; what cannot be removed stays."""
        with contextlib.suppress(OSError):
            for name in files:
                (self.root / name).unlink(missing_ok=True)
            for folder in Path(files[0]).parents[:-1]:
                (self.root / folder).rmdir()

    def _is_original(self, target: Path) -> bool:
        return target in self._files or any(target.is_relative_to(folder) for folder in self._folders)


def _digest(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(errors="surrogateescape"), digest_size=8).digest(), "big")


def _reason(exc: OSError) -> str:
    return exc.strerror or type(exc).__name__
