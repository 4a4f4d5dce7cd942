"""Films of document cameras that saw their empty desk: real desks, real sheets, made light, hands and noise.

A desk is a photograph without a document, or one whose document is painted over with what is around it. The
sheets are those of the photographs. A hand brings each, leaves, and takes it away again. Between, the light
drifts, the exposure follows the sheet, a lamp is switched, and the camera is bumped. In films of several
documents, each is laid beside those that lie there already, and all are taken away together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image
from lab.marked import MarkedPicture, Polygon
from synthetic.scene.arm import arm
from synthetic.scene.sheet import Sheet

Floats = npt.NDArray[np.float32]
Random = np.random.Generator

SIDE = 960
"""Long side of a film's frames in pixels."""
INTERVAL = 0.25
"""Seconds between two frames."""
_RIM = 0.012
"""Share of the picture around a document that goes with it: its shadow, and what its corners missed."""
_BUMPED = 0.4
_SWITCHED = 0.3
"""Shares of films in which the camera is bumped, and a lamp is switched, once."""
_EXPOSURES = (0.65, 1.4)
"""Least and largest change of the exposure for a sheet."""
_LEAST = 0.02
"""Share of a picture that a sheet covers at least."""
_SEVERAL = 3
"""Documents in a film of several."""


_ARMS = 8


class Scene(Enum):
    """State of a desk in a frame."""

    EMPTY = "empty"
    HAND = "hand"
    SHEET = "sheet"


@dataclass(frozen=True, eq=False)
class Look:
    """One frame: its JPEG, its time, the state of the desk, and the corners of the sheets that rest.

    Attributes
    ----------
    last
        True for the last frame before a hand comes: the one that is judged.
    """

    jpeg: bytes
    time: float
    scene: Scene
    quads: Sequence[Polygon]
    last: bool


@dataclass(frozen=True, eq=False)
class CutSheet:
    """Sheet with its surroundings as a photograph shows them, and how much of them it takes along."""

    picture: Image
    cover: Floats
    quad: Polygon


@dataclass(frozen=True, eq=False)
class Film:
    """Empty desk, and the sheets that lie on it one after the other.

    Attributes
    ----------
    unseen
        True for the half on which nothing is chosen.
    together
        True if each sheet is laid beside those before it.
    """

    name: str
    desk: Image
    sheets: Sequence[CutSheet]
    unseen: bool
    together: bool = False


def films(pictures: Sequence[MarkedPicture], limit: int | None = None) -> Iterator[Film]:
    """Yield a film of each desk among marked pictures: on it its own sheet, if any, and one of another."""
    single = [one for one in pictures if one.category == "single"]
    desks = [one for one in pictures if one.category in ("single", "negative")][:: limit or 1]
    for one in desks:
        random = np.random.default_rng(_number(one.path.name))
        desk = _reduced(one)
        sheets = []
        if one.category == "single":
            sheet = _cut(desk.picture, desk.quad)
            desk = _Reduced(painted_over(desk.picture, sheet.cover), desk.quad)
            sheets.append(sheet)
        other = _reduced(single[int(random.integers(len(single)))])
        sheets.append(_laid(random, other, desk.picture.shape))
        yield Film(one.path.name, desk.picture, sheets, bool(_number(one.path.name) & 1))


def films_of_several(pictures: Sequence[MarkedPicture], limit: int | None = None) -> Iterator[Film]:
    """Yield a film of each desk, on which documents of other photographs are laid beside one another."""
    single = [one for one in pictures if one.category == "single"]
    for film in films(pictures, limit):
        random = np.random.default_rng(_number(film.name) + 2)
        rows, cols = film.desk.shape[:2]
        sheets = []
        for place in random.permutation(_SEVERAL):
            area = np.array([(0, 0), (cols, rows)], np.float64)
            axis = int(rows > cols)
            area[:, axis] = (place * area[1, axis] / _SEVERAL, (place + 1) * area[1, axis] / _SEVERAL)
            other = _reduced(single[int(random.integers(len(single)))])
            sheets.append(_laid(random, other, film.desk.shape, area))
        yield Film(film.name, film.desk, sheets, film.unseen, together=True)


def looks(film: Film) -> Iterator[Look]:
    """Yield the frames of a film."""
    random = np.random.default_rng(_number(film.name) + 1)
    camera = _Camera(random, film.desk.shape)
    number = 0

    def shot(picture: Image, scene: Scene, quads: Sequence[Polygon] = (), last: bool = False) -> Look:
        nonlocal number
        number += 1
        seen = [camera.seen(quad) for quad in quads]
        return Look(camera.shoot(picture), number * INTERVAL, scene, seen, last)

    for step in range(5):
        yield shot(film.desk, Scene.EMPTY, last=step == 4)
    before = film.desk
    lying: list[Polygon] = []
    for count, sheet in enumerate(film.sheets, 1):
        laid = _blended(before, sheet)
        for desk, share in ((before, 0.4), (laid, 0.9), (laid, 0.5)):
            yield shot(_with_arm(random, desk, sheet.quad, share), Scene.HAND)
        camera.expose(laid, film.desk)
        lying.append(sheet.quad)
        for step in range(5):
            yield shot(laid, Scene.SHEET, lying, last=step == 4)
        if film.together and count < len(film.sheets):
            before = laid
            continue
        lying.clear()
        before = film.desk
        for desk, share in ((laid, 0.6), (film.desk, 0.8)):
            yield shot(_with_arm(random, desk, sheet.quad, share), Scene.HAND)
        camera.expose(film.desk, film.desk)
        camera.disturb()
        for step in range(5):
            yield shot(film.desk, Scene.EMPTY, last=step == 4)


class _Camera:
    """Light, exposure, noise and the place of a camera."""

    def __init__(self, random: Random, shape: tuple[int, ...]) -> None:
        self._random = random
        self._rows, self._cols = shape[:2]
        self._gain = np.ones(3)
        self._exposure = self._wanted = 1.0
        self._slope = np.zeros(2)
        self._noise = random.uniform(1.0, 4.0)
        self._quality = int(random.integers(70, 93))
        self._bump, self._switch = random.random() < _BUMPED, random.random() < _SWITCHED
        self._place = np.eye(3)

    def expose(self, picture: Image, desk: Image) -> None:
        """Let the exposure follow the brightness of a picture, as half of it is measured."""
        ratio = float(desk.mean() + 10) / float(picture.mean() + 10)
        self._wanted = float(np.clip(ratio**0.5, *_EXPOSURES))

    def disturb(self) -> None:
        """Bump the camera or switch a lamp, where this film has it; once."""
        random = self._random
        if self._bump:
            self._bump = False
            angle = random.uniform(-0.6, 0.6)
            turn = np.asarray(
                cv2.getRotationMatrix2D((self._cols / 2, self._rows / 2), angle, 1.0), np.float64
            )
            turn[:, 2] += random.uniform(-0.012, 0.012, 2) * max(self._rows, self._cols)
            self._place = np.vstack([turn, (0, 0, 1)])
        elif self._switch:
            self._switch = False
            self._gain = self._gain * random.uniform(0.65, 1.5) * random.uniform(0.93, 1.07, 3)
            self._slope = random.uniform(-0.25, 0.25, 2)

    def seen(self, quad: Polygon) -> Polygon:
        """Return corners where this camera sees them."""
        return np.asarray(cv2.perspectiveTransform(quad[None], self._place)[0], np.float64)

    def shoot(self, picture: Image) -> bytes:
        random = self._random
        self._gain = self._gain * random.normal(1, 0.004, 3)
        self._slope = self._slope + random.normal(0, 0.004, 2)
        self._exposure += 0.5 * (self._wanted - self._exposure)
        if not np.array_equal(self._place, np.eye(3)):
            picture = np.asarray(
                cv2.warpPerspective(
                    picture, self._place, picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT
                ),
                np.uint8,
            )
        y, x = np.mgrid[-0.5 : 0.5 : self._rows * 1j, -0.5 : 0.5 : self._cols * 1j].astype(np.float32)
        light = (1 + self._slope[0] * x + self._slope[1] * y)[:, :, None] * self._gain * self._exposure
        levels = picture * light.astype(np.float32)
        levels = levels + self._noise * random.standard_normal(picture.shape, np.float32)
        coded = cv2.imencode(
            ".jpg", levels.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, self._quality]
        )
        return coded[1].tobytes()


@dataclass(frozen=True, eq=False)
class _Reduced:
    picture: Image
    quad: Polygon


def _reduced(one: MarkedPicture) -> _Reduced:
    picture = one.read()
    factor = min(1.0, SIDE / max(picture.shape))
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    quad = one.documents[0] if one.documents else np.zeros((4, 2))
    return _Reduced(np.asarray(small, np.uint8), (quad + 0.5) * factor - 0.5)


def _cut(picture: Image, quad: Polygon) -> CutSheet:
    cover = np.zeros(picture.shape[:2], np.float32)
    cv2.fillConvexPoly(cover, np.round(quad).astype(np.int32), (1.0,))
    reach = max(3, round(_RIM * max(picture.shape)))
    wide = cv2.dilate(cover, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    return CutSheet(picture, np.asarray(cv2.GaussianBlur(wide, (0, 0), reach / 3), np.float32), quad)


def painted_over(picture: Image, cover: Floats) -> Image:
    """Return a picture whose covered part mirrors what is around it."""
    hidden = (cover > 0.02).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(hidden, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    places = np.zeros((labels.max() + 1, 2), np.int64)
    outside = hidden == 0
    places[labels[outside]] = np.stack([y[outside], x[outside]], axis=1)
    nearest = places[labels]
    mirrored = 2 * nearest - np.stack([y, x], axis=2)
    rows, cols = (np.clip(mirrored[:, :, axis], 0, picture.shape[axis] - 1) for axis in (0, 1))
    again = hidden[rows, cols] > 0
    rows = np.where(again, nearest[:, :, 0], rows)
    cols = np.where(again, nearest[:, :, 1], cols)
    painted = picture[rows, cols]
    # Streaks of mirrored pixels are no desk's.
    soft = cv2.GaussianBlur(painted, (0, 0), 1.5)
    return np.where(hidden[:, :, None] > 0, soft, picture)


def _laid(
    random: Random, other: _Reduced, shape: tuple[int, ...], area: npt.NDArray[np.float64] | None = None
) -> CutSheet:
    """Lay the sheet of another photograph on a desk of some shape, in any place and pose, with a shadow.

    `area` is the top left and the bottom right corner of where it may lie, instead of anywhere.
    """
    rows, cols = shape[:2]
    area = np.array([(0, 0), (cols, rows)], np.float64) if area is None else area
    room = area[1] - area[0]
    sides = [float(np.linalg.norm(other.quad[(k + 1) % 4] - other.quad[k])) for k in range(4)]
    width = max(sides[0], sides[2])
    height = max(sides[1], sides[3])
    scale = random.uniform(0.35, 0.8) * room.min() / max(width, height)
    if width * height * scale**2 < _LEAST * rows * cols:
        scale = (_LEAST * rows * cols / (width * height)) ** 0.5
    half = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) * scale / 2
    turn = np.radians(random.uniform(-35, 35))
    turned = half @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    turned *= 1 + random.uniform(-0.04, 0.04, (4, 1))
    room = room / 2 - np.abs(turned).max(axis=0) - 4
    quad = turned + area.mean(axis=0) + random.uniform(-1, 1, 2) * np.maximum(room, 0)
    matrix = cv2.getPerspectiveTransform(other.quad.astype(np.float32), quad.astype(np.float32))
    picture = cv2.warpPerspective(other.picture, matrix, (cols, rows), flags=cv2.INTER_AREA)
    cover = np.zeros((rows, cols), np.float32)
    cv2.fillConvexPoly(cover, np.round(quad * 16).astype(np.int32), (1.0,), cv2.LINE_AA, 4)
    return CutSheet(np.asarray(picture, np.uint8), cover, quad)


def _blended(desk: Image, sheet: CutSheet) -> Image:
    shade = desk.astype(np.float32)
    if sheet.cover.max() == 1.0 and np.count_nonzero(sheet.cover == 1) > 0.97 * np.count_nonzero(sheet.cover):
        # A sheet of another photograph came without its shadow.
        reach = 0.006 * max(desk.shape)
        shadow = cv2.GaussianBlur(np.roll(sheet.cover, (round(reach), round(reach)), (0, 1)), (0, 0), reach)
        shade = shade * (1 - 0.3 * shadow[:, :, None])
    cover = sheet.cover[:, :, None]
    return np.asarray(sheet.picture * cover + shade * (1 - cover), np.uint8)


def _with_arm(random: Random, picture: Image, quad: Polygon, share: float) -> Image:
    """Lay an arm over a picture, whose tip is at a sheet, or beside it as `share` tells."""
    rows, cols = picture.shape[:2]
    drawn = _arms()[int(random.integers(_ARMS))]
    scale = random.uniform(0.3, 0.5) * max(rows, cols) / drawn.cover.shape[0]
    tip = quad.mean(axis=0) * share + np.array([cols, rows * random.uniform(0.3, 1.0)]) * (1 - share)
    angle = random.uniform(-40, 60)
    matrix = cv2.getRotationMatrix2D((0, drawn.cover.shape[0] / 2), -angle, scale)
    matrix[:, 2] += tip - matrix @ np.array([0, drawn.cover.shape[0] / 2, 1])
    over = cv2.warpAffine(drawn.picture, matrix, (cols, rows), borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpAffine(drawn.cover, matrix, (cols, rows)).astype(np.float32)[:, :, None] / 255
    return np.asarray(over * cover + picture * (1 - cover), np.uint8)


@cache
def _arms() -> Sequence[Sheet]:
    """Arms of any skin and sleeve; drawing one takes a second."""
    return [arm(np.random.default_rng(seed)) for seed in range(_ARMS)]


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")
