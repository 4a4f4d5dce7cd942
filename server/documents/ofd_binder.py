"""OFDs (GB/T 33190-2016) whose pages are pictures: a ZIP of XML and of the pictures as they are."""

from __future__ import annotations

import datetime
import io
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from server.documents.blankness import Glances
from server.documents.jpeg import Jpeg, unturned
from server.documents.picture import Raster, picture_of, unpacked
from server.documents.png import encode_png, stored_png
from server.documents.resolution import page_points
from server.documents.source import Source
from server.documents.turning import lies, placement

NAMESPACE = "http://www.ofdspec.org/2016"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MM_PER_POINT = 25.4 / 72
_PER_PAGE = 4
"""Numbers that a page takes: itself, its layer, its picture's place, its picture."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class OfdLeaf:
    """A page: its picture's file, and its size in millimetres as it is seen."""

    data: bytes
    format: str
    width: float
    height: float
    orientation: int
    blank: bool

    @property
    def size(self) -> int:
        return len(self.data)


class OfdBinder:
    """Makes OFDs."""

    suffixes = ("ofd",)

    def __init__(self, limit_pixels: int, glances: Glances) -> None:
        self._limit = limit_pixels
        self._glances = glances

    def leaf(self, source: Source, number: int) -> OfdLeaf:
        """Take a page: a JPEG as it came, anything else as a PNG."""
        picture = picture_of(source, number, self._limit)
        blank = self._glances.blank(picture)
        if isinstance(picture, Jpeg):
            if picture.channels != 4:
                return _of_jpeg(picture, blank)
            # Readers of OFDs take CMYK for RGB.
            picture = unpacked(picture, self._limit)
        return _of_raster(picture, blank)

    def bind(self, leaves: Sequence[OfdLeaf]) -> list[memoryview]:
        """See `bind_ofd`."""
        return bind_ofd(leaves)


def bind_ofd(leaves: Sequence[OfdLeaf]) -> list[memoryview]:
    """An OFD of these pages, in this order; its pieces, to be put together."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, text in _texts(leaves):
            _put(archive, name, (_HEAD + text).encode(), zipfile.ZIP_DEFLATED)
        for number, leaf in enumerate(leaves):
            _put(archive, f"Doc_0/Res/{_file(number, leaf)}", leaf.data, zipfile.ZIP_STORED)
    return [sink.getbuffer()]


def _of_jpeg(jpeg: Jpeg, blank: bool) -> OfdLeaf:
    width, height = page_points(jpeg.width, jpeg.height, jpeg.dots)
    seen = (height, width) if lies(jpeg.orientation) else (width, height)
    # An OFD states itself how a picture is turned: were it said twice, some readers would turn it twice.
    return OfdLeaf(unturned(jpeg.data), "JPEG", *_millimetres(seen), jpeg.orientation, blank)


def _of_raster(raster: Raster, blank: bool) -> OfdLeaf:
    rows, cols = raster.image.shape[:2]
    kept = raster.stored and stored_png(raster.stored) is not None
    data = raster.stored if kept else encode_png(raster.image)
    return OfdLeaf(data, "PNG", *_millimetres(page_points(cols, rows, raster.dots)), 1, blank)


def _millimetres(points: tuple[float, float]) -> tuple[float, float]:
    return round(points[0] * _MM_PER_POINT, 3), round(points[1] * _MM_PER_POINT, 3)


def _texts(leaves: Sequence[OfdLeaf]) -> Iterator[tuple[str, str]]:
    """Every XML file of the package by its name."""
    yield "OFD.xml", _package()
    yield "Doc_0/Document.xml", _document(leaves)
    yield "Doc_0/PublicRes.xml", _element("Res", BaseLoc="Res", inner="")
    yield "Doc_0/DocumentRes.xml", _resources(leaves)
    for number, leaf in enumerate(leaves):
        yield f"Doc_0/Pages/Page_{number}/Content.xml", _page(number, leaf)


def _package() -> str:
    today = datetime.datetime.now(tz=datetime.UTC).astimezone().date()
    info = (
        f"<ofd:DocID>{uuid.uuid4().hex}</ofd:DocID>"
        f"<ofd:CreationDate>{today.isoformat()}</ofd:CreationDate>"
        "<ofd:Creator>gaopai</ofd:Creator>"
    )
    body = f"<ofd:DocInfo>{info}</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
    return _element("OFD", Version="1.0", DocType="OFD", inner=f"<ofd:DocBody>{body}</ofd:DocBody>")


def _document(leaves: Sequence[OfdLeaf]) -> str:
    common = (
        f"<ofd:MaxUnitID>{_PER_PAGE * len(leaves)}</ofd:MaxUnitID>"
        f"<ofd:PageArea>{_box(leaves[0])}</ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
        "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
    )
    pages = "".join(
        f'<ofd:Page ID="{_first(number)}" BaseLoc="Pages/Page_{number}/Content.xml"/>'
        for number in range(len(leaves))
    )
    inner = f"<ofd:CommonData>{common}</ofd:CommonData><ofd:Pages>{pages}</ofd:Pages>"
    return _element("Document", inner=inner)


def _resources(leaves: Sequence[OfdLeaf]) -> str:
    media = "".join(
        f'<ofd:MultiMedia ID="{_first(number) + 3}" Type="Image" Format="{leaf.format}">'
        f"<ofd:MediaFile>{_file(number, leaf)}</ofd:MediaFile></ofd:MultiMedia>"
        for number, leaf in enumerate(leaves)
    )
    return _element("Res", BaseLoc="Res", inner=f"<ofd:MultiMedias>{media}</ofd:MultiMedias>")


def _page(number: int, leaf: OfdLeaf) -> str:
    first = _first(number)
    matrix = " ".join(map(_number, placement(leaf.orientation, leaf.width, leaf.height, down=True)))
    image = (
        f'<ofd:ImageObject ID="{first + 2}" CTM="{matrix}" ResourceID="{first + 3}" '
        f'Boundary="0 0 {_number(leaf.width)} {_number(leaf.height)}"/>'
    )
    content = f'<ofd:Content><ofd:Layer ID="{first + 1}">{image}</ofd:Layer></ofd:Content>'
    return _element("Page", inner=f"<ofd:Area>{_box(leaf)}</ofd:Area>{content}")


def _element(name: str, inner: str, **attributes: str) -> str:
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f'<ofd:{name} xmlns:ofd="{NAMESPACE}"{said}>{inner}</ofd:{name}>'


def _box(leaf: OfdLeaf) -> str:
    return f"<ofd:PhysicalBox>0 0 {_number(leaf.width)} {_number(leaf.height)}</ofd:PhysicalBox>"


def _first(number: int) -> int:
    return 1 + _PER_PAGE * number


def _file(number: int, leaf: OfdLeaf) -> str:
    return f"Image_{number}.{'jpg' if leaf.format == 'JPEG' else 'png'}"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _put(archive: zipfile.ZipFile, name: str, data: bytes, coding: int) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, coding)
