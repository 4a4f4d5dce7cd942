"""Header of a baseline JPEG: all that reading and writing its entropy-coded data takes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from imgcore.jpeg.huffman import BadTable, CodeSets, HuffmanTable, code_sets
from imgcore.jpeg.standard import STANDARD_DHT

SOI = b"\xff\xd8"
"""Marker of the start of the image."""
EOI = b"\xff\xd9"
"""Marker of the end of the image."""
DHT = 0xC4
"""Code of the marker that defines Huffman tables."""
SOF0 = 0xC0
"""Code of the marker that starts a baseline frame."""
SOF1 = 0xC1
"""Code of the marker that starts an extended sequential frame."""
SOS = 0xDA
"""Code of the marker that starts a scan."""
DQT = 0xDB
"""Code of the marker that defines quantisation tables."""
DRI = 0xDD
"""Code of the marker that defines the restart interval."""
COM = 0xFE
"""Code of the marker of a comment."""
PIXEL_LIMIT = 200_000_000
"""Most pixels that a header may declare."""

ZIGZAG: npt.NDArray[np.uint8] = np.array(
    sorted(range(64), key=lambda n: (s := n // 8 + n % 8, n // 8 if s % 2 else n % 8)), np.uint8
)
"""Place in a block, ``8 * row + column``, of each coefficient in the order of the stream."""


class UnsupportedJpeg(ValueError):
    """Raised for a JPEG that is not supported in the compressed domain; the text says why."""


class CutOffJpeg(UnsupportedJpeg):
    """Raised for a JPEG whose end is missing or whose data are broken."""


@dataclass(frozen=True, slots=True)
class Component:
    """One colour plane.

    Attributes
    ----------
    h, v
        Blocks in an MCU, across and down.
    quant
        Number of its quantisation table.
    codes
        Number of its code set.
    """

    h: int
    v: int
    quant: int
    codes: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One marker segment, ``header[start:end]`` from its 0xFF on."""

    marker: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class JpegLayout:
    """Parsed header of a baseline JPEG.

    Attributes
    ----------
    header
        From SOI to the last byte before the entropy-coded data; Huffman tables included, also
        where the camera left them out.
    quants
        float32 ``(n, 64)``, in natural order (``8 * row + column``), one for each component.
    blocks
        uint8 ``(n,)``: the component of each block of an MCU.
    interval
        MCUs between restart markers; 0 for none.
    """

    header: bytes
    segments: tuple[Segment, ...]
    width: int
    height: int
    components: tuple[Component, ...]
    quants: npt.NDArray[np.float32]
    sets: CodeSets
    blocks: npt.NDArray[np.uint8]
    interval: int

    @property
    def mcu(self) -> tuple[int, int]:
        """Width and height of an MCU in pixels."""
        return 8 * max(c.h for c in self.components), 8 * max(c.v for c in self.components)

    @property
    def mcus(self) -> tuple[int, int]:
        """MCUs across and down."""
        width, height = self.mcu
        return -(-self.width // width), -(-self.height // height)

    @property
    def count(self) -> int:
        """Number of MCUs."""
        across, down = self.mcus
        return across * down

    @property
    def intervals(self) -> int:
        """Number of restart intervals."""
        return 1 + (self.count - 1) // self.interval if self.interval else 1

    @property
    def sampling(self) -> npt.NDArray[np.int32]:
        """int32 ``(n, 3)``: h, v and code set of each component."""
        return np.array([(c.h, c.v, c.codes) for c in self.components], np.int32)


def header_length(data: bytes | memoryview) -> int:
    """Find the offset of the entropy-coded data.

    Raises
    ------
    UnusualJpeg
        No JPEG, or its header is cut off.
    """
    end = 0
    for segment in _segments(data):
        end = segment.end
        if segment.marker == SOS:
            return end
    raise UnsupportedJpeg("the header is not complete")


def parse_layout(header: bytes) -> JpegLayout:
    """Parse the layout that a header declares.

    Raises
    ------
    UnusualJpeg
        Progressive, arithmetic, 12 bit, several scans, odd sampling, broken tables.
    """
    segments = tuple(_segments(header))
    if all(segment.marker != DHT for segment in segments):
        header = SOI + STANDARD_DHT + header[2:]
        segments = tuple(_segments(header))
    # Comments and application data may change from frame to frame; the tables do not.
    essence = SOI + b"".join(
        header[segment.start : segment.end] for segment in segments if not _is_free(segment.marker)
    )
    return replace(_tables(essence), header=header, segments=segments)


@lru_cache(maxsize=16)
def _tables(header: bytes) -> JpegLayout:
    """Parse a header without comments and application data; those of the last few cameras are cached."""
    segments = tuple(_segments(header))
    try:
        return _HeaderParser(header, segments).layout()
    except (struct.error, IndexError, BadTable) as exc:
        raise UnsupportedJpeg("the header is broken") from exc


def _is_free(marker: int) -> bool:
    return 0xE0 <= marker <= 0xEF or marker == COM


def _segments(data: bytes | memoryview) -> Iterator[Segment]:
    if bytes(data[:2]) != SOI:
        raise UnsupportedJpeg("it does not begin as a JPEG does")
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise UnsupportedJpeg("a marker is missing in the header")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        length = data[at + 2] << 8 | data[at + 3]
        if length < 2 or at + 2 + length > len(data):
            raise UnsupportedJpeg("the header is not complete")
        yield Segment(marker, at, at + 2 + length)
        if marker == SOS:
            return
        at += 2 + length


class _HeaderParser:
    """Parser of one header, segment by segment."""

    def __init__(self, header: bytes, segments: tuple[Segment, ...]) -> None:
        self._header = header
        self._segments = segments
        self._quants: dict[int, npt.NDArray[np.float32]] = {}
        self._tables: dict[int, HuffmanTable] = {}
        self._frame: tuple[int, int, dict[int, tuple[int, int, int]]] | None = None
        self._scan: list[tuple[int, int, int]] = []
        self._interval = 0

    def layout(self) -> JpegLayout:
        for segment in self._segments:
            body = self._header[segment.start + 4 : segment.end]
            self._take(segment.marker, body)
        if self._frame is None:
            raise UnsupportedJpeg("the size is missing")
        return self._assemble(*self._frame)

    def _take(self, marker: int, body: bytes) -> None:
        if marker == DQT:
            self._take_quants(body)
        elif marker == DHT:
            self._take_tables(body)
        elif marker in (SOF0, SOF1):
            self._take_frame(body)
        elif marker == DRI:
            self._interval = struct.unpack(">H", body[:2])[0]
        elif marker == SOS:
            self._take_scan(body)
        elif 0xC2 <= marker <= 0xCF:
            raise UnsupportedJpeg("it is not baseline (progressive, lossless or arithmetic)")

    def _take_quants(self, body: bytes) -> None:
        while body:
            wide = body[0] >> 4
            number = body[0] & 15
            size = 128 if wide else 64
            if len(body) < 1 + size:
                raise UnsupportedJpeg("a quantisation table is cut off")
            values = np.frombuffer(body[1 : 1 + size], ">u2" if wide else np.uint8)
            if not values.all():
                raise UnsupportedJpeg("a quantisation table is broken")
            natural = np.empty(64, np.float32)
            natural[ZIGZAG] = values
            self._quants[number] = natural
            body = body[1 + size :]

    def _take_tables(self, body: bytes) -> None:
        while body:
            counts = tuple(body[1:17])
            end = 17 + sum(counts)
            if len(counts) != 16 or end > len(body) or end > 17 + 256:
                raise BadTable("cut off")
            self._tables[body[0]] = HuffmanTable(counts, body[17:end])
            body = body[end:]

    def _take_frame(self, body: bytes) -> None:
        precision, height, width, count = struct.unpack(">BHHB", body[:6])
        if precision != 8 or count not in (1, 3) or self._frame is not None:
            raise UnsupportedJpeg("it is not of 8 bits with one or three components")
        if not 0 < width * height <= PIXEL_LIMIT:
            raise UnsupportedJpeg("its size is unknown or beyond all bounds")
        planes = {}
        for at in range(6, 6 + 3 * count, 3):
            planes[body[at]] = (body[at + 1] >> 4, body[at + 1] & 15, body[at + 2])
        if len(planes) != count:
            raise UnsupportedJpeg("two components have one name")
        self._frame = (width, height, planes)

    def _take_scan(self, body: bytes) -> None:
        count = body[0]
        self._scan = [(body[at], body[at + 1] >> 4, body[at + 1] & 15) for at in range(1, 1 + 2 * count, 2)]
        if tuple(body[1 + 2 * count : 3 + 2 * count]) != (0, 63):
            raise UnsupportedJpeg("its scan is not baseline")

    def _assemble(self, width: int, height: int, planes: dict[int, tuple[int, int, int]]) -> JpegLayout:
        if [name for name, _, _ in self._scan] != list(planes):
            raise UnsupportedJpeg("its components come in several scans")
        wanted = [(dc, ac) for _, dc, ac in self._scan]
        pairs = sorted(set(wanted))
        try:
            sets = code_sets([(self._tables[dc], self._tables[0x10 | ac]) for dc, ac in pairs])
            quants = np.stack([self._quants[quant] for _, _, quant in planes.values()])
        except KeyError as exc:
            raise UnsupportedJpeg("a table is missing") from exc
        single = len(planes) == 1
        components = tuple(
            Component(1 if single else h, 1 if single else v, quant, pairs.index(pair))
            for (h, v, quant), pair in zip(planes.values(), wanted, strict=True)
        )
        _check_sampling(components)
        blocks = [n for n, c in enumerate(components) for _ in range(c.h * c.v)]
        return JpegLayout(
            self._header,
            self._segments,
            width,
            height,
            components,
            quants,
            sets,
            np.array(blocks, np.uint8),
            self._interval,
        )


def _check_sampling(components: tuple[Component, ...]) -> None:
    factors = [factor for c in components for factor in (c.h, c.v)]
    if not set(factors) <= {1, 2, 4} or sum(c.h * c.v for c in components) > 10:
        raise UnsupportedJpeg("its sampling is unusual")
    if any(components[0].h < c.h or components[0].v < c.v for c in components):
        raise UnsupportedJpeg("its brightness is sampled below its colour")
