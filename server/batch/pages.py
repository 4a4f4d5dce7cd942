"""Files that a batch works on, their pages, and pictures joined as pages of one file."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import pikepdf
import PIL.Image

from imgcore import codec, tiff
from imgcore.types import Image
from server.batch.faults import (
    BatchFault,
    PageFault,
    cannot_write,
    empty,
    name_taken,
    not_ordinary,
    onto_original,
    too_large,
)
from server.batch.journal import JOURNAL
from server.documents import pdf
from server.documents.faults import DocumentFault
from server.errors import LocalizedText
from server.storage.atomic import always, remove_leftovers, write_all
from server.storage.place import FOLDER, held

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


PIXEL_LIMIT = 250_000_000
"""Limit of the pixels of a picture that is decoded: A0 at 400 dpi, 750 MB in memory."""
BYTE_LIMIT = 512 << 20
"""Limit of a file that is read at once, in bytes. TIFFs and PDFs are not, and may be larger."""

Content = Path | bytes
"""A file by its place, or its content where the place is another machine's."""


@dataclass(frozen=True, slots=True, eq=False)
class BatchPage:
    """One page of a file.

    Attributes
    ----------
    picture
        BGR or grey, as it is meant to be seen.
    dots
        Its resolution in dots an inch where the file says so, else 0.
    """

    picture: Image
    dots: float = 0.0


def count_pages(content: Content) -> int:
    """Count the pages of a file without decoding one; 1 for a file that is neither TIFF nor PDF."""
    with _opened(content) as stream:
        head = _head(stream)
        if head.startswith(tiff.MAGICS):
            return tiff.count_tiff_pages(stream)
        with _translated():
            return pdf.count_pages(stream) if pdf.MAGIC in head else 1


def read_page(content: Content, number: int) -> BatchPage:
    """Decode one page.

    The kind is told by how the file begins, whatever its name ends in.

    Parameters
    ----------
    number
        From 1.

    Raises
    ------
    OSError, imgcore.types.ImageError, PageFault
        The text holds no file name.
    """
    with _opened(content) as stream:
        head = _head(stream)
        if head.startswith(tiff.MAGICS):
            page = tiff.read_tiff_page(stream, number - 1, PIXEL_LIMIT)
            return BatchPage(page.picture, page.dots)
        if pdf.MAGIC in head:
            with _translated():
                return BatchPage(*pdf.read_page(stream, number - 1, PIXEL_LIMIT))
        return BatchPage(codec.decode(_whole(stream), PIXEL_LIMIT))


def read_content(path: Path) -> bytes:
    """Read all bytes of a file, to be sent to another machine."""
    with _opened(path) as stream:
        return _whole(stream)


def _whole(stream: BinaryIO) -> bytes:
    data = stream.read(BYTE_LIMIT + 1)
    if len(data) > BYTE_LIMIT:
        raise PageFault(too_large(BYTE_LIMIT))
    return data


@contextmanager
def _opened(content: Content) -> Iterator[BinaryIO]:
    if isinstance(content, bytes):
        yield io.BytesIO(content)
        return
    # Without O_NONBLOCK a pipe that was named as a picture would hold the worker for ever.
    with os.fdopen(os.open(content, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise PageFault(not_ordinary())
        if not os.fstat(stream.fileno()).st_size:
            raise PageFault(empty())
        yield stream


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DocumentFault as exc:
        raise PageFault(exc.text) from exc


def _head(stream: BinaryIO) -> bytes:
    head = stream.read(pdf.MAGIC_WITHIN)
    stream.seek(0)
    return head


PARTS = ".gaopai-parts"
"""The folder below the output in which finished pages wait for the others."""


def join(suffix: str, parts: Sequence[bytes]) -> bytes:
    """One document of several; nothing is encoded anew with loss.

    Parameters
    ----------
    suffix
        One of `JOINED`.
    parts
        Documents of that kind, in order; one of them alone is returned as it is.

    Raises
    ------
    OSError, pikepdf.PdfError
        A part is damaged.
    """
    return parts[0] if len(parts) == 1 else JOINED[suffix](parts)


def _pdf(parts: Sequence[bytes]) -> bytes:
    sink = io.BytesIO()
    with ExitStack() as stack:
        whole = stack.enter_context(pikepdf.new())
        for part in parts:
            # Open until the end: pages are copied when they are written.
            whole.pages.extend(stack.enter_context(pikepdf.open(io.BytesIO(part))).pages)
        whole.save(sink, deterministic_id=True)
    return sink.getvalue()


def _tiff(parts: Sequence[bytes]) -> bytes:
    sink = io.BytesIO()
    with ExitStack() as stack:
        # Each keeps its own compression: CCITT where it is pure black and white, LZW elsewhere.
        first, *rest = [stack.enter_context(PIL.Image.open(io.BytesIO(part))) for part in parts]
        first.save(sink, "TIFF", save_all=True, append_images=rest)
    return sink.getvalue()


JOINED: dict[str, Callable[[Sequence[bytes]], bytes]] = {"pdf": _pdf, "tif": _tiff, "tiff": _tiff}
"""The formats that hold several pages."""


_HOPELESS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE})
"""Errors of writing with which no later file would fare better."""


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
        """Return the contents of files written before."""
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
