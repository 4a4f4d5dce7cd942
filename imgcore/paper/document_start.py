"""Pages of a pile that seem to begin another document: by size, orientation, paper and letterhead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.colour import scaled
from imgcore.types import Image

Floats = npt.NDArray[np.float32]

_TALL = 800
"""Pixels of the long side on which a page is looked at."""
_TOP = 0.24
"""Share of a page from its top that a letterhead or title is in."""
_SIZE = 0.06
"""Relative difference of a side from which two sheets are of other sizes."""
_COLOUR = 14.0
"""Levels between two papers from which they are others."""
_LARGE = 1.9
"""Height of a title in that of the page's usual line."""
_ALIKE = 0.8
"""Correlation of two tops from which they are the same."""
_UNLIKE = 0.45
"""Correlation of two tops below which they are not the same."""
_FULL = 0.8
"""Share of a page down to which its print reaches where the text goes on."""


class StartReason(StrEnum):
    """Reason to see another document."""

    SIZE = "size"
    ORIENTATION = "orientation"
    PAPER = "paper"
    LETTERHEAD = "letterhead"


class DocumentStart(NamedTuple):
    """Page, from 0, that seems to begin another document, the reason, and how sure that is, 0..1."""

    page: int
    reason: StartReason
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class PageLook:
    """Look of a page, as far as documents differ in it.

    Attributes
    ----------
    size
        Width and height; millimetres where the resolution is known, pixels otherwise.
    paper
        Levels of B, G and R.
    top
        Ink of the top band, ``(16, 48)``.
    titled
        True if large or coloured print stands at the top.
    end
        Share of the page down to which its print reaches.
    """

    size: tuple[float, float]
    paper: tuple[float, ...]
    top: Floats
    titled: bool
    end: float


def look_at(image: Image, dots: float = 0.0) -> PageLook:
    """Return the look of a page, BGR or grey, of a resolution in dots an inch; 0 if unknown."""
    scale = 25.4 / dots if dots else 1.0
    small = scaled(image, _TALL)
    colour = small if small.ndim == 3 else np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), np.uint8)
    bright = colour.reshape(-1, 3)[colour.reshape(-1, 3).mean(axis=1) > 110]
    paper = np.median(bright, axis=0) if len(bright) else np.full(3, 255.0)
    grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    ink = (grey < 0.72 * float(paper.mean())).astype(np.uint8)
    ink[:, : ink.shape[1] // 40] = 0
    ink[:, -(ink.shape[1] // 40) :] = 0
    rows = np.flatnonzero(ink[: round(0.93 * len(ink))].any(axis=1))
    band = max(1, round(_TOP * len(ink)))
    blurred = cv2.GaussianBlur(ink[:band].astype(np.float32), (0, 0), 6)
    return PageLook(
        (image.shape[1] * scale, image.shape[0] * scale),
        tuple(map(float, paper)),
        np.asarray(cv2.resize(blurred, (48, 16), interpolation=cv2.INTER_AREA), np.float32),
        _has_large_print(ink, band) or _has_coloured_print(colour[:band], paper),
        float(rows[-1] / len(ink)) if len(rows) else 0.0,
    )


def _has_large_print(ink: npt.NDArray[np.uint8], band: int) -> bool:
    """Return whether print of a title's height stands in the top band."""
    heights = []
    for part in (ink[:band], ink[band:]):
        if not part.size:
            return False
        _, _, boxes, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
        tall = boxes[1:, cv2.CC_STAT_HEIGHT]
        wide = boxes[1:, cv2.CC_STAT_WIDTH]
        letters = tall[(tall >= 4) & (wide >= 3) & (wide < 4 * tall + 20) & (tall < 60)]
        heights.append(letters)
    head, body = heights
    if len(head) < 3:
        return False
    usual = float(np.percentile(body if len(body) > 20 else np.concatenate(heights), 70))
    return int((head > _LARGE * usual).sum()) >= 3


def _has_coloured_print(top: Image, paper: npt.NDArray[np.float64]) -> bool:
    away = paper - top.astype(np.float64)
    return bool(((away.max(axis=2) - away.min(axis=2)) > 60).mean() > 0.006)


def document_starts(looks: Iterable[PageLook]) -> list[DocumentStart]:
    """Return the pages after the first that seem to begin another document."""
    found: list[DocumentStart] = []
    document: list[PageLook] = []
    for number, page in enumerate(looks):
        change = _change(document, page) if document else None
        if change is not None:
            found.append(DocumentStart(number, *change))
            document = []
        document.append(page)
    return found


def _change(document: list[PageLook], page: PageLook) -> tuple[StartReason, float] | None:
    last = document[-1]
    same = _alike(last, page)
    straight = _differ(last.size, page.size)
    turned = _differ(last.size, page.size[::-1])
    if straight and turned:
        return StartReason.SIZE, 0.95
    if straight and same < _ALIKE:
        return StartReason.ORIENTATION, 0.9 if page.titled else 0.75
    if max(abs(a - b) for a, b in zip(last.paper, page.paper, strict=True)) > _COLOUR:
        return StartReason.PAPER, 0.8
    if page.titled and not (same > _ALIKE and last.end > _FULL):
        return StartReason.LETTERHEAD, 0.9 if last.end < _FULL else 0.75
    running = len(document) > 1 and _alike(document[-2], last) > _ALIKE
    if running and same < _UNLIKE and last.end < _FULL:
        return StartReason.LETTERHEAD, 0.7
    return None


def _differ(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return any(abs(a - b) > _SIZE * max(a, b) for a, b in zip(one, other, strict=True))


def _alike(one: PageLook, other: PageLook) -> float:
    """Return the correlation of the upper half of two tops, where running heads stand."""
    first, second = (each.top[:8].ravel() - each.top[:8].mean() for each in (one, other))
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / size if size > 1e-6 else 0.0
