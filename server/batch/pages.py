"""Files that a batch works on, their pages, and pictures joined as pages of one file."""

from __future__ import annotations

import io
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import pikepdf
import PIL.Image

from imgcore import codec, tiff
from imgcore.types import Image
from server.batch.faults import PageFault, not_ordinary, too_large
from server.batch.journal import JOURNAL
from server.documents import pdf
from server.documents.faults import DocumentFault

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
"""The largest picture decoded: A0 at 400 dpi, 750 MB in memory."""
BYTE_LIMIT = 512 << 20
"""The largest file read at once. TIFFs and PDFs are not, they may be larger."""

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
    """Count the pages of a file without decoding one; 1 for a file that is neither TIFF nor PDF.

    Raises
    ------
    OSError, imgcore.types.ImageError, PageFault
    """
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
    """Read all bytes of a file, to be sent to another machine.

    Raises
    ------
    OSError, PageFault
    """
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
