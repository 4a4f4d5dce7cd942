"""A PDF written piece by piece: no piece is copied, and pictures are most of a file."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from server.documents.pdf_image import PdfImage
from server.documents.resolution import page_points
from server.documents.turning import lies, placement

Piece = bytes | memoryview

_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
"""What follows the first line tells programs that copy files that this one is no text."""
_CATALOGUE, _PAGES, _INFO, _FIRST = 1, 2, 3, 4
_DEVICE = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
_ROTATED = {3: 180, 6: 90, 8: 270}
"""Orientations that a page can state itself; the mirrored ones are drawn."""


def pdf_of_images(images: Sequence[PdfImage]) -> list[Piece]:
    """A PDF with a page for each picture, which fills it; its pieces, to be put together."""
    file = _File()
    pages = [_add_page(file, image) for image in images]
    kids = " ".join(f"{page} 0 R" for page in pages)
    file.put(_CATALOGUE, f"<</Type/Catalog/Pages {_PAGES} 0 R>>")
    file.put(_PAGES, f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>")
    file.put(_INFO, "<</Producer(gaopai)>>")
    return file.finished()


class _File:
    """Objects and where they begin."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = [_HEAD]
        self._length = len(_HEAD)
        self._begin: dict[int, int] = {}
        self._next = _FIRST

    def number(self) -> int:
        """A number for an object to come."""
        self._next += 1
        return self._next - 1

    def put(self, number: int, text: str) -> None:
        """Write an object."""
        self._begin[number] = self._length
        self._write(f"{number} 0 obj\n{text}\nendobj\n".encode("ascii"))

    def put_stream(self, keys: str, data: Piece) -> int:
        """Write a stream, `keys` of its dictionary beside its length; its number."""
        number = self.number()
        self._begin[number] = self._length
        self._write(f"{number} 0 obj\n<<{keys}/Length {len(data)}>>\nstream\n".encode("ascii"))
        self._write(data)
        self._write(b"\nendstream\nendobj\n")
        return number

    def finished(self) -> list[Piece]:
        """All pieces, with the table of objects last."""
        places = "".join(f"{self._begin[number]:010} 00000 n \n" for number in range(1, self._next))
        mark = secrets.token_hex(16)
        end = (
            f"xref\n0 {self._next}\n0000000000 65535 f \n{places}"
            f"trailer\n<</Size {self._next}/Root {_CATALOGUE} 0 R/Info {_INFO} 0 R/ID[<{mark}><{mark}>]>>\n"
            f"startxref\n{self._length}\n%%EOF\n"
        )
        return [*self._pieces, end.encode("ascii")]

    def _write(self, piece: Piece) -> None:
        self._pieces.append(piece)
        self._length += len(piece)


def _add_page(file: _File, image: PdfImage) -> int:
    size = page_points(image.width, image.height, image.dots)
    orientation = 1 if image.orientation in _ROTATED else image.orientation
    width, height = size[::-1] if lies(orientation) else size
    matrix = " ".join(map(_real, placement(orientation, width, height)))
    content = file.put_stream("", f"q {matrix} cm /Im0 Do Q".encode("ascii"))
    picture = _add_image(file, image)
    page = file.number()
    turn = f"/Rotate {_ROTATED[image.orientation]}" if image.orientation in _ROTATED else ""
    file.put(
        page,
        f"<</Type/Page/Parent {_PAGES} 0 R/MediaBox[0 0 {_real(width)} {_real(height)}]{turn}"
        f"/Contents {content} 0 R/Resources<</XObject<</Im0 {picture} 0 R>>>>>>",
    )
    return page


def _add_image(file: _File, image: PdfImage) -> int:
    decode = f"/Decode[{' '.join(['1 0'] * image.channels)}]" if image.inverted else ""
    parameters = " ".join(f"/{key} {value}" for key, value in image.parameters)
    return file.put_stream(
        f"/Type/XObject/Subtype/Image/Width {image.width}/Height {image.height}"
        f"/ColorSpace {_space(file, image)}/BitsPerComponent {image.depth}{decode}"
        f"/Filter/{image.coding}" + (f"/DecodeParms<<{parameters}>>" if parameters else ""),
        image.data,
    )


def _space(file: _File, image: PdfImage) -> str:
    if image.palette:
        return f"[/Indexed/DeviceRGB {len(image.palette) // 3 - 1}<{image.palette.hex()}>]"
    device = _DEVICE[image.channels]
    if not image.profile:
        return device
    profile = file.put_stream(f"/N {image.channels}/Alternate{device}", image.profile)
    return f"[/ICCBased {profile} 0 R]"


def _real(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
