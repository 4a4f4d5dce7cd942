"""Kinds of codes beyond the standard's: read where they are asked for, and nowhere else."""

from __future__ import annotations

import typing

import numpy as np
import pytest
import zxingcpp

from imgcore.barcode import STANDARD, USUAL, Symbology, read_codes
from imgcore.types import Image
from server.protocol.messages.barcodes import CodeType

TEXT = "PEKSHA 1831"
ITEM = "0109506000134352"
DRAWN = {
    Symbology.DATA_MATRIX: ("DataMatrix", TEXT),
    Symbology.PDF417: ("PDF417", TEXT),
    Symbology.AZTEC: ("Aztec", TEXT),
    Symbology.MICRO_PDF417: ("MicroPDF417", TEXT),
    Symbology.MICRO_QR: ("MicroQRCode", "PEK1831"),
    Symbology.RMQR: ("RMQRCode", TEXT),
    Symbology.MAXICODE: ("MaxiCode", TEXT),
    Symbology.DATABAR: ("DataBarOmni", ITEM),
    Symbology.DATABAR_LIMITED: ("DataBarLtd", ITEM),
    Symbology.DATABAR_EXPANDED: ("DataBarExp", f"(01){ITEM[2:]}(10)AB"),
    Symbology.DX_FILM_EDGE: ("DXFilmEdge", "79-7"),
    Symbology.TELEPEN: ("Telepen", "PEK1831"),
}
"""Names of zxing-cpp's formats, and texts."""


def symbol(kind: Symbology) -> Image:
    """A symbol on white ground, four pixels a module."""
    name, text = DRAWN[kind]
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, name))
    drawn = np.array(zxingcpp.write_barcode_to_image(made, scale=4, add_quiet_zones=True), np.uint8)
    return np.pad(drawn, 60, constant_values=255)


@pytest.mark.parametrize("kind", DRAWN, ids=lambda kind: kind.value)
def test_each_kind_is_read_where_it_is_asked_for(kind: Symbology) -> None:
    (code,) = read_codes(symbol(kind), kinds=frozenset({kind}))
    assert code.symbology is kind
    assert code.text in (DRAWN[kind][1], ITEM, f"{ITEM}10AB")
    assert code.gs1 is code.symbology.value.startswith("DataBar")


@pytest.mark.parametrize("kind", DRAWN, ids=lambda kind: kind.value)
def test_no_kind_is_read_that_is_not_asked_for(kind: Symbology) -> None:
    assert not any(code.symbology is kind for code in read_codes(symbol(kind), kinds=STANDARD))
    assert any(code.symbology is kind for code in read_codes(symbol(kind))) is (kind in USUAL)


def test_the_protocol_names_all_kinds() -> None:
    assert set(typing.get_args(CodeType)) == {kind.value for kind in Symbology}
