"""Pictures as a PDF stores them, and PDFs with a page for each picture, which fills it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import img2pdf
import pikepdf

from imgcore.output.watermark import is_bilevel
from imgcore.types import Image
from server.archive.pdfa import Archival, make_archival
from server.documents.geometry import Dots, page_size, turns
from server.documents.input_file import Picture
from server.documents.jpeg import Jpeg
from server.documents.lossless import encode_group4, encode_png, stored_png
from server.errors import LocalizedText, PictureUnreadable

Chunk = bytes | memoryview
"""Part of a file; the file is its chunks, one after the other."""

_PICTURE = b"/Subtype /Image"
"""Entry of a PDF object's dictionary by which a picture is known."""
_END = b"\nendstream\nendobj\n"
"""Bytes that img2pdf writes behind the content of a stream."""


@dataclass(frozen=True, slots=True, eq=False)
class PdfImage:
    """A picture's coded pixels, and their meaning.

    Attributes
    ----------
    coding
        The name of a member of `img2pdf.ImageFormat`.
    inverted
        Of CMYK, that the largest value stands for no ink; of fax code, that 0 is white.
    palette
        RGB, or nothing.
    orientation
        EXIF orientation that shows it upright.
    """

    data: bytes
    coding: str
    width: int
    height: int
    channels: int
    depth: int = 8
    inverted: bool = False
    palette: bytes = b""
    profile: bytes = b""
    orientation: int = 1
    dots: Dots | None = None


def pdf_image(picture: Picture) -> PdfImage:
    """Return a picture as a PDF stores it: a JPEG as it is, anything else without loss."""
    if isinstance(picture, Jpeg):
        return _of_jpeg(picture)
    if is_bilevel(picture.image):
        return _of_black_white(picture.image, picture.dots)
    stored = stored_png(picture.stored) if picture.stored else None
    stored = stored or stored_png(encode_png(picture.image))
    assert stored is not None, "what we encode ourselves is neither interlaced nor transparent"
    return PdfImage(**asdict(stored), coding="PNG", dots=picture.dots)


def pdf_of_images(images: Sequence[PdfImage], archival: Archival | None = None) -> list[Chunk]:
    """Return the PDF of these pictures in chunks; none where there is no picture.

    The same pictures give the same bytes.
    """
    if not images:
        return []
    document = img2pdf.pdfdoc(img2pdf.Engine.internal, version="1.7", producer="gaopai", nodate=True)
    for image in images:
        _add_page(document, image)
    document.finalize()
    sink = _ChunkFile(image.data for image in images)
    ident = _make_archival(document.writer, images, archival) if archival is not None else None
    document.writer.tostream(document.writer.docinfo, sink, document.output_version, ident)
    # Pages and the list of pages know each other, and would keep the pictures until garbage is collected.
    document.writer.pages.content.clear()
    return sink.chunks


def _make_archival(writer: Any, images: Sequence[PdfImage], archival: Archival) -> bytes:
    """Add the parts of PDF/A, and return what its identifier is made of; copying pictures would cost more."""
    known: dict[tuple[int, int], Any] = {}
    with pikepdf.new() as parts:
        make_archival(parts, archival)
        for name, value in parts.Root.items():
            if name not in ("/Type", "/Pages"):
                writer.catalog[name.encode()] = _copied(writer, value, known)
        writer.docinfo.content = _copied(writer, parts.trailer.Info, known).content
        told = bytes(parts.Root.Metadata.read_bytes())
    return told + b"".join(b"%d %b" % (len(image.data), image.data[-4096:]) for image in images)


def _copied(writer: Any, value: Any, known: dict[tuple[int, int], Any]) -> Any:
    """Return an object of pikepdf's as one of img2pdf's, with what it refers to, each once."""
    if isinstance(value, pikepdf.Array):
        return img2pdf.MyPdfArray(_copied(writer, one, known) for one in value)
    if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        return value.unparse() if isinstance(value, pikepdf.Object) else str(value).encode()
    if value.is_indirect and value.objgen in known:
        return known[value.objgen]
    data = {"stream": bytes(value.read_raw_bytes())} if isinstance(value, pikepdf.Stream) else {}
    made = img2pdf.MyPdfDict(**data)
    for name, one in value.items():
        if name != "/Length":
            made[name.encode()] = _copied(writer, one, known)
    if value.is_indirect:
        known[value.objgen] = made
        writer.addobj(made)
    return made


def _of_jpeg(jpeg: Jpeg) -> PdfImage:
    return PdfImage(
        jpeg.data,
        "JPEG",
        jpeg.width,
        jpeg.height,
        jpeg.channels,
        # Programs that write Adobe's marker write CMYK upside down, as Adobe's do.
        inverted=jpeg.channels == 4 and jpeg.transform >= 0,
        profile=jpeg.profile,
        orientation=jpeg.orientation,
        dots=jpeg.dots,
    )


def _of_black_white(image: Image, dots: Dots | None) -> PdfImage:
    rows, cols = image.shape[:2]
    return PdfImage(encode_group4(image), "CCITTGroup4", cols, rows, 1, 1, inverted=True, dots=dots)


class _ChunkFile:
    """A file that keeps the pictures instead of the copies that img2pdf makes of them."""

    def __init__(self, pictures: Iterable[bytes]) -> None:
        self.chunks: list[Chunk] = []
        self._pictures = iter(pictures)

    def write(self, written: bytes) -> None:
        """Take an object, or a part of the table of objects."""
        if not written.endswith(_END) or _PICTURE not in written[: written.index(b"\nstream\n")]:
            self.chunks.append(written)
            return
        picture = next(self._pictures)
        begin = len(written) - len(_END) - len(picture)
        self.chunks += written[:begin], picture, _END


def _add_page(document: img2pdf.pdfdoc, image: PdfImage) -> None:
    width, height = page_size(image.width, image.height, image.dots)
    mirrored, clockwise = turns(image.orientation)
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
    return {1: img2pdf.Colorspace.L, 3: img2pdf.Colorspace.RGB, 4: img2pdf.Colorspace.CMYK}[image.channels]


def picture_to_pdf(picture: bytes, dots: float = 0.0) -> bytes:
    """Make a PDF whose only page is the picture.

    A JPEG or fax code is embedded byte for byte, a PNG without loss. Equal pictures are equal files.

    Parameters
    ----------
    picture
        A complete JPEG, PNG without transparency, or TIFF of one strip of fax code.
    dots
        Dots an inch, which decide the page's size alone; 0 if unknown, for those of `assumed_dots`.

    Raises
    ------
    server.errors.PictureUnreadable
        Not a picture that a PDF can hold as it is.
    """

    def layout(cols: int, rows: int, _: Dots) -> tuple[float, float, float, float]:
        size = page_size(cols, rows, (dots, dots) if dots else None)
        return (*size, *size)

    try:
        # A camera's invalid orientation tag must not cost the picture.
        pdf: bytes = img2pdf.convert(
            picture,
            layout_fun=layout,
            rotation=img2pdf.Rotation.ifvalid,
            engine=img2pdf.Engine.internal,
            nodate=True,
        )
    except (
        img2pdf.ImageOpenError,
        img2pdf.JpegColorspaceError,
        img2pdf.UnsupportedColorspaceError,
        img2pdf.AlphaChannelError,
        img2pdf.NegativeDimensionError,
    ) as exc:
        reason = LocalizedText("PDF 无法收录它", "a PDF cannot hold it")
        raise PictureUnreadable(picture=LocalizedText("图片", "the picture"), reason=reason) from exc
    return pdf
