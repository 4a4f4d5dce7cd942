"""A layer of invisible text on pages that are pictures, so that they can be searched."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import pikepdf

from imgcore.text import TextLine
from server.documents import rendering
from server.documents.full_page_image import inherited
from server.documents.input_file import InputFile, Raster, raster_of

_SIZE = 0.72
"""Height of letters as a share of that of their line."""
_HAIR = 0.002
"""Least cosine of a line's angle to the horizontal: vertical text leans by so much, as PDFium passes over
text that is not a hair wide."""
_ALL_CHARACTERS = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end"""
"""Map from the font's codes to Unicode, for all characters: each code is that of Unicode."""
_DESCRIPTOR = b"""<< /Type /FontDescriptor /FontName /gaopai-invisible /Flags 4
/FontBBox [0 -200 1000 800] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>"""
"""PDF object that describes the invisible font: its box and heights, in thousandths of an em."""
_DESCENDANT = b"""<< /Type /Font /Subtype /CIDFontType2 /BaseFont /gaopai-invisible
/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 >>"""
"""PDF object of the invisible font's characters, each of which is an em wide."""
_COMPOSITE = b"<< /Type /Font /Subtype /Type0 /BaseFont /gaopai-invisible /Encoding /Identity-H >>"
"""PDF object of the invisible font, whose codes are two bytes long."""


def text_page(lines: Sequence[TextLine], shape: tuple[int, ...]) -> bytes:
    """Return a PDF of one page with only these lines, invisible; empty without any.

    Parameters
    ----------
    shape
        Rows and columns of the picture on which they lie; the page has a point for each.
    """
    if not lines:
        return b""
    rows, cols = shape[:2]
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(cols, rows))
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary({"/F": _font(document)}))
        shown = b"".join(_operators(line, rows) for line in lines)
        page.contents_add(b"BT 3 Tr\n" + shown + b"ET\n")
        sink = io.BytesIO()
        document.save(sink)
    return sink.getvalue()


def _operators(line: TextLine, rows: int) -> bytes:
    """Return the operators that set a line as long as it is, along its foot."""
    _, _, foot_end, foot = line.corners.astype(float)
    length = math.dist(foot, foot_end)
    height = math.dist(line.corners[0].astype(float), foot)
    if length < 1 or height < 1:
        return b""
    cos, sin = (foot_end - foot) / length
    # Letters without glyphs have no height, and PDFium passes over text that is not a hair wide.
    cos = cos if abs(cos) > _HAIR else math.copysign(_HAIR, cos)
    size = _SIZE * height
    # Up from the foot by what hangs below the letters, in a frame whose y goes up.
    raised = 0.5 * (1 - _SIZE) * height
    x = foot[0] + sin * raised
    y = rows - foot[1] + cos * raised
    stretched = 100 * length / (size * max(1, len(line.text)))
    coded = line.text.encode("utf-16-be", "replace").hex()
    matrix = f"{cos:.5f} {-sin:.5f} {sin:.5f} {cos:.5f} {x:.2f} {y:.2f}"
    return f"/F {size:.2f} Tf {stretched:.2f} Tz {matrix} Tm <{coded}> Tj\n".encode()


def _font(document: pikepdf.Pdf) -> pikepdf.Object:
    """Return a font whose characters are an em wide; it has no glyphs, as none is ever drawn."""
    descriptor, descendant, font = map(pikepdf.Object.parse, (_DESCRIPTOR, _DESCENDANT, _COMPOSITE))
    descendant.FontDescriptor = document.make_indirect(descriptor)
    font.DescendantFonts = pikepdf.Array([document.make_indirect(descendant)])
    font.ToUnicode = document.make_stream(_ALL_CHARACTERS)
    return document.make_indirect(font)


_FONT = "/gaopai-text"
"""Beginning of the names under which the fonts of a text layer are added to a page."""


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
            page_transform(page, width, height) + _with_renamed_fonts(content, fonts) + b"\nQ\n",
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


def quarters_clockwise(page: pikepdf.Page) -> int:
    """Return by how many quarters of a turn a page is seen turned, from 0 to 3."""
    return int(inherited(page, "/Rotate") or 0) // 90 % 4


def page_transform(page: pikepdf.Page, width: float, height: float) -> bytes:
    """Return the operators that scale a layer of that size to the page as it is seen, which may be turned."""
    left, bottom, right, top = (float(number) for number in page.cropbox)
    clockwise = quarters_clockwise(page) * 90
    across = right - left
    up = top - bottom
    seen = (up, across) if clockwise % 180 else (across, up)
    x = seen[0] / width
    y = seen[1] / height
    matrix = {
        0: (x, 0, 0, y, left, bottom),
        90: (0, x, -y, 0, right, bottom),
        180: (-x, 0, 0, -y, right, top),
        270: (0, -x, y, 0, left, top),
    }[clockwise]
    return f"q {' '.join(f'{number:.5f}' for number in matrix)} cm\n".encode()
