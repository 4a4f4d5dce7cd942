"""Picture files named on a command line: found, read, and their failures told."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from imgcore import codec
from imgcore.types import Image, ImageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
PIXEL_LIMIT = 250_000_000
BYTE_LIMIT = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unreadable(Exception):
    """A file that is no picture this program can work on."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def expand(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and the pictures directly in the folders named, by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(entry for entry in path.iterdir() if entry.suffix.lower() in SUFFIXES)
        else:
            yield path


def read(path: Path) -> Image:
    """The picture in a file, turned as its EXIF says.

    Raises
    ------
    Unreadable
    """
    try:
        if path.stat().st_size > BYTE_LIMIT:
            raise Unreadable(path, f"larger than {BYTE_LIMIT // 1024 // 1024} MiB")
        return codec.decode(path.read_bytes(), PIXEL_LIMIT)
    except OSError as exc:
        raise Unreadable(path, exc.strerror or type(exc).__name__) from exc
    except ImageError as exc:
        raise Unreadable(path, str(exc)) from exc


def tell(failure: Exception) -> None:
    """Name a failure on standard error and go on."""
    print(f"gaopai: {failure}", file=sys.stderr)
