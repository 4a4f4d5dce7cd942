"""Forms: zones marked on a sample, and the print by which a page is told to be one."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from imgcore.forms.features import Features, features
from imgcore.types import Image, ImageError

PRINT_SIDE = 1400
"""Pixels of the long side of the print that is kept: 120 dots an inch of A4."""
FEWEST_BLOCKS = 12
"""Fewest blocks with print by which a form is told from others."""
BLOCK = 40
"""Side of a block of print in pixels: 8 mm of A4."""
_INK_SHARE = 0.02
"""Least share of ink of a block that has print."""
_INK = 40
"""Levels below the paper from which a pixel of the print is ink."""
_EDGE = 0.15
"""Share of a zone's shorter side that is kept of its print along its edges, where its frame may be."""


class ZoneKind(enum.StrEnum):
    """Kinds of zones."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TICK = "tick"
    SIGNATURE = "signature"
    BARCODE = "barcode"
    PORTRAIT = "portrait"


class Tick(enum.StrEnum):
    """States of a tick box."""

    EMPTY = "empty"
    CROSSED = "crossed"
    FILLED = "filled"
    CORRECTED = "corrected"
    UNSURE = "unsure"


class CheckRule(enum.StrEnum):
    """Rules of check digits."""

    LUHN = "luhn"
    GS1 = "gs1"
    RESIDENT = "resident-id"
    CREDIT_CODE = "credit-code"
    MRZ = "mrz"


@dataclass(frozen=True, slots=True)
class FormZone:
    """Zone of a form.

    Attributes
    ----------
    left, top, right, bottom
        Its edges in pixels of the sample.
    mask
        Pattern that its text has: 9 is a digit, A a letter, X one of both, others themselves; empty for any.
    check
        Rule of its check digit.
    choices
        Texts of which it has one; none for any text.
    required
        True if an empty zone is a problem.
    """

    name: str
    kind: ZoneKind
    left: float
    top: float
    right: float
    bottom: float
    mask: str = ""
    check: CheckRule | None = None
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, eq=False)
class FormPrint:
    """Print of a form.

    Attributes
    ----------
    grey
        uint8 ``(rows, cols)``: the sample without what its zones hold.
    scale
        Pixels of it for a pixel of the sample.
    """

    grey: Image = field(repr=False)
    scale: float
    zones: tuple[FormZone, ...]

    @cached_property
    def features(self) -> Features:
        """Marked points of the print."""
        return features(self.grey)

    @cached_property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """Left and top of the blocks that have print, beside all zones."""
        ink = (255 - self.grey.astype(np.int16) > _INK).astype(np.float32)
        outside = np.ones(self.grey.shape, np.uint8)
        for zone in self.zones:
            cv2.rectangle(outside, *self.box(zone), 0, cv2.FILLED)
        rows, cols = self.grey.shape
        return tuple(
            (left, top)
            for top in range(0, rows - BLOCK + 1, BLOCK)
            for left in range(0, cols - BLOCK + 1, BLOCK)
            if outside[top : top + BLOCK, left : left + BLOCK].all()
            and ink[top : top + BLOCK, left : left + BLOCK].mean() > _INK_SHARE
        )

    @property
    def is_distinct(self) -> bool:
        """True if it has enough print beside its zones to be told from others."""
        return len(self.blocks) >= FEWEST_BLOCKS

    def box(self, zone: FormZone) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return the first and the last pixel of a zone on the print, as (x, y)."""
        first = (round(zone.left * self.scale), round(zone.top * self.scale))
        return first, (round(zone.right * self.scale) - 1, round(zone.bottom * self.scale) - 1)


@dataclass(frozen=True, eq=False)
class Form:
    """Form that was taught."""

    name: str
    version: int
    print: FormPrint


def taught(sample: Image, zones: Sequence[FormZone]) -> FormPrint:
    """Return the print of a sample: grey, its paper white, and nothing of what its zones hold.

    Parameters
    ----------
    sample
        BGR or grey, upright, from edge to edge.

    Raises
    ------
    ImageError
        It is no picture, or has too little print beside its zones to be told from others.
    """
    if sample.size == 0 or sample.ndim not in (2, 3):
        raise ImageError(f"a picture is grey or BGR and has pixels, not {sample.shape}")
    grey = sample if sample.ndim == 2 else cv2.cvtColor(sample, cv2.COLOR_BGR2GRAY)
    scale = min(1.0, PRINT_SIDE / max(grey.shape))
    if scale < 1.0:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    flat = np.asarray(on_white(np.asarray(grey, np.uint8)))
    made = FormPrint(flat, scale, tuple(zones))
    for zone in zones:
        if zone.kind is not ZoneKind.TICK:
            (left, top), (right, bottom) = made.box(zone)
            edge = round(_EDGE * min(right - left, bottom - top))
            flat[top + edge : bottom + 1 - edge, left + edge : right + 1 - edge] = 255
    if not made.is_distinct:
        raise ImageError("it has too little print beside its zones to be told from other forms")
    return made


def on_white(grey: Image) -> Image:
    """Return a picture with its light divided out: paper is 255, whatever its tone."""
    side = max(3, min(grey.shape) // 24) | 1
    paper = cv2.dilate(grey, np.ones((side, side), np.uint8))
    paper = cv2.blur(cv2.erode(paper, np.ones((side, side), np.uint8)), (side, side))
    return np.asarray(cv2.divide(grey, np.maximum(paper, 1), scale=255), np.uint8)
