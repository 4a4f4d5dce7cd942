"""Grids of rules on a level page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image, Points

Mask = npt.NDArray[np.uint8]
Part = tuple[int, int, int, int]
"""Left, top, width and height of something in a mask."""
Places = npt.NDArray[np.int64]

_LEVEL = 2.5
"""Least length of a level rule, in heights of a line of text."""
_UPRIGHT = 1.0
"""Least length of an upright rule, in heights of a line of text."""
_SURE = 6.0
"""Length of an upright rule above which it need not end at level ones, in heights of a line of text."""
_TOUCH = 0.12
"""Distance up to which an upright rule ends at a level one, in heights of a line of text."""
_AS_TEXT = 1.2
"""Height of something upright up to which it is a part of the line of text around it, in heights of that."""
_RIM = 0.15
"""Share of a line's height that is free of letters above them, and below them."""
_THERE = 0.55
"""Share of a cell's side that a rule takes, from which it parts two cells."""
_SAME = 0.5
"""Distance up to which rules are one, in heights of a line of text."""
_THIN = (7, 0.4)
"""Greatest width of a rule in pixels, and in heights of a line of text where that is more."""
_DARKER = 10
"""Levels by which a rule is darker than what lies on both sides of it."""


class RuleGrid(NamedTuple):
    """Rows and columns between rules, and which of them are one cell.

    Attributes
    ----------
    ys, xs
        Rules from the top and from the left, in pixels; one more than rows and columns.
    below, right
        bool ``(rows, columns)``: a rule parts the place from the one below it, or right of it.
    """

    ys: Places
    xs: Places
    below: npt.NDArray[np.bool_]
    right: npt.NDArray[np.bool_]


def grids(image: Image, lines: Sequence[Points]) -> Iterator[RuleGrid]:
    """Yield the grids of rules of at least two rows and columns.

    Parameters
    ----------
    image
        BGR or grey, level.
    lines
        Corners of its lines of text.
    """
    height = float(np.median([np.linalg.norm(corners[3] - corners[0]) for corners in lines]))
    level, upright = _rules(image, height, np.array([(*c.min(axis=0), *c.max(axis=0)) for c in lines]))
    reach = max(3, round(_SAME * height) | 1)
    joined = cv2.dilate(level | upright, np.ones((reach, reach), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    for label in range(1, count):
        left, top, width, tall, _ = (int(value) for value in stats[label])
        if width < 4 * height or tall < 1.5 * height:
            continue
        own = labels[top : top + tall, left : left + width] == label
        part = slice(top, top + tall), slice(left, left + width)
        found = _grid(level[part] * own, upright[part] * own, height)
        if found is not None:
            yield found._replace(ys=found.ys + top, xs=found.xs + left)


def _rules(image: Image, height: float, boxes: npt.NDArray[np.floating]) -> tuple[Mask, Mask]:
    """Return masks of the rules along level lines, and of those along upright ones that end at such."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image, np.uint8)
    # Rules that are not quite level climb by a pixel here and there.
    thin = max(_THIN[0], round(_THIN[1] * height)) | 1
    lying = cv2.dilate(_darker(grey, (thin, 1)), np.ones((3, 1), np.uint8))
    standing = cv2.dilate(_darker(grey, (1, thin)), np.ones((1, 3), np.uint8))
    level = _opened(lying, (1, max(12, round(_LEVEL * height))))
    upright = _opened(standing, (max(8, round(_UPRIGHT * height)), 1))
    level = _kept(level, lambda part: not _through_text(part, boxes))
    reach = max(2, round(_TOUCH * height))
    ends = np.asarray(cv2.dilate(level, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), np.uint8)

    def is_rule(part: Part) -> bool:
        left, top, width, tall = part
        columns = slice(left, left + width)
        bound = ends[top, columns].any() and ends[top + tall - 1, columns].any()
        # Strokes of letters, and the ground between them, end anywhere or with their line.
        return bool((bound or tall > _SURE * height) and not _in_text(part, boxes))

    return level, _kept(upright, is_rule)


def _kept(mask: Mask, wanted: Callable[[Part], bool]) -> Mask:
    """Return the connected parts of a mask that are wanted."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    parts = [(int(left), int(top), int(width), int(tall)) for left, top, width, tall, _ in stats[1:]]
    kept = np.array([False, *map(wanted, parts)])
    return np.asarray(mask * kept[labels], np.uint8)


def _through_text(part: Part, boxes: npt.NDArray[np.floating]) -> bool:
    """Return whether something level runs through the letters of a line of text, and hardly beyond."""
    left, top, width, tall = part
    rim = _RIM * (boxes[:, 3] - boxes[:, 1])
    middle = top + tall / 2
    inside = (boxes[:, 1] + rim < middle) & (middle < boxes[:, 3] - rim)
    return bool((inside & (boxes[:, 0] - rim < left) & (left + width < boxes[:, 2] + rim)).any())


def _in_text(part: Part, boxes: npt.NDArray[np.floating]) -> bool:
    """Return whether something upright is within a line of text, and hardly higher."""
    left, top, _, tall = part
    middle = top + tall / 2
    inside = (boxes[:, 0] < left) & (left < boxes[:, 2]) & (boxes[:, 1] < middle) & (middle < boxes[:, 3])
    return bool((inside & (tall < _AS_TEXT * (boxes[:, 3] - boxes[:, 1]))).any())


def _darker(grey: Image, size: tuple[int, int]) -> Mask:
    """Return what is darker than both sides of a window around it."""
    return np.asarray(cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones(size, np.uint8)) > _DARKER, np.uint8)


def _opened(ink: npt.NDArray[Any], size: tuple[int, int]) -> Mask:
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(size, np.uint8)), np.uint8)


def _grid(level: Mask, upright: Mask, height: float) -> RuleGrid | None:
    ys = _places(level.sum(axis=1), _LEVEL * height, _SAME * height, level.shape[0])
    xs = _places(upright.sum(axis=0), _UPRIGHT * height, _SAME * height, upright.shape[1])
    if len(ys) < 3 or len(xs) < 3:
        return None
    reach = max(1, round(_SAME * height / 2))
    below = np.ones((len(ys) - 1, len(xs) - 1), bool)
    right = below.copy()
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            within = slice(xs[column] + reach, max(xs[column + 1] - reach, xs[column] + reach + 1))
            near = slice(max(0, ys[row + 1] - reach), ys[row + 1] + reach + 1)
            below[row, column] = _covered(level[near, within].max(axis=0, initial=0))
            beside = slice(max(0, xs[column + 1] - reach), xs[column + 1] + reach + 1)
            along = slice(ys[row] + reach, max(ys[row + 1] - reach, ys[row] + reach + 1))
            right[row, column] = _covered(upright[along, beside].max(axis=1, initial=0))
    below[-1] = True
    right[:, -1] = True
    return RuleGrid(ys, xs, below, right)


def _covered(taken: Mask) -> bool:
    return bool(taken.mean() >= _THERE) if taken.size else True


def _places(profile: npt.NDArray[np.integer], least: float, same: float, size: int) -> Places:
    """Return where rules are, and both ends of the table, where a rule may be missing."""
    strong = np.flatnonzero(profile >= least)
    groups = np.split(strong, np.flatnonzero(np.diff(strong) > same) + 1) if len(strong) else []
    places = [int(np.average(group, weights=profile[group])) for group in groups]
    if not places:
        return np.zeros(0, np.int64)
    ends = [0] if places[0] > 2 * same else []
    return np.array([*ends, *places, *([size - 1] if size - 1 - places[-1] > 2 * same else [])], np.int64)
