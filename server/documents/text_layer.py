"""A layer of invisible text on pages that are pictures, so that they can be searched."""

from __future__ import annotations

import io
from typing import Any

import pikepdf

from server.documents import rendering
from server.documents.full_page_image import inherited
from server.documents.input_file import InputFile, Raster, raster_of

_FONT = "/gaopai-text"


def page_to_recognize(source: InputFile, number: int, limit_pixels: int) -> Raster | None:
    """Return the pixels of a page, from 0, whose text is to be read; None where it has text already.

    Raises
    ------
    server.documents.faults.DocumentFault, imgcore.types.ImageError
        The page is damaged, or has too many pixels.
    """
    if source.document is not None and rendering.has_text(io.BytesIO(source.data), number):
        return None
    return raster_of(source, number, limit_pixels)


def with_text(document: bytes, layer: bytes) -> bytes:
    """Return a PDF of one page with text under it; as it is where the layer is empty."""
    if not layer:
        return document
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(document)) as whole:
        add_text(whole, whole.pages[0], layer)
        whole.save(sink, deterministic_id=True)
    return sink.getvalue()


def add_text(whole: pikepdf.Pdf, page: pikepdf.Page, layer: bytes) -> None:
    """Put the text of a PDF's only page under what a page shows.

    Parameters
    ----------
    layer
        PDF of the page as it is seen, whatever its size; see `server.documents.tesseract`.
    """
    with pikepdf.open(io.BytesIO(layer)) as text:
        source = text.pages[0]
        fonts: Any = source.resources.get("/Font")
        if not fonts:
            return
        content = b"".join(bytes(part.read_bytes()) for part in _content_streams(source))
        _, _, width, height = (float(number) for number in source.mediabox)
        page.contents_add(
            _text_transform(page, width, height) + _with_renamed_fonts(content, fonts) + b"\nQ\n",
            prepend=True,
        )
        named = {f"{_FONT}{number}": whole.copy_foreign(font) for number, font in enumerate(fonts.values())}
        # Copies: other pages may share what is there.
        resources = dict(page.resources.items())
        own = dict(resources["/Font"].items()) if "/Font" in resources else {}
        page.obj.Resources = pikepdf.Dictionary({**resources, "/Font": pikepdf.Dictionary({**own, **named})})


def _content_streams(page: pikepdf.Page) -> list[Any]:
    contents: Any = page.obj.Contents
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def _with_renamed_fonts(content: bytes, fonts: Any) -> bytes:
    """Return the text, with font names that differ from the page's own."""
    for number, name in enumerate(fonts.keys()):
        content = content.replace(f"{name} ".encode(), f"{_FONT}{number} ".encode())
    return content


def _text_transform(page: pikepdf.Page, width: float, height: float) -> bytes:
    """Return the operators that scale text of that size to the page as it is seen, which may be turned."""
    left, bottom, right, top = (float(number) for number in page.cropbox)
    clockwise = int(inherited(page, "/Rotate") or 0) % 360
    across, up = right - left, top - bottom
    seen = (up, across) if clockwise % 180 else (across, up)
    x, y = seen[0] / width, seen[1] / height
    matrix = {
        0: (x, 0, 0, y, left, bottom),
        90: (0, x, -y, 0, right, bottom),
        180: (-x, 0, 0, -y, right, top),
        270: (0, -x, y, 0, left, top),
    }[clockwise]
    return f"q {' '.join(f'{number:.5f}' for number in matrix)} cm\n".encode()
