"""Small files that would become large, endless or deep, and files that end early."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pikepdf
import PIL.Image

from tests.unit.documents.samples import jpeg, pdf, png, shown, text_pdf, tiff

LIMIT = 4_000_000
"""Pixels; the bombs pass it, or stay below and are bombs all the same."""
MUCH = 1 << 31
"""Bytes that a stream becomes: twice what is accepted, more than a counter's computer has to spare."""


def png_of(width: int, height: int, data: bytes, depth: int = 8, colour: int = 2, *extra: bytes) -> bytes:
    """A PNG of any claims, its data deflated already."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"".join((b"\x89PNG\r\n\x1a\n", head, *extra, _chunk(b"IDAT", data), _chunk(b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(size: int, codings: int = 1) -> bytes:
    """So many zeros, deflated so many times. A mebibyte is deflated and repeated, which takes no time."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    checksum = struct.pack(">HH", size % 65_521, 1)
    data = b"\x78\xda" + block * (size >> 20) + b"\x03\0" + checksum
    return data if codings == 1 else zlib.compress(data, 9)


def tiff_chain(pages: int, width: int = 1, height: int = 1, back: bool = False) -> bytes:
    """A TIFF of grey pages that share a strip; with `back`, the last is followed by the first."""
    tags = ((256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8),
            (277, 3, 1), (278, 4, height), (279, 4, width * height))  # fmt: skip
    body = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags
    )
    size = len(body) + 4
    first = 16
    links = [first + size * (number + 1) for number in range(pages)]
    links[-1] = first if back else 0
    return struct.pack("<2sHI8x", b"II", 42, first) + b"".join(
        body + struct.pack("<I", link) for link in links
    )


def gif(frames: int = 200, side: int = 50_000) -> bytes:
    """A GIF of many frames on a huge canvas."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6) + frame * frames + b"\x3b"


def mpo(frames: int = 40) -> bytes:
    """A JPEG with others behind it."""
    pictures = [shown(np.full((64, 64, 3), 5 * number, np.uint8)) for number in range(frames)]
    sink = io.BytesIO()
    pictures[0].save(sink, "MPO", save_all=True, append_images=pictures[1:])
    return sink.getvalue()


def webp_frames(frames: int = 60) -> bytes:
    """An animation."""
    pictures = [PIL.Image.new("RGB", (64, 64), (number, 0, 0)) for number in range(frames)]
    sink = io.BytesIO()
    pictures[0].save(sink, "WEBP", save_all=True, append_images=pictures[1:])
    return sink.getvalue()


def pdf_with_picture() -> pikepdf.Pdf:
    """A page with one grey picture of 100 x 100."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(100, 100))
    keys = {"Type": "XObject", "Subtype": "Image", "ColorSpace": "DeviceGray"}
    names = {key: pikepdf.Name(f"/{name}") for key, name in keys.items()}
    picture = made.make_stream(bytes(100 * 100), Width=100, Height=100, BitsPerComponent=8, **names)
    page = made.pages[0].obj
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
    page.Contents = made.make_stream(b"q 100 0 0 100 0 0 cm /I Do Q")
    return made


def pdf_content_bomb() -> bytes:
    """A page whose instructions are a deflated flood of nothing."""
    made = pdf_with_picture()
    made.pages[0].obj.Contents.write(zeros(MUCH, 2), filter=pikepdf.Array([pikepdf.Name.FlateDecode] * 2))
    return _saved(made)


def pdf_flate() -> bytes:
    """A picture of zeros, deflated twice."""
    return pdf_stream_bomb("FlateDecode", "FlateDecode", data=zeros(MUCH, 2))


def pdf_run_lengths() -> bytes:
    """A picture of run lengths, deflated."""
    runs = zlib.compress(b"\x81\0" * (MUCH >> 7), 1)
    return pdf_stream_bomb("FlateDecode", "RunLengthDecode", data=runs)


def pdf_stream_bomb(*filters: str, data: bytes) -> bytes:
    """A picture whose stream becomes far more than it says."""
    made = pdf_with_picture()
    picture = made.pages[0].obj.Resources.XObject.I
    picture.write(data, filter=pikepdf.Array([pikepdf.Name(f"/{name}") for name in filters]))
    return _saved(made)


def _saved(made: pikepdf.Pdf) -> bytes:
    sink = io.BytesIO()
    made.save(sink, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return sink.getvalue()


def raw_pdf(*objects: bytes) -> bytes:
    """Objects from number 1, which is the catalogue, with a table that is right."""
    data = bytearray(b"%PDF-1.7\n")
    places = []
    for number, text in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(data) + end % (count, table, count, len(data))


def pdf_tree(depth: int) -> bytes:
    """Each node of the tree of pages is there twice in the one above: two to the power of `depth` pages."""
    nodes = [b"<</Type/Catalog/Pages 2 0 R>>"]
    for level in range(depth):
        child = level + 3
        nodes.append(b"<</Type/Pages/Count %d/Kids[%d 0 R %d 0 R]>>" % (2 ** (depth - level), child, child))
    return raw_pdf(*nodes, b"<</Type/Page/MediaBox[0 0 9 9]>>")


def pictures() -> dict[str, bytes]:
    """Pictures that have to be refused, by what they are."""
    bmp = struct.pack("<2sIIIIiiHHIIIIII", b"BM", 70, 0, 54, 40, 50_000, 50_000, 1, 24, *[0] * 6)
    webp = struct.pack("<4sI4s4sIII6s", b"RIFF", 30, b"WEBP", b"VP8X", 10, 2, 0x3FFE00, b"\x3e\xff\x3f\0\0\0")
    profile = _chunk(b"iCCP", b"p\0\0" + zeros(1 << 30))
    return {
        "PNG of 50000 x 50000": png_of(50_000, 50_000, zeros(1 << 20)),
        "PNG of the largest sides": png_of(2**31 - 1, 2**31 - 1, b""),
        "PNG too short for its pixels": png_of(2000, 2000, zlib.compress(b"")),
        "PNG with a chunk of 2 GB": png()[:33] + struct.pack(">I4s", 1 << 31, b"IDAT") + png()[41:],
        "PNG with a gigabyte of profile": png_of(8, 8, zlib.compress(bytes(8 * 25)), 8, 2, profile),
        "JPEG of 65500 x 65500": _resized_jpeg(),
        "BMP of 50000 x 50000": bmp + bytes(16),
        "WebP of 16383 x 16383": webp,
        "GIF": gif(),
        "TIFF of 50000 x 50000": tiff_chain(1, 50_000, 50_000),
        "TIFF of 2001 pages": tiff_chain(2001),
        "text": b"hello",
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "PSD": b"8BPS" + bytes(60),
    }


def documents() -> dict[str, bytes]:
    """PDFs that have to be refused, by what they are."""
    catalogue = b"<</Type/Catalog/Pages 2 0 R>>"
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    wide = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 28346456 28346456]>>"
    return {
        "PDF whose page is 10 km wide": raw_pdf(catalogue, pages, wide),
        "PDF of a million million pages": pdf_tree(40),
        "PDF with a tree that bites its tail": raw_pdf(catalogue, b"<</Type/Pages/Count 1/Kids[2 0 R]>>"),
        "PDF of nothing but brackets": raw_pdf(catalogue, pages, b"[" * 500_000),
        "PDF without pages": raw_pdf(catalogue, b"<</Type/Pages/Count 0/Kids[]>>"),
        "PDF, thirty codings": pdf_stream_bomb(*["ASCIIHexDecode"] * 30, data=b"00>"),
    }


def _resized_jpeg() -> bytes:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, at + 5, 65_500, 65_500)
    return bytes(data)


def harmless() -> dict[str, bytes]:
    """What looks like more than it is: read, and of several pictures the first."""
    return {
        "MPO": mpo(),
        "animated WebP": webp_frames(),
        "TIFF that bites its tail": tiff_chain(3, back=True),
    }


def cut() -> Sequence[bytes]:
    """Whole files of every kind, ended at several places."""
    whole = (
        jpeg(),
        png(),
        tiff(shown(np.zeros((64, 64), np.uint8))),
        pdf(jpeg()),
        text_pdf("text"),
        webp_frames(2),
    )
    return [data[: len(data) * share // 8] for data in whole for share in range(1, 8)]
