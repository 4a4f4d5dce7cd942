"""Recognised lines of text as the only content of a PDF's page, invisible.

`server.documents.text_layer` puts it under what another page shows.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import pikepdf

from imgcore.text import TextLine

_SIZE = 0.72
"""Height of letters as a share of that of their line."""
_HAIR = 0.002
"""Tangent by which vertical text leans."""
_ALL_CHARACTERS = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end"""
"""A character's code is that of Unicode."""


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
    x, y = foot[0] + sin * raised, rows - foot[1] + cos * raised
    stretched = 100 * length / (size * max(1, len(line.text)))
    coded = line.text.encode("utf-16-be", "replace").hex()
    matrix = f"{cos:.5f} {-sin:.5f} {sin:.5f} {cos:.5f} {x:.2f} {y:.2f}"
    return f"/F {size:.2f} Tf {stretched:.2f} Tz {matrix} Tm <{coded}> Tj\n".encode()


def _font(document: pikepdf.Pdf) -> pikepdf.Object:
    """Return a font whose characters are an em wide; it has no glyphs, as none is ever drawn."""
    descriptor = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor,
            FontName=pikepdf.Name("/gaopai-invisible"),
            Flags=4,
            FontBBox=[0, -200, 1000, 800],
            ItalicAngle=0,
            Ascent=800,
            Descent=-200,
            CapHeight=700,
            StemV=80,
        )
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name("/gaopai-invisible"),
        CIDSystemInfo=pikepdf.Dictionary(
            Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
        ),
        FontDescriptor=descriptor,
        DW=1000,
    )
    return document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=pikepdf.Name("/gaopai-invisible"),
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[document.make_indirect(descendant)],
            ToUnicode=document.make_stream(_ALL_CHARACTERS),
        )
    )
