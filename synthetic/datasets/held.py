"""Pages held by fingers of every tone, with their shadows."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Mask, Random, Size
from synthetic.documents.pages import Page, make_page
from synthetic.noise import smooth_noise
from synthetic.scene.camera import lens, photograph
from synthetic.scene.hand import SKINS, Finger, lay_finger
from synthetic.scene.light import cast, lamplight
from synthetic.scene.surfaces import plain_desk

GRIPS = ("thumb", "thumbs", "corner", "fingers", "edge")
_TEXTURE = 0.05
"""Greatest deviation of a paper's clouds and weave from its colour, as a share."""


class HeldPage(NamedTuple):
    """A photographed page with fingers on it, and what is true of it.

    Attributes
    ----------
    picture
        uint8 BGR.
    fingers, ink
        Masks of more finger than page, on the page, and of print that is clear of fingers.
    clean, bare
        float32 BGR, without fingers and their shadows; `bare` also without print.
    tone
        Place in `SKINS`, 0 the lightest; -1 without fingers.
    grip
        One of `GRIPS`, or "none".
    """

    picture: Image
    fingers: Mask
    ink: Mask
    clean: Floats
    bare: Floats
    tone: int
    grip: str


def make_held(seed: int, size: Size = (1240, 1754), grip: str | None = None) -> HeldPage:
    """Return a held page; the same for the same arguments. `grip` is one of `GRIPS` or "none"."""
    random = np.random.default_rng([seed, 23])
    page = make_page(seed, size)
    grip = grip or str(random.choice(GRIPS))
    tone = int(random.integers(len(SKINS)))
    fingers = _grip(random, grip, size, page.unit)
    beside = slivers(random, size, page.unit) if random.random() < 0.35 else np.zeros(size[::-1], bool)
    return _held(random, page, fingers, (tone if fingers else -1, grip), beside)


def _held(random: Random, page: Page, fingers: list[Finger], kind: tuple[int, str], beside: Mask) -> HeldPage:
    size = (page.picture.shape[1], page.picture.shape[0])
    light = _light(random, size)
    table = plain_desk(random, size)
    rough = _texture(random, size)
    clean, bare = (
        np.where(beside[:, :, None], table, under * rough) * light for under in (page.picture, page.blank)
    )
    skin = np.zeros_like(clean)
    cover = np.zeros(size[::-1], np.float32)
    colour = np.array(SKINS[kind[0]][::-1], np.float32) * random.uniform(0.88, 1.05)
    colour = np.asarray(colour * random.uniform(0.95, 1.05, 3), np.float32)
    for finger in fingers:
        lay_finger(random, (skin, cover), finger, colour)
    shaded = clean * (1 - _shadow(random, cover, page.unit))[:, :, None]
    scene = shaded * (1 - cover[:, :, None]) + skin * light * cover[:, :, None]
    ink = page.ink & (lens(cover, 2.0) < 0.01) & ~beside
    sigma = random.uniform(0.5, 1.1)
    picture = photograph(random, scene, sigma)
    # A camera shows no paper brighter than its brightest level.
    clean, bare = (np.minimum(under, np.float32(255)) for under in (lens(clean, sigma), bare))
    return HeldPage(picture, (cover > 0.5) & ~beside, ink, clean, bare, *kind)


def _light(random: Random, size: Size) -> Floats:
    """Return lamplight, now and then from one side, or with the soft shadow of what is not in the picture."""
    light = lamplight(random, size)
    if random.random() < 0.4:
        y, x = np.mgrid[-0.5:0.5:64j, -0.5:0.5:64j].astype(np.float32)
        angle = random.uniform(0, 2 * np.pi)
        fall = random.uniform(0.1, 0.7)
        slope = 1 + np.float32(fall) * (x * np.cos(angle) + y * np.sin(angle))
        light = light * cv2.resize(slope.astype(np.float32), size)[:, :, None]
    if random.random() < 0.25:
        soft = cast(random, size, (size[0] / 25, size[0] / 6))
        light = light * (1 - np.float32(random.uniform(0.05, 0.3)) * soft)[:, :, None]
    return np.asarray(np.clip(light, 0.2, 1.1), np.float32)


def _texture(random: Random, size: Size) -> Floats:
    """Return the share of light that paper gives back in places: clouds, or a weave, of one tint."""
    if random.random() < 0.5:
        return np.ones((1, 1, 1), np.float32)
    cells = float(np.exp(random.uniform(np.log(6), np.log(200))))
    clouds = smooth_noise(random, size, (cells, cells * size[1] / size[0]))
    deep = np.float32(random.uniform(0, _TEXTURE))
    return np.asarray(1 + deep * clouds[:, :, None] * random.uniform(0.5, 1.0, 3), np.float32)


def slivers(random: Random, size: Size, unit: float, deepest: float = 4.0) -> Mask:
    """Return the strips that an inexact crop shows beside the sheet, up to `deepest` millimetres."""
    cols, rows = size
    beside = np.zeros((rows, cols), bool)
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    for side in random.permutation(4)[: int(random.integers(1, 3))]:
        ends = random.uniform(0, deepest, 2) * unit * (random.random(2) < 0.7)
        along = (x / cols if side % 2 else y / rows).astype(np.float32)
        distance = (x, y, cols - 1 - x, rows - 1 - y)[side]
        beside |= distance < ends[0] + (ends[1] - ends[0]) * along
    return beside


def _shadow(random: Random, cover: Floats, unit: float) -> Floats:
    """Return the share of the light that the fingers take from the page beside them."""
    if random.random() < 0.25:
        return np.zeros_like(cover)
    size = (cover.shape[1], cover.shape[0])
    far, softest = (2.5, 3.0) if random.random() < 0.65 else (7.0, 9.0)
    shift = random.normal(size=2) * far * unit
    move = np.array([(1, 0, shift[0]), (0, 1, shift[1])])
    moved = cv2.warpAffine(cover, move, size, borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(moved, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.6, random.uniform(0.5, softest) * unit / 4))
    large = cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large * random.uniform(0.1, 0.5), np.float32)


def _from_side(random: Random, size: Size, unit: float, side: int, place: float) -> Finger:
    """Return a finger that comes in from a side (left, top, right, bottom) at a share of its length."""
    cols, rows = size
    start = np.array([(0, place * rows), (place * cols, 0), (cols, place * rows), (place * cols, rows)][side])
    angle = random.normal() * 0.35
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    inwards = turn @ np.array([(1, 0), (0, 1), (-1, 0), (0, -1)][side], np.float64)
    tip = start + inwards * random.uniform(12, 50) * unit
    half = random.uniform(7.0, 11.5) * unit
    return Finger((tip[0], tip[1]), (-inwards[0], -inwards[1]), half, random.normal() * 0.0008 / unit)


def _along_edge(random: Random, size: Size, unit: float, side: int) -> Finger:
    """Return a finger that lies along a side, over the edge, its tip on the page."""
    finger = _from_side(random, size, unit, side, random.uniform(0.1, 0.9))
    along = np.array([(0, 1), (1, 0), (0, 1), (1, 0)][side], np.float64) * random.choice([-1, 1])
    outwards = np.array([(-1, 0), (0, -1), (1, 0), (0, 1)][side], np.float64)
    start = np.array(finger.tip) * np.abs(along) + np.array([0, 0, size[0], size[1]])[side] * np.abs(outwards)
    tip = start - outwards * random.uniform(0.0, 0.8) * finger.half
    way = along + outwards * random.uniform(0.15, 0.6)
    way = way / np.linalg.norm(way)
    return finger._replace(tip=(float(tip[0]), float(tip[1])), towards=(float(way[0]), float(way[1])))


def _grip(random: Random, grip: str, size: Size, unit: float) -> list[Finger]:
    """Return the fingers of a grip; "fingers" are two to four side by side, of different length."""
    if grip == "none":
        return []
    if grip == "thumb":
        side = int(random.choice(4, p=[0.35, 0.1, 0.35, 0.2]))
        return [_from_side(random, size, unit, side, random.uniform(0.12, 0.88))]
    if grip == "thumbs":
        return [_from_side(random, size, unit, side, random.uniform(0.2, 0.8)) for side in (0, 2)]
    side = int(random.integers(4))
    if grip == "edge":
        return [_along_edge(random, size, unit, side)]
    if grip == "corner":
        end = float(random.choice([0.0, 1.0]))
        finger = _from_side(random, size, unit, side, end + random.normal() * 0.03)
        # Of one whose tip is beyond the page a sliver is left that nobody knows for a finger.
        while not (0 <= finger.tip[0] < size[0] and 0 <= finger.tip[1] < size[1]):
            finger = _from_side(random, size, unit, side, end + random.normal() * 0.03)
        return [finger]
    count = int(random.integers(2, 5))
    first = _from_side(random, size, unit, side, random.uniform(0.15, 0.6))
    half = random.uniform(6.5, 9.0) * unit
    back = np.array(first.towards)
    step = np.array([-back[1], back[0]]) * 2 * half * random.uniform(1.0, 1.25)
    tips = [np.array(first.tip) + k * step + back * random.uniform(-6, 8) * unit for k in range(count)]
    return [first._replace(tip=(float(x), float(y)), half=half * random.uniform(0.9, 1.05)) for x, y in tips]
