"""Hands cut out of photographs, and drawn ones, that pictures of held pages are composed of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.scene.hand import SKINS, Finger, lay_finger

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Random = np.random.Generator

_DRAWN = (260, 300)
"""Columns and rows of a sprite of drawn fingers."""
_PHOTOGRAPHED = 0.1
"""Width of a finger in a photographed hand, as a share of that picture's side."""
_GREYS = 12.0
"""Least difference of a hand from the wall behind it, in levels of red less blue."""
_LEAST = 0.06
_MOST = 0.6
"""Shares of its picture that a hand takes."""
_PALE = 0.78
_MOST_GAPS = 0.12
"""Share of the wall's blue from which a pixel is wall, and greatest share of a hand that is gaps."""
_GRABBED = 900
_GRASP = 0.14
"""Long side of a picture that a hand is grabbed from; a finger's width as a share of the root of its area."""
_DARK_WALL = 90
_IN_LIGHT = 0.12
_IN_DARK = 0.5
"""Lightness up to which a wall is dark, and weights of lightness before pale and dark ones."""
_FEWEST = 60
"""Least pixels of a hand that was photographed holding something."""
_HOLE = 0.004
"""Share of its picture up to which a hole is a nail or a highlight."""


class Sprite(NamedTuple):
    """A hand that points up, cut out.

    Attributes
    ----------
    colour
        float32 ``(rows, cols, 3)``, relative to the colour of its skin, BGR.
    cover
        float32 ``(rows, cols)``, 0..1.
    own
        float32 ``(3,)``: that colour, in white light on white paper 0..1.
    width
        Of a finger, in pixels.
    """

    colour: Floats
    cover: Floats
    own: Floats
    width: float


def photographed_hand(picture: Picture) -> Sprite | None:
    """Cut a hand out that was photographed before a pale grey wall; None where that fails."""
    side = max(picture.shape[:2])
    if side > 400:
        picture = np.asarray(
            cv2.resize(picture, None, fx=400 / side, fy=400 / side, interpolation=cv2.INTER_AREA), np.uint8
        )
    seen = cv2.GaussianBlur(picture, (0, 0), max(picture.shape) / 130).astype(np.float32)
    rows, cols = picture.shape[:2]
    warm = seen[:, :, 2] - seen[:, :, 0]
    band = np.concatenate(
        [
            warm[: rows // 8].ravel(),
            warm[: rows // 2, : cols // 12].ravel(),
            warm[: rows // 2, -cols // 12 :].ravel(),
        ]
    )
    away = np.clip(warm - np.median(band), 0, 255)
    limit, _ = cv2.threshold(away.astype(np.uint8), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = (away > max(0.8 * limit, _GREYS)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if len(stats) < 2:
        return None
    main = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    _, top, _, height, area = stats[main]
    if not _LEAST < area / mask.size < _MOST or top < 2 or top + height < rows - 2 or np.median(band) > 40:
        return None
    solid = _without_holes((labels == main).astype(np.uint8))
    wall = np.median(picture[solid == 0].reshape(-1, 3), axis=0).astype(np.float32)
    # Between fingers there is wall.
    gaps = _beside(solid, picture[:, :, 0] > _PALE * wall[0])
    if gaps.sum() > _MOST_GAPS * solid.sum():
        return None
    solid[gaps] = 0
    skin = np.median(picture[solid > 0].reshape(-1, 3), axis=0).astype(np.float32)
    if skin[2] < skin[0] + 8 or np.abs(wall - wall.mean()).max() > 40:
        return None
    cover = cv2.GaussianBlur(cv2.erode(solid, np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 0.6)
    relative = picture.astype(np.float32) / np.maximum(skin, 8)
    own = np.minimum(skin / np.maximum(wall, 32), 1.0)
    return Sprite(relative, np.asarray(cover, np.float32), own, _PHOTOGRAPHED * max(rows, cols))


def grabbed_hand(picture: Picture) -> Sprite | None:
    """Cut a large hand out that was photographed before a wall of one colour; None where that fails."""
    factor = _GRABBED / max(picture.shape)
    picture = np.asarray(
        cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
    )
    seen = cv2.cvtColor(picture, cv2.COLOR_BGR2LAB).astype(np.float32)
    rows, cols = picture.shape[:2]
    beside = np.zeros((rows, cols), bool)
    beside[: rows // 16] = beside[: rows // 2, : cols // 16] = beside[: rows // 2, -cols // 16 :] = True
    wall = np.median(seen[beside], axis=0)
    # A hand's shadow on a pale wall has the wall's tint; a dark wall has hardly any.
    away = np.linalg.norm(
        (seen - wall) * ((_IN_LIGHT if wall[0] > _DARK_WALL else _IN_DARK), 1.5, 1.0), axis=2
    )
    limit, _ = cv2.threshold(np.clip(away, 0, 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    hand = (away > limit).astype(np.uint8)
    known = np.where(hand > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    known[cv2.erode(hand, np.ones((15, 15), np.uint8)) > 0] = cv2.GC_FGD
    known[cv2.dilate(hand, np.ones((9, 9), np.uint8)) == 0] = cv2.GC_BGD
    if not (known == cv2.GC_FGD).any():
        return None
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, known, (0, 0, 1, 1), *models, 4, cv2.GC_INIT_WITH_MASK)
    solid = cv2.morphologyEx((known % 2).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    if len(stats) < 2:
        return None
    main = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    left, top, width, height, area = (int(value) for value in stats[main])
    box = np.s_[max(0, top - 4) : top + height, max(0, left - 4) : left + width + 4]
    hand = _without_holes((labels == main).astype(np.uint8))[box]
    skin = np.median(picture[box][hand > 0], axis=0).astype(np.float32)
    cover = cv2.GaussianBlur(cv2.erode(hand, np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 0.6)
    own = np.minimum(skin / max(float(skin[2]) * 1.15, 32), 1.0)
    relative = picture[box].astype(np.float32) / np.maximum(skin, 8)
    return Sprite(relative, np.asarray(cover, np.float32), own, _GRASP * float(np.sqrt(area)))


def _without_holes(mask: Picture) -> Picture:
    """Fill nails and highlights, not the gaps between fingers."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - np.asarray(closed, np.uint8), connectivity=4)
    small = [
        number for number, stat in enumerate(stats) if number and stat[cv2.CC_STAT_AREA] < _HOLE * mask.size
    ]
    return np.asarray((closed > 0) | np.isin(labels, small), np.uint8)


def _beside(solid: Picture, pale: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mask of pale pixels of a hand that touch what is around it: highlights on it do not."""
    _, labels = cv2.connectedComponents((pale & (solid > 0)).astype(np.uint8), connectivity=4)
    outside = cv2.dilate(1 - solid, np.ones((3, 3), np.uint8)) > 0
    touching = np.unique(labels[outside & (labels > 0)])
    return np.isin(labels, touching) & (labels > 0)


def drawn_hand(random: Random) -> Sprite:
    """Draw one to four fingers that point up."""
    cols, rows = _DRAWN
    skin = np.zeros((rows, cols, 3), np.float32)
    cover = np.zeros((rows, cols), np.float32)
    half = random.uniform(18, 27)
    count = int(random.choice([1, 1, 2, 3, 4, 4]))
    tone = np.array(SKINS[random.integers(len(SKINS))][::-1], np.float32)
    middle = cols / 2 - (count - 1) * half * 1.06
    for number in range(count):
        x = middle + number * 2.12 * half * random.uniform(0.97, 1.06)
        lean = random.normal() * 0.12
        tip = (float(np.clip(x, half, cols - half)), float(random.uniform(6, 40 if count > 1 else 8)))
        way = (float(np.sin(lean)), float(np.cos(lean)))
        lay_finger(
            random,
            (skin, cover),
            Finger(tip, way, half * random.uniform(0.92, 1.05), random.normal() * 0.0006),
            tone,
        )
    return Sprite(skin / tone, cover, np.asarray(tone / 255, np.float32), 2 * half)


class HeldPage(NamedTuple):
    """A photographed page, and what of it is skin: uint8 BGR, float32 ``(rows, cols)``, 0..1."""

    picture: Picture
    skin: Floats

    def sprites(self) -> list[Sprite]:
        """Its hands cut out, those that enter from the border; they keep their places."""
        core = cv2.erode((self.skin > 0.5).astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1)
        paper = np.percentile(self.picture[::4, ::4].reshape(-1, 3), 75, axis=0).astype(np.float32)
        inside = np.zeros(core.shape, bool)
        inside[1:-1, 1:-1] = True
        _, labels, stats, _ = cv2.connectedComponentsWithStats(core)
        found = []
        for number in range(1, len(stats)):
            hand = labels == number
            if stats[number, cv2.CC_STAT_AREA] >= _FEWEST and (hand & ~inside).any():
                colour = np.median(self.picture[hand], axis=0).astype(np.float32)
                cover = np.asarray(cv2.GaussianBlur(hand.astype(np.float32), (0, 0), 0.6), np.float32)
                own = np.asarray(np.clip(colour / np.maximum(paper, 32), 0, 1), np.float32)
                found.append(Sprite(self.picture / np.maximum(colour, np.float32(8)), cover, own, 1.0))
        return found


class Bank(NamedTuple):
    """Parts that pictures are composed of.

    Attributes
    ----------
    pages
        uint8 BGR, `SIDE` pixels long.
    hands
        Of each kind, photographed and drawn.
    grounds
        uint8 BGR, surfaces of desks.
    photographs
        uint8 BGR, pictures that are printed on pages: hands before a wall, and drawn ones.
    held, holding
        Photographs of hands that hold something; these hands, each as large as that picture.
    """

    pages: Sequence[Picture]
    hands: tuple[Sequence[Sprite], Sequence[Sprite]]
    grounds: Sequence[Picture]
    photographs: Sequence[Picture]
    held: Sequence[HeldPage] = ()
    holding: Sequence[Sprite] = ()
