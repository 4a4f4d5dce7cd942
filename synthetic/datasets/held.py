"""Fingers that hold a page: shape, nails, skin of every tone, shadows. SYNTHETIC, seeded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.documents.figures import SKINS
from synthetic.documents.pages import Page, make_page
from synthetic.scene import imaging

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Random = np.random.Generator


@dataclass(frozen=True, eq=False)
class HeldPage:
    """A photographed page with fingers on it, and what is true of it.

    Attributes
    ----------
    picture
        uint8 BGR.
    fingers
        bool: more finger than page, on the page.
    ink
        bool: printed, and clear of fingers.
    clean, bare
        float32 BGR, without fingers and their shadows; `bare` also without print.
    tone
        Place in `SKINS`, 0 the lightest; -1 without fingers.
    grip
        One of `GRIPS`, or "none".
    paper
        The page's paper.
    unit
        Pixels a millimetre.
    """

    picture: Picture
    fingers: Mask
    ink: Mask
    clean: Floats
    bare: Floats
    tone: int
    grip: str
    paper: str
    unit: float


@dataclass(frozen=True, slots=True)
class Finger:
    """Where a finger lies: tip (x, y), direction to the hand, half width and bend, in pixels."""

    tip: tuple[float, float]
    towards: tuple[float, float]
    half: float
    bend: float


def make_held(seed: int, size: tuple[int, int] = (1240, 1754), grip: str | None = None) -> HeldPage:
    """A held page; the same for the same arguments. `grip` is one of `GRIPS` or "none"."""
    random = np.random.default_rng([seed, 23])
    page = make_page(seed, size)
    chosen = grip or str(random.choice(tuple(GRIPS)))
    tone = int(random.integers(len(SKINS)))
    fingers = [] if chosen == "none" else GRIPS[chosen](random, size, page.unit)
    beside = (
        imaging.slivers(random, size, page.unit) if random.random() < 0.35 else np.zeros(size[::-1], bool)
    )
    return _held(random, page, fingers, (tone, chosen), beside)


def _held(random: Random, page: Page, fingers: list[Finger], kind: tuple[int, str], beside: Mask) -> HeldPage:
    tone, grip = kind
    size = (page.picture.shape[1], page.picture.shape[0])
    light, table = imaging.lamp(random, size), imaging.desk(random, size)
    blank = np.median(page.picture[~page.ink], axis=0).astype(np.float32)
    clean, bare = (np.where(beside[:, :, None], table, under) * light for under in (page.picture, blank))
    skin, cover = np.zeros_like(clean), np.zeros(clean.shape[:2], np.float32)
    colour = _complexion(random, tone)
    for finger in fingers:
        _lay_finger(random, (skin, cover), finger, colour, page.unit)
    shaded = clean * (1 - _shadow(random, cover, page.unit))[:, :, None]
    scene = shaded * (1 - cover[:, :, None]) + skin * light * cover[:, :, None]
    ink = page.ink & (imaging.lens(cover, 2.0) < 0.01) & ~beside
    sigma = random.uniform(0.5, 1.1)
    picture = imaging.photograph(random, scene, sigma)
    clean = imaging.lens(clean, sigma)
    return HeldPage(
        picture,
        (cover > 0.5) & ~beside,
        ink,
        clean,
        bare,
        tone if fingers else -1,
        grip,
        page.paper,
        page.unit,
    )


def _complexion(random: Random, tone: int) -> Floats:
    """BGR reflectance of this hand's skin."""
    colour = np.array(SKINS[tone][::-1], np.float32) * random.uniform(0.88, 1.05)
    return np.asarray(colour * random.uniform(0.95, 1.05, 3), np.float32)


def _shadow(random: Random, cover: Floats, unit: float) -> Floats:
    """Share of the light that the fingers take from the page beside them."""
    if random.random() < 0.25:
        return np.zeros_like(cover)
    shift = random.normal(size=2) * 2.5 * unit
    move = np.array([(1, 0, shift[0]), (0, 1, shift[1])])
    moved = cv2.warpAffine(cover, move, (cover.shape[1], cover.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(moved, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.6, random.uniform(0.5, 3.0) * unit / 4))
    large = cv2.resize(soft, (cover.shape[1], cover.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large * random.uniform(0.1, 0.5), np.float32)


def _lay_finger(
    random: Random, canvas: tuple[Floats, Floats], finger: Finger, colour: Floats, unit: float
) -> None:
    """Paint one finger over those before it."""
    skin, cover = canvas
    along, across = _coordinates(finger, cover.shape)
    half = _half_width(along, finger.half)
    inside = np.clip(half - np.abs(across) + 0.5, 0, 1) * (along > 0)
    bulge = np.clip(1 - (across / np.maximum(half, 1e-3)) ** 2, 0, 1)
    end = np.clip(along / (1.2 * finger.half), 0, 1)
    height = np.sqrt(bulge * (1 - (1 - end) ** 2))
    slope = random.uniform(-0.25, 0.25) * across / np.maximum(half, 1e-3)
    lit = (0.45 + 0.55 * height + slope * 0.8).astype(np.float32)
    texture = 1 + 0.03 * imaging.smooth_noise(random, cover.shape[::-1], (60, 80))
    painted = (lit * texture)[:, :, None] * _patches(random, along, across, finger, unit, colour)
    weight = inside.astype(np.float32)
    skin[:] = skin * (1 - weight[:, :, None]) + np.clip(painted, 0, 255) * weight[:, :, None]
    np.maximum(cover, weight, out=cover)


def _coordinates(finger: Finger, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Along the finger from its tip, and across, in pixels."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    x, y = x - np.float32(finger.tip[0]), y - np.float32(finger.tip[1])
    dx, dy = (np.float32(part) for part in finger.towards)
    along = x * dx + y * dy
    across = y * dx - x * dy - np.float32(finger.bend) * along**2
    return along, across


def _half_width(along: Floats, half: float) -> Floats:
    """Round tip, a waist before the joint, wider at the joint and towards the hand."""
    reach = np.clip(along / (1.25 * half), 0, 1)
    round_tip = np.sqrt(np.clip(1 - (1 - reach) ** 2, 0, 1))
    joint = 1 + 0.06 * np.exp(-(((along / half) - 3.2) ** 2) / 0.6) + 0.02 * np.clip(along / half - 2, 0, 6)
    return np.asarray(half * round_tip * joint, np.float32)


def _patches(
    random: Random, along: Floats, across: Floats, finger: Finger, unit: float, colour: Floats
) -> Floats:
    """Skin colour: nail, red tip, dark creases over the joint."""
    half = finger.half
    red = np.exp(-((along / half) ** 2) / 2.5)[:, :, None]
    plane = colour * (1 - red * np.array([0.14, 0.12, 0.0], np.float32))
    for crease in (3.0, 3.25, 3.5):
        line = np.exp(-(((along + 0.06 * across) / half - crease) ** 2) / 0.004)
        plane = plane * (1 - 0.14 * line[:, :, None])
    if random.random() < 0.8:
        nail = ((along / half - 1.15) / 0.75) ** 2 + (across / (0.62 * half)) ** 2
        pale = 0.55 * colour + 0.45 * np.array([190, 195, 235], np.float32) * max(
            0.45, float(colour[2]) / 255
        )
        plane = np.where((nail < 1)[:, :, None], pale * (1 + 0.12 * (across / half > 0.2))[:, :, None], plane)
        plane = plane * (1 - 0.2 * np.exp(-((nail - 1) ** 2) / 0.01))[:, :, None]
    return np.asarray(plane, np.float32)


# Grips ---------------------------------------------------------------------------------


def _from_side(random: Random, size: tuple[int, int], unit: float, side: int, place: float) -> Finger:
    """A finger that comes in from a side (left, top, right, bottom) at a share of its length."""
    cols, rows = size
    inwards = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)][side], np.float64)
    start = np.array([(0, place * rows), (place * cols, 0), (cols, place * rows), (place * cols, rows)][side])
    angle = random.normal() * 0.35
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    inwards = turn @ inwards
    tip = start + inwards * random.uniform(12, 50) * unit
    half = random.uniform(7.0, 11.5) * unit
    return Finger((tip[0], tip[1]), (-inwards[0], -inwards[1]), half, random.normal() * 0.0008 / unit)


def _thumb(random: Random, size: tuple[int, int], unit: float) -> list[Finger]:
    side = int(random.choice([0, 1, 2, 3], p=[0.35, 0.1, 0.35, 0.2]))
    return [_from_side(random, size, unit, side, random.uniform(0.12, 0.88))]


def _thumbs(random: Random, size: tuple[int, int], unit: float) -> list[Finger]:
    return [_from_side(random, size, unit, side, random.uniform(0.2, 0.8)) for side in (0, 2)]


def _corner(random: Random, size: tuple[int, int], unit: float) -> list[Finger]:
    side = int(random.integers(4))
    return [_from_side(random, size, unit, side, float(random.choice([0.0, 1.0])) + random.normal() * 0.03)]


def _fingers(random: Random, size: tuple[int, int], unit: float) -> list[Finger]:
    """Two to four side by side, of different length."""
    side, count = int(random.integers(4)), int(random.integers(2, 5))
    first = _from_side(random, size, unit, side, random.uniform(0.15, 0.6))
    half = random.uniform(6.5, 9.0) * unit
    step = np.array([-first.towards[1], first.towards[0]]) * 2 * half * random.uniform(1.0, 1.25)
    back = np.array(first.towards)
    tips = [np.array(first.tip) + k * step + back * random.uniform(-6, 8) * unit for k in range(count)]
    return [
        Finger((tip[0], tip[1]), first.towards, half * random.uniform(0.9, 1.05), first.bend) for tip in tips
    ]


GRIPS: dict[str, Callable[[Random, tuple[int, int], float], list[Finger]]] = {
    "thumb": _thumb,
    "thumbs": _thumbs,
    "corner": _corner,
    "fingers": _fingers,
}
