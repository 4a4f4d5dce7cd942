"""Pictures of pages with hands on them, composed for training, among what is taken for a hand.

Hands are photographed ones of a public collection, of any tone that skin has, and drawn ones; pages are made
ones, and real ones whose licence allows it.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.fingers.net import SIDE
from models.training.finger_decoys import DECOYS, SHARES, shadow, wedge
from models.training.finger_hands import Bank, Sprite
from synthetic.scene.hand import SKINS
from synthetic.scene.light import lamplight

Floats = npt.NDArray[np.float32]
Random = np.random.Generator

_FINGERS = (24.0, 150.0)
"""Least and greatest width of a finger in pixels of a composed page: on A4 it is 32, on a card 130."""
_FAT = (0.85, 1.35)
"""Width of a hand, as shares of its own."""
_SIZES = (0.7, 1.1)
"""Long side of a composed page, as a share of what the network sees: it learns at several scales."""
_DARKEST = 0.12
"""Share of the light that the darkest skin in the deepest shade reflects."""
HELD = 0.75
"""Share of pages with a hand."""
_HOLDING = 0.4
"""Share of hands that were photographed holding something."""


def compose(random: Random, bank: Bank, held: float = HELD) -> tuple[Floats, Floats]:
    """Compose a page as a camera sees it, BGR 0..255, and the share of each pixel that is a hand's skin.

    So many of the pages are `held`.
    """
    page = _page(random, bank)
    rows, cols = page.shape[:2]
    for _ in range(int(random.integers(0, 5))):
        DECOYS[int(random.choice(len(DECOYS), p=SHARES))](random, page, bank)
    skin = np.zeros((rows, cols), np.float32)
    light = lamplight(random, (cols, rows)) * _fall(random, (rows, cols))
    page *= light
    if random.random() < held:
        for sprite, move in _grip(random, bank, (rows, cols)):
            _lay(random, page, skin, light, (sprite, move))
    if random.random() < 0.12:
        # A sliver of desk, or a pencil, lies over a hand, or the page is cut a little within it.
        wedge(random, page, bank)
    return _seen(random, page), skin


def _page(random: Random, bank: Bank) -> Floats:
    picture = bank.pages[int(random.integers(len(bank.pages)))]
    rows, cols = picture.shape[:2]
    if random.random() < 0.35:
        share = random.uniform(0.45, 0.95)
        high = round(share * rows)
        wide = round(share * cols)
        top = int(random.integers(rows - high + 1))
        left = int(random.integers(cols - wide + 1))
        picture = picture[top : top + high, left : left + wide]
    picture = np.rot90(picture, int(random.choice([0, 0, 0, 1, 2, 3])))
    if random.random() < 0.5:
        picture = picture[:, ::-1]
    rows, cols = picture.shape[:2]
    factor = SIDE * random.uniform(*_SIZES) / max(rows, cols)
    rows, cols = (max(256, round(side * factor / 16) * 16) for side in (rows, cols))
    page = cv2.resize(np.ascontiguousarray(picture), (cols, rows), interpolation=cv2.INTER_AREA).astype(
        np.float32
    )
    if random.random() < 0.3:
        page *= random.uniform((0.75, 0.86, 0.92), (1.0, 1.0, 1.0)).astype(np.float32)
    return np.asarray(page, np.float32)


def _fall(random: Random, shape: tuple[int, int]) -> Floats:
    """Light that falls off to one side, now and then with a soft shadow of something."""
    rows, cols = shape
    light = np.ones((24, 24), np.float32)
    y, x = np.mgrid[-0.5:0.5:24j, -0.5:0.5:24j].astype(np.float32)
    if random.random() < 0.6:
        angle = random.uniform(0, 2 * np.pi)
        light *= 1 + np.float32(random.uniform(0, 0.7)) * (x * np.cos(angle) + y * np.sin(angle))
    tint = np.ones((24, 24, 3), np.float32)
    if random.random() < 0.3:
        # A lamp from one side and a window from the other, as the two pages of a book have them.
        angle = random.uniform(0, 2 * np.pi)
        ends = random.uniform(0.75, 1.1, (2, 3)).astype(np.float32)
        ends[:, 1] = ends[:, ::2].mean(axis=1)
        share = np.clip(0.5 + (x * np.cos(angle) + y * np.sin(angle)) * random.uniform(0.7, 9), 0, 1)
        tint = ends[0] + (ends[1] - ends[0]) * share[:, :, None]
    if random.random() < 0.4:
        at = random.uniform(-0.6, 0.6, 2)
        size = random.uniform(0.08, 0.5)
        blob = np.exp(-((((x - at[0]) ** 2 + (y - at[1]) ** 2) / size**2) ** random.uniform(0.8, 3)))
        light *= 1 - np.float32(random.uniform(0.1, 0.65)) * blob.astype(np.float32)
    return np.asarray(
        cv2.resize(light[:, :, None] * tint, (cols, rows), interpolation=cv2.INTER_CUBIC), np.float32
    )


def _grip(random: Random, bank: Bank, shape: tuple[int, int]) -> list[tuple[Sprite, Floats]]:
    """Hands, and the affine maps that lay them on the page from its border."""
    placed = []
    for _ in range(int(random.choice([1, 1, 1, 2, 2, 3]))):
        if bank.holding and random.random() < _HOLDING:
            sprite = bank.holding[int(random.integers(len(bank.holding)))]
            placed.append((sprite, as_it_lies(random, sprite, shape)))
            continue
        hands = bank.hands[0 if random.random() < 0.6 else 1]
        sprite = hands[int(random.integers(len(hands)))]
        placed.append((sprite, _placed(random, sprite, shape)))
    return placed


def _placed(random: Random, sprite: Sprite, shape: tuple[int, int]) -> Floats:
    rows, cols = shape
    side = int(random.integers(4))
    along = float(
        random.choice([random.uniform(0.05, 0.95), random.choice([0.03, 0.97]) + random.normal() * 0.03])
    )
    start = np.array([(along * cols, 0), (cols, along * rows), (along * cols, rows), (0, along * rows)][side])
    turn = random.normal() * 0.45 if random.random() < 0.7 else random.uniform(-1.6, 1.6)
    angle = np.array([np.pi / 2, np.pi, -np.pi / 2, 0.0][side]) + turn
    inwards = np.array([np.cos(angle), np.sin(angle)])
    scale = float(np.exp(random.uniform(*np.log(_FINGERS)))) / sprite.width
    tips = np.argwhere(sprite.cover > 0.5)
    # One of the fingertips, seldom another place of the outline's upper part.
    tip = tips[0] if random.random() < 0.7 else tips[random.integers(max(1, len(tips) // 4))]
    reach = 0.75 * scale * (sprite.cover.shape[0] - float(tips[0][0]))
    depth = float(np.exp(random.uniform(np.log(2.5), np.log(min(180.0, max(reach, 8))))))
    if random.random() < 0.15:
        depth = min(reach, random.uniform(80, 360))
    place = start + inwards * depth
    # The hand's upward direction becomes the way inwards.
    mirror = random.choice([-1.0, 1.0])
    across = np.array([-inwards[1], inwards[0]]) * mirror
    linear = scale * np.column_stack([across * random.uniform(*_FAT), -inwards])
    origin = place - linear @ np.array([tip[1], tip[0]], np.float64)
    return np.column_stack([linear, origin]).astype(np.float32)


def as_it_lies(random: Random, sprite: Sprite, shape: tuple[int, int]) -> Floats:
    """Map of a photographed page to the composed one, turned, so that its hands enter from the border."""
    (high, wide) = sprite.cover.shape
    (rows, cols) = shape
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    turned = np.roll(corners, int(random.integers(4)), axis=0)[:: random.choice([-1, 1])]
    edge = np.pad(np.zeros((high - 2, wide - 2), bool), 1, constant_values=True) & (sprite.cover > 0.5)
    places = np.argwhere(edge)
    y, x = places[random.integers(len(places))] / (high - 1, wide - 1)
    turn = cv2.getAffineTransform(corners[:3], turned[:3].astype(np.float32))
    about = turn @ np.array([x, y, 1.0])
    # Larger or smaller about this place of the border, which moves along the border and outwards alone.
    size = np.exp(random.normal() * 0.3) * np.exp(random.normal(size=2) * 0.08)
    outwards = np.sign(about - 0.5) * np.abs(random.normal(size=2)) * 0.015
    slide = np.where(np.abs(about - 0.5) > 0.499, outwards, random.normal(size=2) * 0.12)
    linear = size[:, None] * turn[:, :2]
    offset = about + slide - linear @ np.array([x, y])
    to_unit = np.diag([1 / wide, 1 / high])
    to_page = np.diag([cols, rows])
    return np.column_stack([to_page @ linear @ to_unit, to_page @ offset]).astype(np.float32)


def _lay(random: Random, page: Floats, skin: Floats, light: Floats, hand: tuple[Sprite, Floats]) -> None:
    """Lay a hand on the page and its shadow below it."""
    sprite, move = hand
    rows, cols = skin.shape
    scale = float(np.hypot(move[0, 0], move[1, 0]))
    cover = np.asarray(cv2.warpAffine(sprite.cover, move, (cols, rows), flags=cv2.INTER_LINEAR), np.float32)
    if scale > 1.5:
        # An enlarged hand is to be as sharp at its edge as any other.
        cover = np.clip((cover - 0.5) * scale + 0.5, 0, 1).astype(np.float32)
    if cover.max() < 0.5:
        return
    relative = cv2.warpAffine(
        sprite.colour, move, (cols, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    tone = _tone(random, sprite)
    gamma = np.float32(random.uniform(0.6, 1.5))
    painted = 255 * tone * np.power(np.clip(relative, 0.05, 1.9), gamma)
    grain = cv2.GaussianBlur(
        random.standard_normal((rows, cols), np.float32), (0, 0), random.uniform(0.5, 1.6)
    )
    painted = painted * (1 + np.float32(random.uniform(0, 0.12)) * grain[:, :, None])
    shaded = np.maximum(_shaded(random, (rows, cols), move[:, 2]), min(_DARKEST / float(tone.mean()), 1))
    painted = painted * light * shaded
    shadow(random, page, cover)
    if random.random() < 0.5:
        cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), random.uniform(0.4, 1.5)), np.float32)
    page *= 1 - cover[:, :, None]
    page += painted * cover[:, :, None]
    np.maximum(skin, cover, out=skin)


def _tone(random: Random, sprite: Sprite) -> Floats:
    """Colour of skin, 0..1: its own, or any from very light to very dark."""
    if random.random() < 0.3:
        tone = sprite.own * random.uniform(0.6, 1.1)
    else:
        at = random.beta(1, 1.4) * (len(SKINS) - 1)
        low = min(int(at), len(SKINS) - 2)
        one, other = (np.array(SKINS[k][::-1], np.float32) / 255 for k in (low, low + 1))
        tone = (one + (other - one) * (at - low)) * random.uniform(0.7, 1.1)
    tone = tone * random.uniform(0.92, 1.08, 3)
    if random.random() < 0.25:
        # Blood under the skin, or hardly any.
        tone[2] *= random.uniform(0.95, 1.2)
    if random.random() < 0.12:
        # Pale, or in so much light that it is hardly darker than paper.
        tone = 1 - (1 - tone) * random.uniform(0.35, 0.8)
    return np.asarray(np.clip(tone, 0.04, 1.05), np.float32)


def _shaded(random: Random, shape: tuple[int, int], about: Floats) -> Floats:
    """Light that reaches a hand: of one side less, or little of all."""
    if random.random() < 0.35:
        # In the paper's light, or nearer to a lamp of its own colour.
        cast = random.uniform(0.85, 1.15, 3) * random.uniform(1.0, 1.5)
        return np.asarray(cast if random.random() < 0.4 else np.ones(3), np.float32)[None, None]
    if random.random() < 0.4:
        return np.full((1, 1, 1), random.uniform(0.2, 0.8), np.float32)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    angle = random.uniform(0, 2 * np.pi)
    wide = random.uniform(4, 40)
    along = ((x - about[0]) * np.cos(angle) + (y - about[1]) * np.sin(angle)) - random.normal() * 40
    lit = np.clip(along / wide + 0.5, 0, 1)
    least = random.uniform(0.2, 0.9)
    return np.asarray(least + (1 - least) * lit, np.float32)[:, :, None]


def _seen(random: Random, page: Floats) -> Floats:
    """Picture that a camera takes: white balance, exposure, tone curve, blur, noise, compression."""
    gain = random.uniform(0.75, 1.25) * random.uniform(0.9, 1.1, 3)
    picture = np.clip(page * gain.astype(np.float32) + np.float32(random.normal() * 4), 0, 255)
    if random.random() < 0.4:
        picture = 255 * np.power(picture / 255, np.float32(random.uniform(0.75, 1.35)))
    if random.random() < 0.5:
        far = random.uniform(1.3, 3.5) if random.random() < 0.25 else random.uniform(0.3, 1.3)
        picture = cv2.GaussianBlur(picture, (0, 0), far)
    noise = np.float32(random.uniform(0, 5 if random.random() < 0.8 else 11))
    picture = picture + random.standard_normal(picture.shape, np.float32) * noise
    picture = np.clip(picture, 0, 255)
    if random.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(40, 95))]
        picture = cv2.imdecode(cv2.imencode(".jpg", picture.astype(np.uint8), quality)[1], cv2.IMREAD_COLOR)
    return np.asarray(picture, np.float32)
