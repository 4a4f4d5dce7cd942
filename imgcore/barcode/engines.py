"""Libraries that read codes, behind one interface. A missing one is a state, not an error."""

from __future__ import annotations

import contextlib
import ctypes.util
import functools
import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import cv2
import numpy as np

from imgcore.barcode.code import GS1, IN_ROWS, MATRIX, USUAL, Symbology
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


Kinds = frozenset[Symbology]
"""Kinds of codes that an engine is to read."""


@dataclass(frozen=True, slots=True, eq=False)
class DecodedSymbol:
    """Code read by an engine.

    Attributes
    ----------
    corners
        float32 ``(4, 2)``, clockwise from the code's own top left, in pixels of the engine's input; of
        linear codes often no more than the lines that were read.
    gs1
        True if the code says that its text is GS1 element strings.
    """

    text: str
    symbology: Symbology
    corners: Points
    gs1: bool = False


class Engine(Protocol):
    """Protocol for a library that reads codes."""

    name: str
    kinds: Kinds

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

    def read_matrix_codes(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        """Read codes of two dimensions only."""
        ...

    def read_rows(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        """Read codes of two dimensions whose rows run along the picture's, or down."""
        ...

    def read_row(self, row: Image, binarized: bool) -> tuple[DecodedSymbol, ...]:
        """Read linear codes along a profile, uint8 ``(n,)``; `binarized` if it holds 0 and 255 only."""
        ...


@functools.cache
def find_engines(kinds: Kinds = USUAL) -> tuple[Engine, ...]:
    """Find the installed engines, the best first, to read some kinds of codes."""
    return tuple(engine for engine in (_zxing(kinds), _zbar(kinds)) if engine is not None)


@functools.lru_cache(maxsize=64)
def best_engine(kinds: Kinds = USUAL) -> Engine | None:
    """Return the best installed engine without loading the others; None without any."""
    return _zxing(kinds) or _zbar(kinds)


def _zxing(kinds: Kinds) -> Engine | None:
    try:
        return _Zxing(importlib.import_module("zxingcpp"), kinds)
    except ImportError:
        return None


def _zbar(kinds: Kinds) -> Engine | None:
    try:
        with _found_by_name():
            return _Zbar(importlib.import_module("pyzbar.pyzbar"), kinds)
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


_ZXING_FORMATS: Mapping[Symbology, tuple[str, ...]] = {
    Symbology.CODE_128: ("Code128",),
    Symbology.GS1_128: ("Code128",),
    Symbology.CODE_39: ("Code39",),
    Symbology.CODE_93: ("Code93",),
    Symbology.CODABAR: ("Codabar",),
    Symbology.ITF: ("ITF",),
    Symbology.EAN_13: ("EAN13",),
    Symbology.EAN_8: ("EAN8",),
    Symbology.UPC_A: ("UPCA",),
    Symbology.UPC_E: ("UPCE",),
    # Model 2 only: its other kinds, micro and rectangular, are not QR codes to those who ask for these.
    Symbology.QR: ("QRCodeModel1", "QRCodeModel2"),
    Symbology.DATA_MATRIX: ("DataMatrix",),
    Symbology.PDF417: ("PDF417",),
    Symbology.AZTEC: ("Aztec",),
    Symbology.MICRO_PDF417: ("MicroPDF417",),
    Symbology.MICRO_QR: ("MicroQRCode",),
    Symbology.RMQR: ("RMQRCode",),
    Symbology.MAXICODE: ("MaxiCode",),
    Symbology.DATABAR: ("DataBarOmni", "DataBarStk", "DataBarStkOmni"),
    Symbology.DATABAR_LIMITED: ("DataBarLtd",),
    Symbology.DATABAR_EXPANDED: ("DataBarExp", "DataBarExpStk"),
    Symbology.DX_FILM_EDGE: ("DXFilmEdge",),
    Symbology.TELEPEN: ("Telepen",),
}
"""Names of zxing-cpp's formats by kind; it reads no others."""
_ZXING_VARIANTS: Mapping[str, Symbology] = {
    "Code39Std": Symbology.CODE_39,
    "Code39Ext": Symbology.CODE_39,
    "Code32": Symbology.CODE_39,
    "PZN": Symbology.CODE_39,
    "ITF14": Symbology.ITF,
    "QRCode": Symbology.QR,
    "CompactPDF417": Symbology.PDF417,
    "AztecCode": Symbology.AZTEC,
    "AztecRune": Symbology.AZTEC,
    "TelepenAlpha": Symbology.TELEPEN,
    "TelepenNumeric": Symbology.TELEPEN,
}
"""Kinds of what zxing-cpp names more narrowly than it was asked for."""


class _Zxing:
    name = "zxing-cpp"

    def __init__(self, library: Any, kinds: Kinds) -> None:
        formats = library.BarcodeFormat
        named = {kind: names for kind, names in _ZXING_FORMATS.items() if kind in kinds}
        self._library = library
        self.kinds = kinds
        self._linear = _formats(formats, (one for kind, one in named.items() if kind not in MATRIX))
        self._squares = _formats(formats, (one for kind, one in named.items() if kind in MATRIX))
        self._in_rows = _formats(formats, (one for kind, one in named.items() if kind in IN_ROWS))
        self._kinds = {getattr(formats, name): kind for name, kind in _ZXING_VARIANTS.items()}
        for kind, names in _ZXING_FORMATS.items():
            if kind is not Symbology.GS1_128:
                self._kinds.update((getattr(formats, name), kind) for name in names)

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

    def read_matrix_codes(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        return self._read_squares_reduced(grey) if is_crowded(grey) else self._read_squares(grey)

    def read_rows(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        return tuple(self._read(grey, self._in_rows, fast=False, turned=True))

    def _read_squares_reduced(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        factor = min(1.0, float(np.sqrt(MOST_PIXELS / grey.size)))
        small = np.asarray(
            cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
        )
        found = self._with_large_squares(small, list(self._read_squares(small)))
        return tuple(_enlarged(one, 1 / factor) for one in found)

    def _with_large_squares(self, grey: Image, symbols: list[DecodedSymbol]) -> list[DecodedSymbol]:
        """Add the codes of two dimensions of a quarter of the picture, an eighth and so on.

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
        if not formats:  # which to the library are all that it knows
            return []
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
        if not self._squares:
            return ()
        found = self._library.read_barcodes(
            grey,
            formats=self._squares,
            text_mode=self._library.TextMode.Plain,
            try_downscale=False,
        )
        return tuple(self._symbols(found))

    def read_row(self, row: Image, binarized: bool) -> tuple[DecodedSymbol, ...]:
        if not self._linear:
            return ()
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
                symbol = _named(barcode, symbology, np.array(corners, np.float32))
                if symbol.symbology in self.kinds:
                    yield symbol


def _formats(formats: Any, names: Iterable[tuple[str, ...]]) -> list[Any]:
    """Return the library's formats of these names, each once."""
    return [getattr(formats, name) for name in dict.fromkeys(name for several in names for name in several)]


def _enlarged(symbol: DecodedSymbol, factor: float) -> DecodedSymbol:
    """Place a symbol of a reduced picture in the picture."""
    return replace(symbol, corners=(symbol.corners + np.float32(0.5)) * np.float32(factor) - np.float32(0.5))


def _same(one: DecodedSymbol, other: DecodedSymbol) -> bool:
    """Return whether two symbols are one, read twice."""
    if (one.text, one.symbology) != (other.text, other.symbology):
        return False
    apart = np.linalg.norm(one.corners.mean(axis=0) - other.corners.mean(axis=0))
    return bool(apart < np.linalg.norm(np.ptp(other.corners, axis=0)) / 2)


_GS1_IDENTIFIERS = frozenset(("]d2", "]Q3", "]z1", "]L3", "]J1"))
"""Identifiers of ISO/IEC 15424 of codes of two dimensions that hold GS1 element strings."""


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
    gs1 = symbology in GS1 or barcode.symbology_identifier in _GS1_IDENTIFIERS
    return DecodedSymbol(text, symbology, corners, gs1)


class _Zbar:
    name = "zbar"

    def __init__(self, library: Any, asked: Kinds) -> None:
        kinds = library.ZBarSymbol
        self._library = library
        self.kinds = asked
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

    def read_matrix_codes(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        return tuple(self._symbols(grey, [self._library.ZBarSymbol.QRCODE]))

    def read_rows(self, grey: Image) -> tuple[DecodedSymbol, ...]:
        return ()  # It knows none of these kinds.

    def read_row(self, row: Image, binarized: bool) -> tuple[DecodedSymbol, ...]:
        return tuple(self._symbols(np.broadcast_to(row, (_ZBAR_ROWS, len(row))).copy(), self._linear))

    def _symbols(self, grey: Image, kinds: list[Any]) -> Iterator[DecodedSymbol]:
        for symbol in self._decode(grey, kinds):
            symbology = self._kinds.get(symbol.type)
            if symbology in self.kinds and symbol.data:
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
