"""Pictures crowded with finder patterns are searched for QR codes at a size that bounds the work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import zxingcpp

from imgcore.barcode import USUAL, engines
from imgcore.barcode.crowd import MOST_PIXELS, is_crowded
from imgcore.types import Image
from tests import adversarial
from tests.unit.imgcore.barcode.pictures import printed_page

TEXT = "https://oa.example.cn/?id=42"
SIDE = 1900
LEFT = 300
TOP = 200


def crowd() -> tuple[Image, tuple[float, float]]:
    """As many finder patterns as there is room for, around one code; and the code's middle."""
    made = zxingcpp.create_barcode(TEXT, zxingcpp.BarcodeFormat.QRCode)
    code = np.array(zxingcpp.write_barcode_to_image(made, scale=16, add_quiet_zones=True), np.uint8)
    picture = adversarial.finder_patterns(SIDE, module=1)
    picture[TOP : TOP + len(code), LEFT : LEFT + len(code)] = code
    return picture, (LEFT + len(code) / 2, TOP + len(code) / 2)


class Spy:
    """The engine's library, with a note of each call."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, bool]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(zxingcpp, name)

    def read_barcodes(self, picture: Image, formats: list[Any], **options: Any) -> Any:
        self.calls.append((picture.size, zxingcpp.BarcodeFormat.QRCodeModel2 in formats))
        return zxingcpp.read_barcodes(picture, formats=formats, **options)


@pytest.mark.parametrize("read", ["read_picture", "read_matrix_codes"])
def test_a_crowd_is_searched_at_a_bounded_size_and_its_code_found(read: str) -> None:
    spy = Spy()
    engine = engines._Zxing(spy, USUAL)
    picture, expected = crowd()
    assert is_crowded(picture)
    whole = read == "read_picture"
    found = engine.read_picture(picture, False) if whole else engine.read_matrix_codes(picture)
    assert [one.text for one in found] == [TEXT]
    assert np.abs(found[0].corners.mean(axis=0) - expected).max() < 4
    assert max(pixels for pixels, squares in spy.calls if squares) <= MOST_PIXELS


@pytest.mark.parametrize(
    "picture",
    [printed_page(2000), adversarial.finder_patterns(600), adversarial.checkerboard(1200), np.zeros((9, 9))],
    ids=["print", "few", "fields", "none"],
)
def test_other_pictures_are_read_as_they_are(picture: Image) -> None:
    spy = Spy()
    assert not is_crowded(picture.astype(np.uint8))
    engines._Zxing(spy, USUAL).read_picture(picture.astype(np.uint8), False)
    assert spy.calls == [(picture.size, True)]
