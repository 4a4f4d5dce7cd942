"""Forms with private parts, drawn flat: numbers, names and addresses of nobody among other text."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Image, Random
from synthetic.documents import made_up
from synthetic.documents.ink import A4, Ink, Style
from synthetic.text.typeface import typefaces
from synthetic.text.words import characters

SCALE = 150 / 25.4
"""Pixels a millimetre: 150 dots an inch."""
LEFT = 22.0
STEP = 9.2


class PrivatePage(NamedTuple):
    """A page; `numbers` are those on it without their spaces, `names` and `addresses` likewise."""

    picture: Image
    numbers: tuple[str, ...]
    names: tuple[str, ...]
    addresses: tuple[str, ...]


def make_private_page(seed: int) -> PrivatePage:
    """Return a page with some fifteen numbers; the same for the same seed."""
    random = np.random.default_rng([seed, 71])
    ink = Ink(random, typefaces(), A4, (250, 250, 250), SCALE)
    ink.centred((A4[0] / 2, 26), "业 务 申 请 表（样张）", "bold", 7.0)
    numbers: list[str] = []
    names: list[str] = []
    addresses: list[str] = []
    y = 40.0
    while y < 276:
        kind = int(random.integers(5))
        if kind < 3:
            numbers.append(_number(ink, random, y, kind))
        elif kind == 3:
            names.append(made_up.name(random))
            addresses.append(made_up.address(random))
            ink.text((LEFT, y), f"姓名：{names[-1]}", "serif", 4.0)
            ink.text((LEFT + 45, y), f"地址：{addresses[-1]}", "serif", 3.6)
        else:
            ink.text((LEFT, y), characters(random, 34), "serif", 4.2)
        y += STEP
    return PrivatePage(_scanned(random, ink.sheet()), tuple(numbers), tuple(names), tuple(addresses))


def _number(ink: Ink, random: Random, y: float, kind: int) -> str:
    """Print a number after a label, in the middle of a sentence, or in boxes of a form."""
    phone = f"19{made_up.digits(random, 1)}0000{made_up.digits(random, 4)}"
    label, number, group = (
        ("身份证号", made_up.resident_number(random, made_up.day(random, 1940, 2015)), 0),
        ("银行账号", made_up.bank_number(random), 4),
        ("联系电话", phone, int(random.choice([0, 4]))),
    )[kind]
    shown = " ".join(number[at : at + group] for at in range(0, len(number), group)) if group else number
    style: Style = "sans" if random.random() < 0.5 else "serif"
    layout = int(random.integers(3))
    if layout == 0:
        ink.text((LEFT, y), f"{label}：{shown}", style, 4.0)
    elif layout == 1:
        ink.text((LEFT, y), f"{characters(random, 6)}{label}{shown}，{characters(random, 6)}", style, 3.8)
    else:
        ink.text((LEFT, y), label, style, 4.0)
        ink.box((LEFT + 28, y - 5.6, 188, y + 2.0), None)
        ink.text((LEFT + 31, y), shown, style, 4.4)
    return number


def _scanned(random: Random, sheet: Image) -> Image:
    """Return a sheet a little turned, blurred and noisy."""
    rows, cols = sheet.shape[:2]
    turn = cv2.getRotationMatrix2D((cols / 2, rows / 2), float(random.normal() * 0.6), 1.0)
    turned = cv2.warpAffine(sheet, turn, (cols, rows), borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(turned, (0, 0), float(random.uniform(0.3, 0.9))).astype(np.float32)
    noisy = soft + random.standard_normal(soft.shape, np.float32) * np.float32(random.uniform(0.5, 4))
    return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)
