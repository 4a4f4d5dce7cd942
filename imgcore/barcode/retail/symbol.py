"""Bars of EAN-13, UPC-A and EAN-8, and their ink as a profile shows it.

Each digit begins and ends at an edge, so that no bar belongs to two of them: the ink of a symbol is the sum
of that of its digits and guards, and only neighbouring digits overlap, by the blur.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from imgcore.barcode.bar_fit import edge_response

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

DIGIT = 7
"""Width of a digit in modules."""
_WIDTHS = np.array(
    [
        *([3, 2, 1, 1], [2, 2, 2, 1], [2, 1, 2, 2], [1, 4, 1, 1], [1, 1, 3, 2]),
        *([1, 2, 3, 1], [1, 1, 1, 4], [1, 3, 1, 2], [1, 2, 1, 3], [3, 1, 1, 2]),
    ]
)
"""Widths of space, bar, space and bar of each digit in odd parity; even parity has them backwards, and in the
right half bars and spaces change places."""
_EVEN = ("", "356", "346", "345", "256", "236", "234", "246", "245", "235")
"""For each first digit of EAN-13, the digits after it that have even parity, counted from 1."""
PER_MODULE = 3
"""Samples of a module in a profile that is decoded."""
MARGIN = 3
"""Modules of ground on either side in a profile that is decoded."""
_REACH = 3
"""Modules to which a digit's ink is blurred."""


def _left(widths: Indices) -> Array:
    edges = np.cumsum(widths, axis=1)
    return np.stack([edges[:, [0, 2]], edges[:, [1, 3]]], axis=2).astype(np.float64)


def _right() -> Array:
    edges = np.pad(np.cumsum(_WIDTHS, axis=1), ((0, 0), (1, 0)))
    return np.stack([edges[:, [0, 2]], edges[:, [1, 3]]], axis=2).astype(np.float64)


LEFT = np.concatenate([_left(_WIDTHS), _left(_WIDTHS[:, ::-1])])
"""float64 ``(20, 2, 2)``, begin and end of the two bars of each digit in odd parity, then in even parity."""
RIGHT = _right()
"""float64 ``(10, 2, 2)``, begin and end of the two bars of each digit in the right half."""


@dataclass(frozen=True, slots=True)
class RetailLayout:
    """Places of a symbology's digits and guards, in modules.

    Attributes
    ----------
    modules
        Length.
    left, right
        First modules of the digits on either side of the middle.
    guards
        First modules of the guards' bars, which are one module wide.
    parities
        For each first digit that the left half's parities give, rows of `LEFT` to add to its digits; one
        row for none.
    """

    modules: int
    left: tuple[int, ...]
    right: tuple[int, ...]
    guards: tuple[int, ...]
    parities: tuple[tuple[int, ...], ...]

    @property
    def samples(self) -> int:
        """Samples of a profile that is decoded."""
        return (self.modules + 2 * MARGIN) * PER_MODULE

    @property
    def leads(self) -> bool:
        """True if the parities give a first digit."""
        return len(self.parities) > 1


EAN_13 = RetailLayout(
    95,
    tuple(range(3, 45, DIGIT)),
    tuple(range(50, 92, DIGIT)),
    (0, 2, 46, 48, 92, 94),
    tuple(tuple(10 * (str(place) in even) for place in range(1, 7)) for even in _EVEN),
)
"""Layout of EAN-13, and of UPC-A, which is an EAN-13 that begins with 0."""
EAN_8 = RetailLayout(
    67, tuple(range(3, 31, DIGIT)), tuple(range(36, 64, DIGIT)), (0, 2, 32, 34, 64, 66), ((0,) * 4,)
)
"""Layout of EAN-8, whose parities tell nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class RetailTemplate:
    """Ink of a layout's guards and digits under one blur.

    Attributes
    ----------
    guards
        float64 ``(n,)``.
    digits
        For each digit of the text, its first sample and the ink of all it can be, ``(20 or 10, samples)``.
    """

    guards: Array
    digits: tuple[tuple[int, Array], ...]


@lru_cache(maxsize=64)
def template(layout: RetailLayout, blur: float, spread: float) -> RetailTemplate:
    """Return the ink of a layout, blurred by `blur` modules and bars widened by `spread` on either side."""
    places = (np.arange(layout.samples) + 0.5) / PER_MODULE - MARGIN
    guards = np.array(layout.guards, np.float64)[:, None] + np.array([0.0, 1.0])
    near = (np.arange((DIGIT + 2 * _REACH) * PER_MODULE) + 0.5) / PER_MODULE - _REACH
    kinds = _ink(near, LEFT, blur, spread), _ink(near, RIGHT, blur, spread)
    starts = [*((one, kinds[0]) for one in layout.left), *((one, kinds[1]) for one in layout.right)]
    digits = tuple(((one - _REACH + MARGIN) * PER_MODULE, ink) for one, ink in starts)
    return RetailTemplate(_ink(places, guards, blur, spread), digits)


def _ink(places: Array, bars: Array, blur: float, spread: float) -> Array:
    """Share of ink at places, of bars ``(..., bars, 2)``."""
    begun = edge_response((places - (bars[..., 0, None] - spread)) / blur)
    ended = edge_response((places - (bars[..., 1, None] + spread)) / blur)
    return np.asarray((begun - ended).sum(axis=-2))


def edges(layout: RetailLayout, digits: Indices) -> Array:
    """Return begin and end of each bar in turn, in modules; `digits` are rows of `LEFT`, then of `RIGHT`."""
    split = len(layout.left)
    bars = [
        np.array(layout.guards)[:, None] + np.array([0.0, 1.0]),
        *(start + LEFT[digit] for start, digit in zip(layout.left, digits[:split], strict=True)),
        *(start + RIGHT[digit] for start, digit in zip(layout.right, digits[split:], strict=True)),
    ]
    return np.sort(np.concatenate(bars).ravel())


def text_of(layout: RetailLayout, digits: Indices) -> str:
    """Return the text, or nothing if parities or check digit are wrong."""
    split = len(layout.left)
    seen = tuple((digits[:split] // 10 * 10).tolist())
    if seen not in layout.parities:
        return ""
    first = str(layout.parities.index(seen)) if layout.leads else ""
    text = first + "".join(str(digit % 10) for digit in digits.tolist())
    return (
        text
        if sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(text[::-1])) % 10 == 0
        else ""
    )
