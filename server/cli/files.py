"""Picture files of a command line: search, reading, and messages about failures."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from imgcore import codec
from imgcore.types import Image, ImageError, Points
from server.batch.faults import PageFault, empty, too_large
from server.batch.pages import count_pages, read_page
from server.cli.guidance import said
from server.errors import LocalizedText
from server.protocol.spelling import nearest
from server.telemetry.printable import json_line, printable

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
DOCUMENTS = (*SUFFIXES, ".pdf")
"""Suffixes of what has pages that are read one by one."""
PIXEL_LIMIT = 250_000_000
"""Limit of the pixels of a picture."""
BYTE_LIMIT = 512 * 1024 * 1024
"""Limit of the size of a file, in bytes."""


@dataclass(frozen=True, slots=True)
class Unreadable(Exception):
    """The file is no picture that this program can process."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Result of a comparison of two files, as printed in JSON.

    Attributes
    ----------
    similarity
        0..1; None if there is nothing to compare.
    match
        True if the similarity reaches the threshold.
    reason
        Reason for a missing or doubtful similarity.
    ms
        Milliseconds for reading both and comparing what is found; not for loading models.
    """

    similarity: float | None
    match: bool
    reason: str | None
    ms: float


def expand(paths: Iterable[Path], suffixes: Sequence[str] = SUFFIXES) -> Iterator[Path]:
    """Yield the given files, and those with a suffix directly in the given folders, 2 before 10.

    A folder that may not be read is yielded itself: whoever reads it says so.
    """
    for path in paths:
        if path.is_dir() and os.access(path, os.R_OK | os.X_OK):
            inside = (entry for entry in path.iterdir() if entry.suffix.lower() in suffixes)
            yield from sorted((entry for entry in inside if not entry.is_dir()), key=_counted)
        else:
            yield path


def _counted(path: Path) -> list[tuple[int, str]]:
    """Return the parts of a name, of which numbers are compared as numbers."""
    return [(int(part) if part.isdecimal() else -1, part) for part in _NUMBERS.split(path.name)]


def reason_of(exc: OSError, path: Path) -> str:
    """Return why a file cannot be read, with the name beside it that was probably meant."""
    if exc.errno != errno.ENOENT:
        return said(_REASONS[exc.errno]) if exc.errno in _REASONS else exc.strerror or type(exc).__name__
    with contextlib.suppress(OSError):
        if near := nearest(path.name, [each.name for each in path.absolute().parent.iterdir()]):
            return said(_NEAR.filled(near=path.with_name(near)))
    return said(_MISSING)


_NUMBERS = re.compile(r"(\d+)")
_MISSING = LocalizedText("没有这个文件或文件夹", "there is no such file or folder")
_NEAR = LocalizedText(
    "没有这个文件或文件夹，是否为 {near}？", "there is no such file or folder; did you mean {near}?"
)
_REASONS = {
    errno.EISDIR: LocalizedText("它是文件夹，这里需要文件", "it is a folder, and a file is wanted"),
    errno.ENOTDIR: LocalizedText(
        "路径中有一部分是文件而不是文件夹", "a part of its path is a file, not a folder"
    ),
    errno.EACCES: LocalizedText("没有权限", "this account may not"),
    errno.EEXIST: LocalizedText("已有同名文件", "a file has that name"),
}
"""Reasons that are said otherwise than the system says them."""
NOTHING = LocalizedText(
    "没有可处理的文件：{folder} 中没有图片或 PDF", "there is nothing to do: no picture or PDF in {folder}"
)


def nothing_in(paths: Iterable[Path]) -> str:
    """Return the sentence for folders in which there is nothing."""
    return said(NOTHING.filled(folder=", ".join(str(path) for path in paths)))


def read(path: Path) -> Image:
    """Read the picture in a file, turned by its EXIF orientation."""
    try:
        check_size(path)
        return codec.decode(path.read_bytes(), PIXEL_LIMIT)
    except OSError as exc:
        raise Unreadable(path, reason_of(exc, path)) from exc
    except ImageError as exc:
        raise Unreadable(path, str(exc)) from exc


def check_size(path: Path) -> None:
    """Refuse a file that is empty, or too large to be read at once.

    Raises
    ------
    Unreadable, OSError
    """
    size = path.stat().st_size
    if not size:
        raise Unreadable(path, said(empty()))
    if size > BYTE_LIMIT:
        raise Unreadable(path, said(too_large(BYTE_LIMIT)))


def read_pages(path: Path) -> Iterator[tuple[int, int, Image]]:
    """Yield each page of a picture, TIFF or PDF: its number from 1, how many there are, and what it shows."""
    pages = 1
    try:
        pages = count_pages(path)
        for number in range(1, pages + 1):
            yield number, pages, read_page(path, number).picture if pages > 1 or _is_pdf(path) else read(path)
    except OSError as exc:
        raise Unreadable(path, reason_of(exc, path)) from exc
    except PageFault as exc:
        raise Unreadable(path, said(exc.text)) from exc
    except ImageError as exc:
        raise Unreadable(path, str(exc)) from exc


def _is_pdf(path: Path) -> bool:
    return path.suffix.lower() == ".pdf"


def print_error(failure: Exception) -> None:
    """Print a failure on standard error."""
    print(f"gaopai: {printable(failure)}", file=sys.stderr)


def print_comparison(comparison: Comparison, arguments: argparse.Namespace, one: str) -> int:
    """Print a comparison, a match as that of `one`; return 1 if there was nothing to compare."""
    if arguments.json:
        print(json_line(asdict(comparison)))
    elif comparison.similarity is None:
        print(f"gaopai: {printable(comparison.reason)}", file=sys.stderr)
    else:
        result = one if comparison.match else "no match"
        doubt = comparison.reason
        figures = f"similarity {comparison.similarity:.3f}, threshold {arguments.threshold:g}"
        print(f"{result}: {figures}, {comparison.ms} ms{f'; {doubt}' if doubt else ''}")
    return int(comparison.similarity is None)


def rounded(corners: Iterable[tuple[float, float]] | Points) -> list[list[float]]:
    """Return corners as JSON tells them, to a hundredth of a pixel."""
    return [[round(float(x), 2), round(float(y), 2)] for x, y in corners]


def print_found(
    arguments: argparse.Namespace,
    look: Callable[[Image], dict[str, object]],
    sentence: Callable[[dict[str, object]], str],
) -> int:
    """Print what is found on each page, with the time that it took; return 1 if a file could not be read.

    A file of one page is one object; one of several is an object a page, which says which.

    Parameters
    ----------
    sentence
        Says it where no JSON is asked for.
    """
    failed = False
    paths = [*expand(arguments.images, DOCUMENTS)]
    if not paths:
        print(f"gaopai: {printable(nothing_in(arguments.images))}", file=sys.stderr)
        return 1
    for done, path in enumerate(paths):
        try:
            for number, pages, image in read_pages(path):
                started = time.perf_counter()
                found = {"file": str(path), **({"page": number} if pages > 1 else {}), **look(image)}
                found["ms"] = round((time.perf_counter() - started) * 1000, 1)
                print(json_line(found) if arguments.json else sentence(found), flush=True)
        except Unreadable as failure:
            print_error(failure)
            failed = True
        except KeyboardInterrupt:
            print(f"gaopai: stopped after {done} of {len(paths)} files", file=sys.stderr)
            raise
    return int(failed)


def place(found: dict[str, object]) -> str:
    """Return where something was found, as a person reads it."""
    page = f", page {found['page']}" if "page" in found else ""
    return f"{printable(found['file'])}{page}"
