"""Made pages whose text is known, spoilt in one way each, from not at all to utterly."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw

from imgcore.types import Image
from server.documents.typeface import typeface

SIZE = (680, 290)
SIGNS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"
    "同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自"
    "二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日"
    "那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变"
    "条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总"
    "次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指"
)
"""Frequent Chinese characters."""
WORDS = (
    *("account", "address", "amount", "application", "bank", "branch", "card", "certificate"),
    *("contract", "date", "document", "form", "house", "income", "insurance", "letter"),
    *("number", "office", "page", "payment", "person", "receipt", "record", "register"),
    *("report", "sample", "service", "signature", "street", "total", "value", "year"),
)


class MadePage(NamedTuple):
    """A picture and the lines that it shows, or showed before it was spoilt."""

    picture: Image
    lines: tuple[str, ...]
    fault: str


Spoil = Callable[[np.random.Generator, Image, float], Image]


def _text(rng: np.random.Generator, length: int) -> str:
    if rng.random() < 0.35:
        words: list[str] = []
        while sum(map(len, words)) + len(words) < 2 * length:
            words.append(str(rng.choice(WORDS)))
        return " ".join(words)
    digits = "".join(map(str, rng.integers(0, 10, 4)))
    return "".join(rng.choice(list(SIGNS), length - 2)) + digits


def _page(rng: np.random.Generator) -> tuple[Image, tuple[str, ...]]:
    """Draw lines of text on paper under an uneven lamp."""
    height = int(rng.integers(22, 36))
    paper = int(rng.integers(175, 238))
    sheet = PIL.Image.new("L", SIZE, paper)
    pen = PIL.ImageDraw.Draw(sheet)
    font = typeface(SIGNS)(height)
    lines = []
    for y in range(64, SIZE[1] - 64 - height, round(height * 1.9)):
        line = _text(rng, (SIZE[0] - 134) // height)
        while font.getlength(line) > SIZE[0] - 128:
            line = line[:-1]
        pen.text((64, y), line, int(rng.integers(20, 70)), font)
        lines.append(line)
    drawn = cv2.cvtColor(np.asarray(sheet, np.uint8), cv2.COLOR_GRAY2BGR).astype(np.float32)
    lamp = np.linspace(1.0, float(rng.uniform(0.75, 1.0)), SIZE[0], dtype=np.float32)[None, :, None]
    grain = rng.normal(0, float(rng.uniform(0.5, 2.0)), drawn.shape)
    return np.clip(drawn * lamp + grain, 0, 255).astype(np.uint8), tuple(lines)


def _defocus(rng: np.random.Generator, image: Image, share: float) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.3 + 7 * share), np.uint8)


def _motion(rng: np.random.Generator, image: Image, share: float) -> Image:
    length = 1 + round(30 * share)
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = (length - 1) / 2 * np.array([np.cos(angle), np.sin(angle)])
    ends = [tuple(map(int, np.round((length - 1) / 2 + sign * reach))) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)


def _glare(rng: np.random.Generator, image: Image, share: float) -> Image:
    y, x = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    centre = rng.uniform(0.25, 0.75, 2) * SIZE
    radius = 4 + 190 * share
    away = np.hypot((x - centre[0]) / radius, (y - centre[1]) / (radius * rng.uniform(0.4, 0.9)))
    light = 300 * np.exp(-(np.maximum(away - 0.8, 0) ** 2) / 0.03)
    return np.asarray(np.clip(image + light[:, :, None], 0, 255), np.uint8)


def _cut(rng: np.random.Generator, image: Image, share: float) -> Image:
    """Cut off a part of the margin, or beyond a third of the strengths of the text."""
    lost = 0.0 if share < 1 / 3 else 0.5 * (share - 1 / 3) * 1.5
    edge = 64 - 60 * share if share < 1 / 3 else 0.0
    rows, cols = image.shape[:2]
    if rng.random() < 0.5:
        return np.ascontiguousarray(image[:, : int(64 + (cols - 128) * (1 - lost) + edge)])
    return np.ascontiguousarray(image[: int(64 + (rows - 128) * (1 - lost) + edge)])


def _dark(rng: np.random.Generator, image: Image, share: float) -> Image:
    gain = 0.9 * (1 - share) ** 3 + 0.01
    return np.asarray(np.clip(image * gain + rng.normal(0, 3.0, image.shape), 0, 255), np.uint8)


def _small(rng: np.random.Generator, image: Image, share: float) -> Image:
    factor = 1 - 0.85 * share
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


FAULTS: dict[str, Spoil] = {
    "defocus": _defocus,
    "motion": _motion,
    "glare": _glare,
    "cut off": _cut,
    "dark": _dark,
    "small": _small,
}


def make_page(seed: int) -> MadePage:
    """Make page number `seed`; every fault in turn, each at a random strength."""
    rng = np.random.default_rng((20, seed))
    fault = list(FAULTS)[seed % len(FAULTS)]
    picture, lines = _page(rng)
    spoilt = FAULTS[fault](rng, picture, float(rng.uniform(0, 1)))
    noise = rng.normal(0, 1.0, spoilt.shape)
    return MadePage(np.clip(spoilt + noise, 0, 255).astype(np.uint8), lines, fault)
