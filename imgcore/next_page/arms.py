"""Arms that reach into the picture: new, over its rim, with skin on them or of the shape of arms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.next_page.glance import Floats, Glance, Mask, changed
from imgcore.types import Image

_NEW = 0.10
"""Change of a logarithm from which something is new."""
_WARM = 0.09
"""Least logarithm of red over green of skin against paper."""
_SUM = 0.2
"""Least logarithm of red over blue of skin against paper."""
_MOST_WARM = 0.95
"""Largest logarithm of red over green of skin against paper."""
_MOST_YELLOW = 1.2
"""Largest logarithm of green over blue of skin against paper."""
_PAPER = 0.5
"""Least of any channel that a page has, in parts of paper's: brown pages are waited for as arms are."""
_SURE_PAPER = 0.75
"""Least of any channel that a sheet beyond doubt has, in parts of paper's."""
_HAND = 0.015
"""Least share of the picture that is a whole hand."""
_DEEP = 6
"""Pixels from the rim within which the edges and shadows of sheets are, and no hand is told from them."""
_SHEET = 0.25
"""Width, in parts of the picture's long side, that only sheets have."""
_RIM = 3
"""Pixels from the picture's border that are its rim."""
_LEAST = 0.0004
"""Least share of the picture that is skin of a hand: a finger tip."""
_DESK = 0.08
"""Share of the picture from which a desk is known."""
_TINT = 0.08
"""Logarithm by which a desk's tints vary."""
_SHADE = 0.35
"""Logarithm by which a desk's luma varies; twice as much in a sheet's shadow."""
_ROOT = 5
"""Pixels from the rim in which the root of an arm is told by its shape: less than pages leave beside them."""
_THIN = 10
"""Least width in pixels of the root of an arm, beyond that of a sheet's shadow."""
_THICK = 0.3
"""Largest width of the root of an arm, in parts of the picture's long side."""
_FLANK = 6
"""Pixels beside the root of an arm that it is compared with."""
_BEYOND = 8
"""Pixels that an arm goes on at least beyond its root, in more than half of its width."""
_PLAIN = 0.018
"""Largest deviation of an arm's luma from what is around it, as sleeves and skin have and print has not."""
_ASIDE = 0.09
"""Least logarithm, weighted, by which an arm differs from what is on both its sides."""
_TINTS = (1.0, 1.5, 1.5)
"""Weights of luma and of both tints where an arm is compared with what is beside it."""
_TINTS_SHEET = (0.36, 1.5, 1.5)
"""Weights of luma and of both tints for what is as pale as paper: corners of sheets come in, too."""
_MOST_RIM = 0.5
"""Share of the rim with skin's colour from which it is the desk's; then an older scene is needed."""


def white(scenes: Sequence[Glance]) -> Floats:
    """Return the colour of paper in these scenes, BGR."""
    bright = [np.percentile(scene.levels[::2, ::2].reshape(-1, 3), 97, axis=0) for scene in scenes]
    return np.asarray(np.maximum(np.max(bright, axis=0), 40), np.float32)


def reaches_in(now: Glance, older: Sequence[Glance]) -> bool:
    """Return whether an arm or a hand is in the picture.

    Parameters
    ----------
    older
        Scenes without any, of the same size; a hand is no part of them.
    """
    bright = white([now, *older])
    skin = _skin(now, bright)
    paper = _paper(now, bright, _PAPER)
    if not older:
        return _rim_share(skin) <= _MOST_RIM and _on_rim(skin & ~paper, skin)
    new = np.ones(now.shape, bool)
    for scene in older:
        new &= changed(scene, now, _NEW, rim=True, tints=True)
    differs = np.logical_and.reduce([_differs(scene, now) for scene in older])
    # A desk that a sheet lay on is new when the sheet is gone, and may have skin's colour.
    covered = np.logical_or.reduce([_paper(scene, bright, _PAPER) for scene in older]).astype(np.uint8)
    bare = (cv2.dilate(covered, np.ones((5, 5), np.uint8)) > 0) & _like_desk(now, ~paper & ~new)
    new &= ~bare
    # A pale sleeve is hardly darker than paper; what hangs on it has to be as large as a hand.
    sheet = _paper(now, bright, _SURE_PAPER)
    return (
        _on_rim(new & differs & ~paper, skin)
        or _on_rim(new & differs & ~sheet, skin & ~paper, _HAND)
        # A hand on a coloured sheet hangs together with it, and so is as wide.
        or _on_rim(new & skin & ~paper, skin, _HAND)
        # Sleeves and gloves have any colour, and so has skin in coloured light.
        or _comes_in(new, now, sheet)
        or _comes_in(new & ~paper, now, sheet)
    )


def _differs(before: Glance, now: Glance) -> Mask:
    """Return where scenes differ at all: a page over most of the rim is mistaken for light."""
    pairs = ((before.luma, now.luma), (before.warm, now.warm), (before.yellow, now.yellow))
    return np.asarray(np.max([np.abs(there - here) for here, there in pairs], axis=0) > _NEW)


def _comes_in(new: Mask, now: Glance, sheet: Mask) -> bool:
    """Return whether something narrow, plain and unlike both its sides comes in over the rim."""
    calm = cv2.morphologyEx(new.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    grain = np.abs(now.luma - cv2.blur(now.luma, (3, 3)))
    layers = np.stack([calm, grain, sheet, now.luma, now.warm, now.yellow], axis=2, dtype=np.float32)
    return any(_has_root(np.rot90(layers, turn)) for turn in range(4))


def _has_root(layers: Floats) -> bool:
    """Return whether the root of an arm is at the upper rim; of new, grain, sheet and colours."""
    here = layers[:_ROOT, :, 0].mean(axis=0) > 0.7
    ends = np.flatnonzero(np.diff(np.concatenate([[0], here, [0]])))
    widest = _THICK * max(layers.shape)
    return any(
        _THIN <= last - first <= widest and _is_root(layers, first, last)
        for first, last in ends.reshape(-1, 2).tolist()
    )


def _is_root(layers: Floats, first: int, last: int) -> bool:
    """Return whether new columns at the upper rim go on, are plain, and unlike what is beside them."""
    width = last - first
    aside = _FLANK
    if first < aside or last > layers.shape[1] - aside:
        return False
    beyond = layers[_ROOT : _ROOT + _BEYOND, max(0, first - width // 2) : last + width // 2, 0]
    inside = np.median(layers[:_ROOT, first + 1 : last - 1], axis=(0, 1))
    if beyond.sum() < 0.5 * _BEYOND * width or inside[1] > _PLAIN:
        return False
    weights = _TINTS_SHEET if inside[2] > 0.5 else _TINTS
    sides = (layers[:_ROOT, first - aside : first - 2], layers[:_ROOT, last + 2 : last + aside])
    apart = [np.abs(inside - np.median(side, axis=(0, 1)))[3:] for side in sides]
    return min(float(np.max(change * weights)) for change in apart) > _ASIDE


def _like_desk(scene: Glance, desk: Mask) -> Mask:
    """Return what has the colour of a desk."""
    if desk.mean() < _DESK:
        return np.zeros(desk.shape, bool)
    like = np.ones(desk.shape, bool)
    for plane in (scene.warm, scene.yellow):
        like &= np.abs(plane - np.median(plane[desk])) < _TINT
    # Beside a sheet it lies in the sheet's shadow.
    lighter = scene.luma - np.median(scene.luma[desk])
    return like & (lighter < _SHADE) & (lighter > -2 * _SHADE)


def _skin(scene: Glance, paper: Floats) -> Mask:
    blue, green, red = np.log(paper)
    warm = scene.warm - (red - green)
    yellow = scene.yellow - (green - blue)
    like = (warm > _WARM) & (warm < _MOST_WARM) & (yellow > -0.15) & (yellow < _MOST_YELLOW)
    return np.asarray(like & (warm + yellow > _SUM))


def _paper(scene: Glance, paper: Floats, least: float) -> Mask:
    blue, green, red = cv2.split(scene.levels / paper)
    low = cv2.min(cv2.min(blue, green), red)
    high = cv2.max(cv2.max(blue, green), red)
    return np.asarray((low > least) & (high - low < 0.12 * high))


def _on_rim(new: Mask, skin: Mask, least: float = _LEAST) -> bool:
    """Return whether a region that touches the rim, coloured sheets apart, has enough skin."""
    enough = max(8.0, least * new.size)
    deep = np.zeros(new.shape, bool)
    deep[_DEEP:-_DEEP, _DEEP:-_DEEP] = True
    # Print and pictures have skin's colours in spots.
    solid = cv2.morphologyEx((skin & new).astype(np.uint8), cv2.MORPH_OPEN, np.ones((4, 4), np.uint8)) > 0
    solid &= deep
    if np.count_nonzero(solid) < enough:
        return False
    thick = _thick(new)
    labels = np.asarray(cv2.connectedComponents(thick & ~_sheets(thick), connectivity=8)[1], np.int32)
    inside = np.bincount(labels[solid], minlength=1)
    numbers = np.unique(_rim(labels))
    numbers = numbers[(numbers > 0) & (numbers < len(inside))]
    return bool((inside[numbers] >= enough).any())


def _sheets(thick: Image) -> Image:
    """Return what is wider than any arm."""
    side = round(_SHEET * max(thick.shape))
    framed = np.pad(thick, side, mode="edge")
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    wide = cv2.dilate(cv2.morphologyEx(framed, cv2.MORPH_OPEN, disc), np.ones((9, 9), np.uint8))
    return np.asarray(wide[side:-side, side:-side], np.uint8)


def _thick(new: Mask) -> Image:
    """Return regions without the edges of sheets, which are as thin as their shadows; 0 or 1."""
    calm = cv2.morphologyEx(new.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    framed = np.pad(calm, _RIM, mode="edge")
    thick = cv2.morphologyEx(framed, cv2.MORPH_OPEN, np.ones((4, 4), np.uint8))[_RIM:-_RIM, _RIM:-_RIM]
    return np.ascontiguousarray(thick)


def _rim_share(mask: Mask) -> float:
    return float(np.mean(_rim(mask)))


def _rim(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    parts = (values[:_RIM], values[-_RIM:], values[:, :_RIM], values[:, -_RIM:])
    return np.concatenate([part.ravel() for part in parts])
