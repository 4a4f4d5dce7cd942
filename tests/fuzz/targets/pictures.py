"""Picture files, the pages of TIFFs, and what EXIF says."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import numpy as np
import PIL.Image

from imgcore import codec, tiff
from imgcore.types import Image, ImageError
from server.documents.faults import DocumentFault
from server.documents.jpeg import read_jpeg
from tests.fuzz.target import Target

LIMIT = 1 << 16
"""Pixels."""
PAGES = 4
SMALL = np.arange(24 * 16 * 3, dtype=np.uint8).reshape(24, 16, 3)


def attack_picture(data: bytes) -> None:
    """Any file."""
    try:
        _check(codec.decode(data, LIMIT))
    except ImageError:
        return


def attack_tiff(data: bytes) -> None:
    """The pages of a TIFF, alone and one after the other."""
    try:
        pages = tiff.count_tiff_pages(io.BytesIO(data))
    except ImageError:
        return
    for number in range(min(pages, PAGES)):
        try:
            page = tiff.read_tiff_page(io.BytesIO(data), number, LIMIT)
        except ImageError:
            continue
        _check(page.picture)
        assert page.dots >= 0


def attack_exif(data: bytes) -> None:
    """An EXIF block, in a JPEG that is well otherwise."""
    block = b"Exif\0\0" + data
    whole = _file("JPEG")
    jpeg = whole[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + whole[2:]
    for read in (codec.decode, read_jpeg):
        try:
            read(jpeg, LIMIT)
        except (ImageError, DocumentFault):
            continue


def _check(image: Image) -> None:
    assert image.dtype == np.uint8
    assert image.ndim == 2 or image.shape[2] == 3
    assert 0 < image.shape[0] * image.shape[1] <= LIMIT


def _file(kind: str, mode: str = "RGB", **options: object) -> bytes:
    sink = io.BytesIO()
    PIL.Image.fromarray(SMALL).convert(mode).save(sink, kind, **options)
    return sink.getvalue()


def picture_seeds() -> Sequence[bytes]:
    """Every format in the modes that matter."""
    modes = {
        "JPEG": ("RGB", "L", "CMYK"),
        "PNG": ("RGB", "L", "RGBA", "LA", "P", "1"),
        "BMP": ("RGB", "L", "P", "1"),
        "WEBP": ("RGB", "RGBA"),
        "TIFF": ("RGB", "L", "1", "CMYK", "LAB"),
    }
    plain = [_file(kind, mode) for kind, several in modes.items() for mode in several]
    other = PIL.Image.fromarray(SMALL[::-1].copy())
    return [*plain, _file("WEBP", save_all=True, append_images=[other]), _file("JPEG", exif=_exif())]


def tiff_seeds() -> Sequence[bytes]:
    """Every coding that Pillow writes, and files of several pages."""
    codings = ("raw", "tiff_lzw", "tiff_deflate", "packbits", "jpeg")
    grey = [_file("TIFF", "1", compression=coding) for coding in ("group3", "group4")]
    others = [PIL.Image.fromarray(SMALL[:8]), PIL.Image.fromarray(SMALL[:, :, 0].copy())]
    several = _file("TIFF", save_all=True, append_images=others, dpi=(204, 98))
    return [*(_file("TIFF", compression=coding) for coding in codings), *grey, several]


def exif_seeds() -> Sequence[bytes]:
    """Both byte orders."""
    return [
        _exif().tobytes().removeprefix(b"Exif\0\0"),
        struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x112, 3, 1, 6, 0, 0),
    ]


def _exif() -> PIL.Image.Exif:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    exif[0x011A] = 300.0
    exif[0x0128] = 2
    return exif


PICTURE = Target(
    attack_picture, picture_seeds, words=[b"IHDR", b"IDAT", b"IEND", b"tRNS", b"eXIf", b"VP8X", b"ANMF"]
)
TIFF = Target(attack_tiff, tiff_seeds, words=[b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"])
EXIF = Target(attack_exif, exif_seeds, words=[b"II*\0", b"MM\0*"])
