"""Symbols with random texts, drawn by zint: a program that shares nothing with any reader here."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.barcode.code import Symbology

Modules = npt.NDArray[np.bool_]
Random = np.random.Generator
SECONDS = 20
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A barcode symbol.

    Attributes
    ----------
    text
        The text a reader has to report, check digits included.
    modules
        bool ``(1, n)``, or ``(n, n)`` for QR codes: the dark ones.
    """

    kind: Symbology
    text: str
    modules: Modules


def available() -> bool:
    """Return whether zint is installed."""
    return shutil.which("zint") is not None


def draw(kind: Symbology, random: Random) -> Symbol:
    """A symbol with a text of its kind.

    Raises
    ------
    subprocess.CalledProcessError
        The program refused.
    """
    number, compose = _KINDS[kind]
    data, text = compose(random)
    options = ["--vers=1"] if kind is Symbology.MSI else []
    command = ["zint", "-b", str(number), *options, "-d", data, "--dump"]
    lines = subprocess.run(command, check=True, timeout=SECONDS, capture_output=True, text=True).stdout
    rows = [np.unpackbits(np.frombuffer(_bytes(line), np.uint8)) for line in lines.split("\n") if line]
    modules = np.array(rows, bool)
    return Symbol(kind, text, modules[:, : np.flatnonzero(modules.any(axis=0))[-1] + 1])


def _bytes(line: str) -> bytes:
    digits = line.replace(" ", "")
    return bytes.fromhex(digits + "0" * (len(digits) % 2))


def digits(random: Random, count: int) -> str:
    return "".join(map(str, random.integers(0, 10, count)))


def word(random: Random, count: int) -> str:
    return "".join(random.choice(list(_CAPITALS), count))


def with_check(number: str) -> str:
    """Append GS1's check digit."""
    total = sum(int(digit) * (3, 1)[at % 2] for at, digit in enumerate(reversed(number)))
    return number + str(-total % 10)


def _same(text: str) -> tuple[str, str]:
    return text, text


def _retail(count: int) -> Callable[[Random], tuple[str, str]]:
    def compose(random: Random) -> tuple[str, str]:
        number = str(random.integers(1, 10)) + digits(random, count - 1)
        return number, with_check(number)

    return compose


def _upc_e(random: Random) -> tuple[str, str]:
    # Digits that end in 5 to 9 stand for the five before, the last of these not 0, four zeros and that one.
    first = digits(random, 4) + str(random.integers(1, 10))
    last = str(random.integers(5, 10))
    check = with_check(f"0{first}0000{last}")[-1]
    return f"{first}{last}", f"0{first}{last}{check}"


def _gs1(random: Random) -> tuple[str, str]:
    item = with_check("0" + digits(random, 12))
    return f"[01]{item}", f"01{item}"


def _msi(random: Random) -> tuple[str, str]:
    number = digits(random, 7)
    total = 0
    for at, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 - at % 2)
        total += doubled // 10 + doubled % 10
    return number, number + str(-total % 10)


_KINDS: Mapping[Symbology, tuple[int, Callable[[Random], tuple[str, str]]]] = {
    Symbology.CODE_128: (20, lambda random: _same("DOC-" + word(random, 6))),
    Symbology.GS1_128: (16, _gs1),
    Symbology.CODE_39: (8, lambda random: _same(word(random, 7))),
    Symbology.CODE_93: (25, lambda random: _same(word(random, 8))),
    Symbology.EAN_13: (13, _retail(12)),
    Symbology.EAN_8: (13, _retail(7)),
    Symbology.UPC_A: (34, _retail(11)),
    Symbology.UPC_E: (37, _upc_e),
    Symbology.CODABAR: (18, lambda random: _same(f"A{digits(random, 8)}B")),
    Symbology.ITF: (3, lambda random: _same(digits(random, 10))),
    Symbology.MSI: (47, _msi),
    Symbology.PHARMACODE: (51, lambda random: _same(str(random.integers(1000, 131071)))),
    Symbology.QR: (58, lambda random: _same("https://example.org/d/" + word(random, 8))),
}
KINDS = tuple(_KINDS)
LINEAR = tuple(kind for kind in KINDS if kind not in (Symbology.MSI, Symbology.PHARMACODE, Symbology.QR))
