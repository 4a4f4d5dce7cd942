"""Libraries that read codes, behind one interface. A missing one is a state, not an error."""

from __future__ import annotations

import contextlib
import ctypes.util
import functools
import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import cv2
import numpy as np

from imgcore.barcode.code import Symbology
from imgcore.barcode.crowd import MOST_PIXELS, is_crowded
from imgcore.types import Image, Points

_ZBAR = "libzbar.so.0"
"""File name of the system library zbar."""
_ROWS = 2
"""Rows of the picture made of a profile for zxing-cpp, which needs retail codes on two lines."""
_ZBAR_ROWS = 8
"""Rows of the picture made of a profile for zbar, which needs retail codes on more lines than two."""

_LARGE = 333
"""Longer side in pixels from which a picture is halved and searched for QR codes again."""


@dataclass(frozen=True, slots=True, eq=False)
class DecodedSymbol:
    """Code read by an engine.

    Attributes
    ----------
    corners
        float32 ``(4, 2)``, clockwise from the code's own top left, in pixels of the engine's input; of
        linear codes often no more than the lines that were read.
    """

    text: str
    symbology: Symbology
    corners: Points


class Engine(Protocol):
    """Protocol for a library that reads codes."""

    name: str

    def read_picture(self, grey: Image, fast: bool, turned: bool = True) -> tuple[DecodedSymbol, ...]:
        """Read all codes of a picture.

        Parameters
        ----------
        fast
            True to give up light, turned and large ones for half the time.
        turned
            False to leave linear codes that run down the picture to `read_turned`, and to give up those that
            only a reduced picture shows, for a third of the time.
        """
        ...

    def read_turned(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        """Read linear codes that run down the picture, if `read_picture` can leave them out."""
        ...

    def read_qr_codes(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        """Read QR codes only."""
        ...

    def read_row(self, row: Image, binarized: bool) -> tuple[DecodedSymbol, ...]:
        """Read linear codes along a profile, uint8 ``(n,)``; `binarized` if it holds 0 and 255 only."""
        ...


@functools.cache
def find_engines() -> tuple[Engine, ...]:
    """Find the installed engines, the best first."""
    return tuple(engine for engine in (_zxing(), _zbar()) if engine is not None)


@functools.cache
def best_engine() -> Engine | None:
    """Return the best installed engine without loading the others; None without any."""
    return _zxing() or _zbar()


def _zxing() -> Engine | None:
    try:
        return _Zxing(importlib.import_module("zxingcpp"))
    except ImportError:
        return None


def _zbar() -> Engine | None:
    try:
        with _found_by_name():
            return _Zbar(importlib.import_module("pyzbar.pyzbar"))
    except (ImportError, OSError):  # the latter where the system library is missing
        return None


@contextlib.contextmanager
def _found_by_name() -> Iterator[None]:
    """Let pyzbar load zbar by its name: its search starts programs, which a confined process may not."""
    search = ctypes.util.find_library
    ctypes.util.find_library = lambda name: _ZBAR if name == "zbar" else search(name)
    try:
        yield
    finally:
        ctypes.util.find_library = search


class _Zxing:
    name = "zxing-cpp"

    def __init__(self, library: Any) -> None:
        kinds = library.BarcodeFormat
        self._library = library
        self._linear = [
            *(kinds.Code128, kinds.Code39, kinds.Code93, kinds.Codabar, kinds.ITF),
            *(kinds.EAN13, kinds.EAN8, kinds.UPCA, kinds.UPCE),
        ]
        # Model 2 only: its other kinds, micro and rectangular, are not QR codes to those who ask for these.
        self._squares = [kinds.QRCodeModel1, kinds.QRCodeModel2]
        self._kinds = {
            kinds.Code128: Symbology.CODE_128,
            kinds.Code39Std: Symbology.CODE_39,
            kinds.Code39Ext: Symbology.CODE_39,
            kinds.Code39: Symbology.CODE_39,
            kinds.Code32: Symbology.CODE_39,
            kinds.PZN: Symbology.CODE_39,
            kinds.Code93: Symbology.CODE_93,
            kinds.Codabar: Symbology.CODABAR,
            kinds.ITF: Symbology.ITF,
            kinds.ITF14: Symbology.ITF,
            kinds.EAN13: Symbology.EAN_13,
            kinds.EAN8: Symbology.EAN_8,
            kinds.UPCA: Symbology.UPC_A,
            kinds.UPCE: Symbology.UPC_E,
            kinds.QRCode: Symbology.QR,
            kinds.QRCodeModel1: Symbology.QR,
            kinds.QRCodeModel2: Symbology.QR,
        }

    def read_picture(self, grey: Image, fast: bool, turned: bool = True) -> tuple[DecodedSymbol, ...]:
        if is_crowded(grey):
            symbols = self._read(grey, self._linear, fast, turned)
            return (*symbols, *self._read_squares_reduced(grey))
        symbols = self._read(grey, [*self._linear, *self._squares], fast, turned)
        return tuple(symbols if fast or turned else self._with_large_squares(grey, symbols))

    def read_turned(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        upright = np.asarray(cv2.rotate(grey, cv2.ROTATE_90_COUNTERCLOCKWISE), np.uint8)
        last = np.float32(grey.shape[1] - 1)
        return tuple(
            replace(one, corners=np.stack([last - one.corners[:, 1], one.corners[:, 0]], axis=1))
            for one in self._read(upright, self._linear, fast=False, turned=False)
        )

    def read_qr_codes(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        return self._read_squares_reduced(grey) if is_crowded(grey) else self._read_squares(grey)

    def _read_squares_reduced(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        factor = min(1.0, float(np.sqrt(MOST_PIXELS / grey.size)))
        small = np.asarray(
            cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
        )
        found = self._with_large_squares(small, list(self._read_squares(small)))
        return tuple(_enlarged(one, 1 / factor) for one in found)

    def _with_large_squares(self, grey: Image, symbols: list[DecodedSymbol]) -> list[DecodedSymbol]:
        """Add the QR codes of a quarter of the picture, an eighth and so on.

        The library's own option reads linear codes of reduced pictures, too: of 1214 pictures it found none
        so, in a third of its time.
        """
        factor = 1
        found = list(symbols)
        while max(grey.shape) > _LARGE and min(grey.shape) > 1:
            grey = np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
            factor *= 2
            if factor > 2:
                squares = [_enlarged(one, factor) for one in self._read_squares(grey)]
                found += [one for one in squares if not any(_same(one, other) for other in found)]
        return found

    def _read(self, grey: Image, formats: list[Any], fast: bool, turned: bool) -> list[DecodedSymbol]:
        found = self._library.read_barcodes(
            grey,
            formats=formats,
            text_mode=self._library.TextMode.Plain,
            try_rotate=turned and not fast,
            try_downscale=turned and not fast,
            try_invert=not fast,
        )
        return list(self._symbols(found))

    def _read_squares(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        found = self._library.read_barcodes(
            grey,
            formats=self._squares,
            text_mode=self._library.TextMode.Plain,
            try_downscale=False,
        )
        return tuple(self._symbols(found))

    def read_row(self, row: Image, binarized: bool) -> tuple[DecodedSymbol, ...]:
        binarizer = self._library.Binarizer
        found = self._library.read_barcodes(
            np.broadcast_to(row, (_ROWS, len(row))).copy(),
            formats=self._linear,
            text_mode=self._library.TextMode.Plain,
            try_rotate=False,
            try_downscale=False,
            try_invert=False,
            binarizer=binarizer.FixedThreshold if binarized else binarizer.LocalAverage,
        )
        return tuple(self._symbols(found))

    def _symbols(self, found: Iterable[Any]) -> Iterator[DecodedSymbol]:
        for barcode in found:
            symbology = self._kinds.get(barcode.format)
            if symbology is not None and barcode.text:
                at = barcode.position
                corners = [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
                yield _named(barcode, symbology, np.array(corners, np.float32))


def _enlarged(symbol: DecodedSymbol, factor: float) -> DecodedSymbol:
    """Place a symbol of a reduced picture in the picture."""
    return replace(symbol, corners=(symbol.corners + np.float32(0.5)) * np.float32(factor) - np.float32(0.5))


def _same(one: DecodedSymbol, other: DecodedSymbol) -> bool:
    """Return whether two symbols are one, read twice."""
    if (one.text, one.symbology) != (other.text, other.symbology):
        return False
    apart = np.linalg.norm(one.corners.mean(axis=0) - other.corners.mean(axis=0))
    return bool(apart < np.linalg.norm(np.ptp(other.corners, axis=0)) / 2)


def _named(barcode: Any, symbology: Symbology, corners: Points) -> DecodedSymbol:
    """Convert a result of zxing-cpp to the digits as printed: the library widens UPC to thirteen."""
    text: str = barcode.text
    if symbology is Symbology.UPC_E:
        text = (barcode.extra or {}).get("UPCE", text)
    elif symbology in (Symbology.EAN_13, Symbology.UPC_A) and len(text) == 13 and text.startswith("0"):
        text = text[1:]
        symbology = Symbology.UPC_A
    elif symbology is Symbology.CODE_128 and barcode.symbology_identifier == "]C1":
        symbology = Symbology.GS1_128
    return DecodedSymbol(text, symbology, corners)


class _Zbar:
    name = "zbar"

    def __init__(self, library: Any) -> None:
        kinds = library.ZBarSymbol
        self._library = library
        self._linear = [
            *(kinds.CODE128, kinds.CODE39, kinds.CODE93, kinds.CODABAR, kinds.I25),
            *(kinds.EAN13, kinds.EAN8, kinds.UPCA, kinds.UPCE),
        ]
        self._kinds = {
            "CODE128": Symbology.CODE_128,
            "CODE39": Symbology.CODE_39,
            "CODE93": Symbology.CODE_93,
            "CODABAR": Symbology.CODABAR,
            "I25": Symbology.ITF,
            "EAN13": Symbology.EAN_13,
            "EAN8": Symbology.EAN_8,
            "UPCA": Symbology.UPC_A,
            "UPCE": Symbology.UPC_E,
            "QRCODE": Symbology.QR,
        }

    def read_picture(self, grey: Image, fast: bool, turned: bool = True) -> tuple[DecodedSymbol, ...]:
        return tuple(self._symbols(grey, [*self._linear, self._library.ZBarSymbol.QRCODE]))

    def read_turned(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        return ()  # It looks along rows and columns at once.

    def read_qr_codes(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        return tuple(self._symbols(grey, [self._library.ZBarSymbol.QRCODE]))

    def read_row(self, row: Image, binarized: bool) -> tuple[DecodedSymbol, ...]:
        return tuple(self._symbols(np.broadcast_to(row, (_ZBAR_ROWS, len(row))).copy(), self._linear))

    def _symbols(self, grey: Image, kinds: list[Any]) -> Iterator[DecodedSymbol]:
        for symbol in self._decode(grey, kinds):
            symbology = self._kinds.get(symbol.type)
            if symbology is not None and symbol.data:
                yield DecodedSymbol(symbol.data.decode("utf-8", "replace"), symbology, _turned(symbol))

    def _decode(self, grey: Image, kinds: list[Any]) -> Iterable[Any]:
        try:
            return list(self._library.decode(grey, symbols=kinds))
        except ValueError:
            # It has no word for the orientation of QR codes that are one message in parts: the others count.
            linear = [kind for kind in kinds if kind is not self._library.ZBarSymbol.QRCODE]
            return self._decode(grey, linear) if 0 < len(linear) < len(kinds) else ()


def _turned(symbol: Any) -> Points:
    """Order the corners of a symbol's box from the code's own top left."""
    x, y, wide, high = symbol.rect
    box = np.array([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], np.float32)
    transitions_of = {"UP": 0, "RIGHT": 1, "DOWN": 2, "LEFT": 3}.get(symbol.orientation, 0)
    return np.roll(box, -transitions_of, axis=0)
