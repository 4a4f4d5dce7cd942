"""Codes on made pages: every kind, any angle, either polarity, and none where none is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from imgcore.barcode import USUAL, Code, Symbology, engines, read_codes
from imgcore.barcode.bars import find_bars
from imgcore.barcode.engines import DecodedSymbol
from imgcore.barcode.locator import Candidate
from imgcore.barcode.squares import Square
from imgcore.types import Image, ImageError
from tests.unit.imgcore.barcode.profiles import pharmacode_widths

KINDS = {
    "Code128": ("GAOPAI-2026", Symbology.CODE_128),
    "Code39": ("GAOPAI 26", Symbology.CODE_39),
    "Code93": ("GAOPAI", Symbology.CODE_93),
    "EAN13": ("6901234567892", Symbology.EAN_13),
    "EAN8": ("96385074", Symbology.EAN_8),
    "UPCA": ("036000291452", Symbology.UPC_A),
    "UPCE": ("01234565", Symbology.UPC_E),
    "ITF": ("1234567890", Symbology.ITF),
    "Codabar": ("A123456A", Symbology.CODABAR),
    "QRCode": ("https://oa.example.cn/?id=42", Symbology.QR),
}
MSI_1234567 = "12345674"


def drawn(kind: str, text: str, scale: int = 3) -> Image:
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    return np.array(zxingcpp.write_barcode_to_image(made, scale=scale, add_quiet_zones=True), np.uint8)


def on_page(code: Image, degrees: float = 0.0, size: int = 900) -> Image:
    """A code in the middle of a white page, turned counter-clockwise."""
    page = np.full((size, size), 255, np.uint8)
    top = (size - code.shape[0]) // 2
    left = (size - code.shape[1]) // 2
    page[top : top + code.shape[0], left : left + code.shape[1]] = code
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), degrees, 1)
    turned = cv2.warpAffine(page, turn, (size, size), flags=cv2.INTER_CUBIC, borderValue=(255,))
    return np.asarray(turned, np.uint8)


def told(codes: tuple[Code, ...]) -> list[tuple[str, Symbology]]:
    return [(code.text, code.symbology) for code in codes]


def bars(widths: list[int], module: int, height: int = 120) -> Image:
    """Bars and spaces, a bar first, with quiet zones."""
    row = [np.full(12 * module, 255, np.uint8)]
    for number, width in enumerate(widths):
        row.append(np.full(width * module, 255 if number % 2 else 0, np.uint8))
    row.append(np.full(12 * module, 255, np.uint8))
    return np.tile(np.concatenate(row), (height, 1))


def msi(digits: str) -> list[int]:
    bits = "".join(f"{int(digit):04b}" for digit in digits)
    return [2, 1, *(width for bit in bits for width in ((2, 1) if bit == "1" else (1, 2))), 1, 2, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_with_its_printed_text(kind: str) -> None:
    text, symbology = KINDS[kind]
    assert told(read_codes(on_page(drawn(kind, text)))) == [(text, symbology)]


@pytest.mark.parametrize("degrees", range(0, 360, 15))
def test_a_code_is_read_at_any_angle(degrees: int) -> None:
    page = on_page(drawn("Code128", "TURNED-42", 2), degrees)
    (code,) = read_codes(page)
    assert (code.text, code.symbology) == ("TURNED-42", Symbology.CODE_128)
    x, y = code.corners.mean(axis=0)
    assert abs(x - 450) < 30 and abs(y - 450) < 30


def test_msi_is_read_with_its_check_digit() -> None:
    (code,) = read_codes(on_page(bars(msi(MSI_1234567), 3)))
    assert (code.text, code.symbology) == (MSI_1234567, Symbology.MSI)


@pytest.mark.parametrize(("height", "read"), [(120, ["1022"]), (450, [])])
def test_stripes_of_one_width_are_a_pharmacode_only_if_shaped_like_one(height: int, read: list[str]) -> None:
    stripes = bars([3, 2] * 8 + [3], 5, height)
    assert [code.text for code in read_codes(on_page(stripes))] == read


def test_light_bars_on_dark_paper_are_read() -> None:
    page = 255 - on_page(drawn("QRCode", "inverse"))
    assert told(read_codes(page)) == [("inverse", Symbology.QR)]


def test_the_same_code_twice_is_two_in_reading_order() -> None:
    one = on_page(drawn("Code128", "SAME", 2), size=400)
    codes = read_codes(np.vstack([one, one]))
    assert told(codes) == [("SAME", Symbology.CODE_128)] * 2
    assert codes[0].corners[:, 1].max() < codes[1].corners[:, 1].min()


def test_a_page_without_codes_has_none() -> None:
    page = np.full((1200, 900), 245, np.uint8)
    for row in range(80, 1120, 40):
        cv2.putText(page, "Nothing but lines of print: III lll 111", (60, row), 0, 0.8, (30,), 2)
    assert read_codes(page) == ()


def test_only_the_part_with_a_code_that_runs_down_is_read_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engines.best_engine(USUAL)
    assert engine is not None
    seen: list[tuple[int, ...]] = []
    read_turned = engine.read_turned

    def spy(grey: Image) -> tuple[DecodedSymbol, ...]:
        seen.append(grey.shape)
        return read_turned(grey)

    monkeypatch.setattr(engine, "read_turned", spy)
    code = np.rot90(drawn("Code128", "DOWNWARDS"), -1)
    page = np.full((1500, 1200), 245, np.uint8)
    page[700 : 700 + len(code), 300 : 300 + code.shape[1]] = code
    (found,) = read_codes(page)
    assert found.text == "DOWNWARDS"
    assert np.abs(found.corners.mean(axis=0) - (299.5 + code.shape[1] / 2, 699.5 + len(code) / 2)).max() < 4
    assert [height < 700 and width < 400 for height, width in seen] == [True]


@pytest.mark.parametrize(("text", "sought"), [("23667258", 0), ("2366", 1)])
def test_no_qr_code_is_sought_across_a_linear_one(
    text: str, sought: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    patches: list[Image] = []
    corners = np.array([(100, 300), (260, 300), (260, 310), (100, 310)], np.float32)
    engine = Crossing()
    monkeypatch.setattr(
        engine, "read_picture", lambda *_, **__: (DecodedSymbol(text, Symbology.ITF, corners),)
    )
    monkeypatch.setattr(engine, "read_matrix_codes", lambda grey: patches.append(grey) or ())
    monkeypatch.setattr("imgcore.barcode.reader.best_engine", lambda kinds: engine)
    across = Square(180.0, 220.0, 200.0 * np.eye(2))
    monkeypatch.setattr("imgcore.barcode.reader.find_squares", lambda levels, directed=False: (across,))
    monkeypatch.setattr("imgcore.barcode.reader.looks_like_code", lambda levels, square: True)
    read_codes(np.full((600, 600), 255, np.uint8))
    assert len(patches) == sought


class Crossing:
    """An engine whose lines crossed all bars of a code once, and some of them twice."""

    name = "crossing"
    kinds = frozenset({Symbology.ITF, Symbology.QR})

    def read_picture(self, grey: Image, fast: bool, turned: bool = True) -> tuple[DecodedSymbol, ...]:
        return tuple(
            DecodedSymbol(
                text, Symbology.ITF, np.array([(left, y), (right, y), (right, y), (left, y)], np.float32)
            )
            for text, left, right, y in (
                ("2366", 100, 180, 300),
                ("23667258", 100, 260, 310),
                ("58", 220, 260, 330),
            )
        )

    def read_turned(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        return ()

    def read_matrix_codes(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        return ()

    def read_row(self, row: Image, binarized: bool) -> tuple[DecodedSymbol, ...]:
        return ()


def test_what_lines_across_a_part_of_a_code_gave_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imgcore.barcode.reader.best_engine", lambda kinds: Crossing())
    assert told(read_codes(np.full((600, 600), 255, np.uint8))) == [("23667258", Symbology.ITF)]


def test_without_any_engine_the_own_decoders_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imgcore.barcode.reader.best_engine", lambda kinds: None)
    assert told(read_codes(on_page(bars(msi(MSI_1234567), 3)))) == [(MSI_1234567, Symbology.MSI)]
    assert read_codes(on_page(drawn("QRCode", "x"))) == ()


@pytest.mark.parametrize("image", [np.zeros((0, 5), np.uint8), np.zeros((5, 5), np.float32)])
def test_what_is_no_picture_is_refused(image: Image) -> None:
    with pytest.raises(ImageError):
        read_codes(image)


def test_engines_that_are_installed_are_found() -> None:
    assert engines.find_engines()


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (300, 2), (3, 3)])
def test_a_picture_smaller_than_a_code_holds_none(shape: tuple[int, int]) -> None:
    assert read_codes(np.full(shape, 255, np.uint8)) == ()


def pharmacode_label(values: list[int], height: int) -> Image:
    """A narrow white label on a grey ground, with Pharmacodes between lines of print."""
    codes = [
        bars([int(width) for width in pharmacode_widths(value)], 2, height)[:, 24:-24] for value in values
    ]
    wide = max(code.shape[1] for code in codes) + 80
    label = np.full((30 + (height + 30) * len(values), wide), 240, np.uint8)
    for number, code in enumerate(codes):
        top = 30 + (height + 30) * number
        left = (wide - code.shape[1]) // 2
        label[top : top + height, left : left + code.shape[1]] = code
        cv2.putText(label, "Charge 2231 EXP 04/27", (20, top - 10), 0, 0.35, (40,), 1)
    page = np.full((480, 640), 130, np.uint8)
    page[100 : 100 + len(label), 200 : 200 + wide] = label
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 0.6), np.uint8)


def test_a_labels_two_edges_are_no_bars_ends() -> None:
    page = pharmacode_label([39448], 40)
    label = np.flatnonzero(page[110] > 200)
    found = find_bars(page, Candidate(float(label.mean()), 149.5, 0.0, float(len(label)), 76.0, 1.0))
    assert found is not None
    assert found.height == pytest.approx(40, abs=4)


def test_pharmacodes_below_each_other_are_each_read() -> None:
    codes = read_codes(pharmacode_label([52942, 44189, 22204], 20))
    assert [code.text for code in codes] == ["52942", "44189", "22204"]


@pytest.mark.long
@pytest.mark.parametrize("value", [79135, 117229])
def test_a_steeply_tilted_label_is_read_though_its_frame_is_taller_than_its_bars(value: int) -> None:
    widths = np.array(pharmacode_widths(value))
    bars = np.repeat(np.where(np.arange(len(widths)) % 2, 235, 25), (8 * widths).astype(int))
    label = np.pad(np.tile(bars, (26 * 8, 1)), 80, constant_values=235)
    label = cv2.copyMakeBorder(label.astype(np.uint8), 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=(25,))
    rows, cols = label.shape
    seen = np.array([(-cols, -rows), (cols, -rows), (cols, rows), (-cols, rows)]) * 3 / 16
    seen[1:3] *= 0.5
    flat = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float32)
    tilt = cv2.getPerspectiveTransform(flat, (seen + 400).astype(np.float32))
    page = cv2.warpPerspective(label, tilt, (800, 800), flags=cv2.INTER_AREA, borderValue=(245,))
    codes = read_codes(np.asarray(cv2.GaussianBlur(page, (0, 0), 0.6), np.uint8))
    assert [code.text for code in codes] == [str(value)]
