"""The files a batch works on, and the names of their results, found while it runs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from server.batch.journal import JOURNAL

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".tif", ".tiff", ".webp", ".pdf"})
"""Files taken from a folder; one that is named itself may be called anything."""
PAGED = frozenset({".tif", ".tiff", ".pdf"})
"""Files that may hold several pages."""


@dataclass(frozen=True, slots=True)
class BatchSource:
    """One input file.

    Attributes
    ----------
    path
        Its path, as the user named it.
    base
        The name of its results below the output folder, without number and suffix,
        such as ``2024/march/letter``.
    problem
        The reason why it cannot be worked on at all: a folder that may not be listed.
    """

    path: Path
    base: str
    problem: str = ""


def find_sources(inputs: Sequence[Path], output: Path) -> Iterator[BatchSource]:
    """The files to work on, in a steady order: as named, and folders by name, files first.

    A folder's tree is kept. Where several folders are named, each result lies below its
    folder's name. Folders below that hold a batch's results, the output itself among them, are left out.
    Only one folder's names are held in memory at a time.
    """
    folders = [path for path in inputs if path.is_dir()]
    for path in inputs:
        if path.is_dir():
            below = PurePosixPath(path.resolve().name if len(folders) > 1 else ".")
            yield from _walk(path, below, output.resolve())
        else:
            yield BatchSource(path, path.stem)


def _walk(folder: Path, below: PurePosixPath, output: Path) -> Iterator[BatchSource]:
    unlisted: list[OSError] = []
    for here, inner, names in os.walk(folder, onerror=unlisted.append):
        at = Path(here)
        inner[:] = sorted(name for name in inner if not _is_result(at / name, output))
        tree = below / at.relative_to(folder).as_posix()
        yield from _named(at, tree, sorted(names))
        yield from (BatchSource(Path(fault.filename), "", fault.strerror or "") for fault in unlisted)
        unlisted.clear()


def _is_result(folder: Path, output: Path) -> bool:
    return folder.resolve() == output or (folder / JOURNAL).exists()


def _named(folder: Path, tree: PurePosixPath, names: Sequence[str]) -> Iterator[BatchSource]:
    """The pictures directly in a folder; those that share a stem keep their suffix in the name."""
    pictures = [Path(name) for name in names if Path(name).suffix.lower() in SUFFIXES]
    shared = Counter(picture.stem for picture in pictures)
    for picture in pictures:
        name = picture.name if shared[picture.stem] > 1 else picture.stem
        yield BatchSource(folder / picture, (tree / name).as_posix())
