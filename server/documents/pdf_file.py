"""A PDF with a page for each picture, which fills it; img2pdf writes it, the pictures as they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import img2pdf

from server.documents.pdf_image import PdfImage
from server.documents.resolution import page_points

Piece = bytes | memoryview

_SPACES = {1: img2pdf.Colorspace.L, 3: img2pdf.Colorspace.RGB, 4: img2pdf.Colorspace.CMYK}
_TURNS = {
    1: (False, 0),
    2: (True, 0),
    3: (False, 180),
    4: (True, 180),
    5: (True, 270),
    6: (False, 90),
    7: (True, 90),
    8: (False, 270),
}
"""Mirroring from left to right, and degrees clockwise after it, that an orientation asks for."""

_PICTURE = b"/Subtype /Image"
_END = b"\nendstream\nendobj\n"


def pdf_of_images(images: Sequence[PdfImage]) -> list[Piece]:
    """The PDF of these pictures in pieces, to be put together; nothing where there is no picture.

    The same pictures give the same bytes.
    """
    if not images:
        return []
    document = img2pdf.pdfdoc(img2pdf.Engine.internal, version="1.7", producer="gaopai", nodate=True)
    for image in images:
        _add_page(document, image)
    document.finalize()
    sink = _Pieces(image.data for image in images)
    document.tostream(sink)
    # Pages and the list of pages know each other, and would keep the pictures until garbage is collected.
    document.writer.pages.content.clear()
    return sink.pieces


class _Pieces:
    """A file that keeps the pictures instead of the copies that img2pdf makes of them."""

    def __init__(self, pictures: Iterable[bytes]) -> None:
        self.pieces: list[Piece] = []
        self._pictures = iter(pictures)

    def write(self, written: bytes) -> None:
        """Take an object, or a part of the table of objects."""
        if not written.endswith(_END) or _PICTURE not in written[: written.index(b"\nstream\n")]:
            self.pieces.append(written)
            return
        picture = next(self._pictures)
        begin = len(written) - len(_END) - len(picture)
        self.pieces += written[:begin], picture, _END


def _add_page(document: img2pdf.pdfdoc, image: PdfImage) -> None:
    width, height = page_points(image.width, image.height, image.dots)
    mirrored, clockwise = _TURNS[image.orientation]
    document.add_imagepage(
        _space(image),
        image.width,
        image.height,
        img2pdf.ImageFormat[image.coding],
        image.data,
        smaskdata=None,
        imgwidthpdf=-width if mirrored else width,
        imgheightpdf=height,
        imgxpdf=width if mirrored else 0,
        imgypdf=0,
        pagewidth=width,
        pageheight=height,
        palette=image.palette,
        inverted=image.inverted,
        depth=image.depth,
        rotate=clockwise,
        iccp=image.profile or None,
    )


def _space(image: PdfImage) -> img2pdf.Colorspace:
    if image.palette:
        return img2pdf.Colorspace.P
    if image.channels == 4 and image.inverted:
        return img2pdf.Colorspace["CMYK;I"]
    return _SPACES[image.channels]
