"""OFDs (GB/T 33190-2016) whose pages are pictures: a ZIP of XML and of the pictures as they are."""

from __future__ import annotations

import datetime
import io
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from xml.sax.saxutils import escape, quoteattr

from server.documents.blank_page import BlankPageDetector
from server.documents.geometry import page_size, placement_matrix, swaps_sides
from server.documents.input_file import InputFile, Raster, decode_jpeg, picture_of
from server.documents.jpeg import Jpeg, without_orientation
from server.documents.lossless import encode_png, stored_png

NAMESPACE = "http://www.ofdspec.org/2016"
"""XML namespace of the elements of an OFD."""
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
"""XML declaration at the head of each XML file of an OFD."""
_MM_PER_POINT = 25.4 / 72
"""Millimetres of a point, which is 1/72 inch."""
_PER_PAGE = 4
"""Identifiers that a page takes: one each for itself, its layer, its picture's place and its picture."""
_LETTER = 0.8
"""Height of letters as a share of that of their line."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date and time of each file in the package: the earliest that a ZIP can hold."""


@dataclass(frozen=True, slots=True)
class OfdText:
    """A line of text below the picture, in millimetres; `down` where it is read downwards."""

    text: str
    left: float
    top: float
    width: float
    height: float
    down: bool


@dataclass(frozen=True, slots=True, eq=False)
class OfdPage:
    """A page: its picture's file, its size in millimetres as it is seen, and its text, if it was read."""

    data: bytes
    format: str
    width: float
    height: float
    orientation: int
    blank: bool
    texts: tuple[OfdText, ...] = ()

    @property
    def size(self) -> int:
        return len(self.data)


class OfdDocumentWriter:
    """Writes OFDs."""

    suffixes = ("ofd",)

    def __init__(self, limit_pixels: int, blank_pages: BlankPageDetector) -> None:
        self._limit = limit_pixels
        self._blank_pages = blank_pages

    def prepare(self, source: InputFile, number: int) -> OfdPage:
        """Prepare a page: a JPEG as it came, anything else as a PNG."""
        picture = picture_of(source, number, self._limit)
        blank = self._blank_pages.blank(picture)
        if isinstance(picture, Jpeg):
            if picture.channels != 4:
                return _of_jpeg(picture, blank)
            # Readers of OFDs take CMYK for RGB.
            picture = decode_jpeg(picture, self._limit)
        return _of_raster(picture, blank)


def write_ofd(pages: Sequence[OfdPage]) -> list[memoryview]:
    """Return the OFD of these pages, in this order, in chunks."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, text in _texts(pages):
            _put(archive, name, (_HEAD + text).encode(), zipfile.ZIP_DEFLATED)
        for number, page in enumerate(pages):
            _put(archive, f"Doc_0/Res/{_file(number, page)}", page.data, zipfile.ZIP_STORED)
    return [sink.getbuffer()]


def _of_jpeg(jpeg: Jpeg, blank: bool) -> OfdPage:
    width, height = page_size(jpeg.width, jpeg.height, jpeg.dots)
    seen = (height, width) if swaps_sides(jpeg.orientation) else (width, height)
    # An OFD states the orientation itself: stated twice, some readers would turn the picture twice.
    return OfdPage(without_orientation(jpeg.data), "JPEG", *_millimetres(seen), jpeg.orientation, blank)


def _of_raster(raster: Raster, blank: bool) -> OfdPage:
    rows, cols = raster.image.shape[:2]
    kept = raster.stored and stored_png(raster.stored) is not None
    data = raster.stored if kept else encode_png(raster.image)
    return OfdPage(data, "PNG", *_millimetres(page_size(cols, rows, raster.dots)), 1, blank)


def _millimetres(points: tuple[float, float]) -> tuple[float, float]:
    return round(points[0] * _MM_PER_POINT, 3), round(points[1] * _MM_PER_POINT, 3)


def _texts(pages: Sequence[OfdPage]) -> Iterator[tuple[str, str]]:
    """Yield each XML file of the package with its name."""
    yield "OFD.xml", _package()
    yield "Doc_0/Document.xml", _document(pages)
    font = f'<ofd:Font ID="{_font_number(pages)}" FontName="SimSun" FamilyName="SimSun"/>'
    fonts = f"<ofd:Fonts>{font}</ofd:Fonts>" if any(page.texts for page in pages) else ""
    yield "Doc_0/PublicRes.xml", _element("Res", BaseLoc="Res", inner=fonts)
    yield "Doc_0/DocumentRes.xml", _resources(pages)
    identifiers = count(_font_number(pages) + 1)
    for number, page in enumerate(pages):
        texts = "".join(_text(text, next(identifiers), _font_number(pages)) for text in page.texts)
        yield f"Doc_0/Pages/Page_{number}/Content.xml", _page(number, page, texts)


def _package() -> str:
    today = datetime.datetime.now(tz=datetime.UTC).astimezone().date()
    info = (
        f"<ofd:DocID>{uuid.uuid4().hex}</ofd:DocID>"
        f"<ofd:CreationDate>{today.isoformat()}</ofd:CreationDate>"
        "<ofd:Creator>gaopai</ofd:Creator>"
    )
    body = f"<ofd:DocInfo>{info}</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
    return _element("OFD", Version="1.0", DocType="OFD", inner=f"<ofd:DocBody>{body}</ofd:DocBody>")


def _document(pages: Sequence[OfdPage]) -> str:
    common = (
        f"<ofd:MaxUnitID>{_last_number(pages)}</ofd:MaxUnitID>"
        f"<ofd:PageArea>{_box(pages[0])}</ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
        "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
    )
    listed = "".join(
        f'<ofd:Page ID="{_first(number)}" BaseLoc="Pages/Page_{number}/Content.xml"/>'
        for number in range(len(pages))
    )
    inner = f"<ofd:CommonData>{common}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages>"
    return _element("Document", inner=inner)


def _resources(pages: Sequence[OfdPage]) -> str:
    media = "".join(
        f'<ofd:MultiMedia ID="{_first(number) + 3}" Type="Image" Format="{page.format}">'
        f"<ofd:MediaFile>{_file(number, page)}</ofd:MediaFile></ofd:MultiMedia>"
        for number, page in enumerate(pages)
    )
    return _element("Res", BaseLoc="Res", inner=f"<ofd:MultiMedias>{media}</ofd:MultiMedias>")


def _page(number: int, page: OfdPage, texts: str) -> str:
    first = _first(number)
    matrix = " ".join(map(_number, placement_matrix(page.orientation, page.width, page.height, down=True)))
    image = (
        f'<ofd:ImageObject ID="{first + 2}" CTM="{matrix}" ResourceID="{first + 3}" '
        f'Boundary="0 0 {_number(page.width)} {_number(page.height)}"/>'
    )
    content = f'<ofd:Content><ofd:Layer ID="{first + 1}">{texts}{image}</ofd:Layer></ofd:Content>'
    return _element("Page", inner=f"<ofd:Area>{_box(page)}</ofd:Area>{content}")


def _text(line: OfdText, identifier: int, font: int) -> str:
    """Return a line of text; it lies below the picture, and is clear where that is."""
    length, across = (line.height, line.width) if line.down else (line.width, line.height)
    step = _number(length / max(1, len(line.text)))
    spread = f'Delta{"Y" if line.down else "X"}="g {len(line.text) - 1} {step}"' if len(line.text) > 1 else ""
    boundary = " ".join(map(_number, (line.left, line.top, line.width, line.height)))
    return (
        f'<ofd:TextObject ID="{identifier}" Boundary="{boundary}" Font="{font}" '
        f'Size="{_number(_LETTER * across)}" Alpha="0"><ofd:TextCode X="0" Y="{_number(_LETTER * across)}" '
        f"{spread}>{escape(line.text)}</ofd:TextCode></ofd:TextObject>"
    )


def _font_number(pages: Sequence[OfdPage]) -> int:
    return _PER_PAGE * len(pages) + 1


def _last_number(pages: Sequence[OfdPage]) -> int:
    lines = sum(len(page.texts) for page in pages)
    return _font_number(pages) + lines if lines else _PER_PAGE * len(pages)


def _element(name: str, inner: str, **attributes: str) -> str:
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f'<ofd:{name} xmlns:ofd="{NAMESPACE}"{said}>{inner}</ofd:{name}>'


def _box(page: OfdPage) -> str:
    return f"<ofd:PhysicalBox>0 0 {_number(page.width)} {_number(page.height)}</ofd:PhysicalBox>"


def _first(number: int) -> int:
    return 1 + _PER_PAGE * number


def _file(number: int, page: OfdPage) -> str:
    return f"Image_{number}.{'jpg' if page.format == 'JPEG' else 'png'}"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _put(archive: zipfile.ZipFile, name: str, data: bytes, coding: int) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, coding)
