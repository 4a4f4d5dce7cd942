"""The libraries behind one interface."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from imgcore.barcode import engines
from imgcore.barcode.code import Symbology
from imgcore.barcode.engines import Engine, find_engines
from imgcore.types import Image

zxingcpp = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed")


def drawn(kind: str, text: str, **options: Any) -> Image:
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind), **options)
    return np.pad(np.array(made.to_image(scale=4), np.uint8), 20, constant_values=255)


def engine(name: str) -> Engine:
    found = {engine.name: engine for engine in find_engines()}
    if name not in found:
        pytest.skip(f"{name} is not installed")
    return found[name]


@pytest.mark.parametrize("name", ["zxing-cpp", "zbar"])
def test_retail_texts_are_those_that_are_printed(name: str) -> None:
    for kind, text, symbology in (
        ("UPCA", "036000291452", Symbology.UPC_A),
        ("UPCE", "01234565", Symbology.UPC_E),
        ("EAN13", "6901234567892", Symbology.EAN_13),
    ):
        (symbol,) = engine(name).read_picture(drawn(kind, text), False)
        assert (symbol.text, symbol.symbology) == (text, symbology)


def test_gs1_128_is_told_from_code_128() -> None:
    (symbol,) = engine("zxing-cpp").read_picture(
        drawn("Code128", "(01)09501101530003(10)AB", gs1=True), False
    )
    assert (symbol.text, symbol.symbology) == ("010950110153000310AB", Symbology.GS1_128)


def test_micro_qr_is_not_qr() -> None:
    assert engine("zxing-cpp").read_picture(drawn("MicroQRCode", "12345"), False) == ()


def test_a_large_code_in_noise_is_read_reduced_and_once() -> None:
    clear = np.kron(drawn("QRCode", "LARGE"), np.ones((6, 6), np.uint8))
    grain = np.random.default_rng(5).random(clear.shape)
    noisy = np.where(grain < 0.1, np.uint8(255) - clear, clear)
    zxing = engine("zxing-cpp")
    assert zxing.read_matrix_codes(noisy) == ()
    for picture in (noisy, clear):
        (symbol,) = zxing.read_picture(picture, False, turned=False)
        assert symbol.text == "LARGE"
        assert np.abs(symbol.corners.mean(axis=0) - (len(clear) - 1) / 2).max() < 12


@pytest.mark.parametrize("name", ["zxing-cpp", "zbar"])
@pytest.mark.parametrize("quarter", range(4))
def test_corners_begin_at_the_codes_own_top_left(name: str, quarter: int) -> None:
    picture = np.ascontiguousarray(np.rot90(drawn("Code128", "CORNERS"), -quarter))
    (symbol,) = engine(name).read_picture(picture, False)
    along = symbol.corners[1] - symbol.corners[0]
    assert round(float(np.degrees(np.arctan2(along[1], along[0])))) % 360 == quarter * 90


@pytest.mark.parametrize("name", ["zxing-cpp", "zbar"])
def test_rows_are_read_in_both_directions(name: str) -> None:
    row = drawn("Code128", "ROW")[60]
    for levels, forwards in ((row, True), (row[::-1].copy(), False)):
        (symbol,) = engine(name).read_row(levels, True)
        assert symbol.text == "ROW"
        assert bool(symbol.corners[0, 0] < symbol.corners[1, 0]) is forwards


def test_zbar_raising_on_parts_of_a_message_reads_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    zbar = engine("zbar")
    library = importlib.import_module("pyzbar.pyzbar")
    decode = library.decode

    def fail_on_squares(grey: Image, symbols: list[object]) -> object:
        if library.ZBarSymbol.QRCODE in symbols:
            raise ValueError("4294967295 is not a valid ZBarOrientation")
        return decode(grey, symbols=symbols)

    monkeypatch.setattr(library, "decode", fail_on_squares)
    (symbol,) = zbar.read_picture(drawn("Code128", "BESIDE"), False)
    assert symbol.text == "BESIDE"
    assert zbar.read_matrix_codes(drawn("QRCode", "part")) == ()


def test_a_missing_library_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    load = importlib.import_module

    def without(name: str, package: str | None = None) -> object:
        if name == "pyzbar.pyzbar":
            raise ImportError("Unable to find zbar shared library")
        return load(name, package)

    monkeypatch.setattr(engines.importlib, "import_module", without)
    assert [engine.name for engine in find_engines.__wrapped__()] == ["zxing-cpp"]
