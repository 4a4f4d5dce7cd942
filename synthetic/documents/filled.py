"""Pages of a counter's day, and one form filled in again and again by other people."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from synthetic.arrays import Image, Random
from synthetic.documents.form import form
from synthetic.documents.identity_card import identity_back, identity_front
from synthetic.documents.invoice import invoice
from synthetic.documents.letter import letter
from synthetic.documents.pages import make_page
from synthetic.documents.receipt import BOOKS, TAXI, TEA, receipt
from synthetic.documents.report import report
from synthetic.text.handwriting import handwriting
from synthetic.text.typeface import typefaces

SCALE = 5.0
"""Pixels per millimetre: more than the cameras have."""
_PENS = ((150, 60, 30), (60, 50, 45), (120, 40, 60))
"""BGR."""
_LETTERS = "文本字0123456789"


def any_page(random: Random, drawn: set[int]) -> Image:
    """Return a page, a slip or a card, BGR at `SCALE`.

    Parameters
    ----------
    drawn
        Pages that there is but one of and that were drawn already; the new one is added.
    """
    kind = int(random.choice(len(_KINDS), p=_SHARES))
    if kind in drawn:
        return _printed(random)
    if kind >= _SINGLE:
        drawn.add(kind)
    return _KINDS[kind](random)


def filled_again(random: Random, blank: Image, least: int = 3) -> Image:
    """Return a printed page with `least` to nine words in another hand, at any places."""
    page = blank.copy()
    for _ in range(int(random.integers(least, 10))):
        words = "".join(random.choice(list(_LETTERS), int(random.integers(3, 11))))
        mask = handwriting(random, words, float(random.uniform(4.5, 8.0)) * SCALE)
        _write(random, page, mask)
    return page


def form_by_another(random: Random) -> Image:
    """Return the application form as somebody else filled it in."""
    return form(random, typefaces(), SCALE)


def _write(random: Random, page: Image, mask: Image) -> None:
    rows = page.shape[0] - mask.shape[0]
    cols = page.shape[1] - mask.shape[1]
    if min(rows, cols) < 10:
        return
    top = int(random.integers(5, rows))
    left = int(random.integers(5, cols))
    part = page[top : top + mask.shape[0], left : left + mask.shape[1]]
    share = mask[:, :, None] * np.float32(0.9 / 255)
    part[:] = part * (1 - share) + np.array(_PENS[int(random.integers(len(_PENS)))], np.float32) * share


def _printed(random: Random) -> Image:
    return make_page(int(random.integers(2**31)), (round(210 * SCALE), round(297 * SCALE))).picture


def _half(random: Random) -> Image:
    return np.ascontiguousarray(np.rot90(cv2.resize(_printed(random), None, fx=0.707, fy=0.707)))


def _slip(random: Random) -> Image:
    return receipt(random, typefaces(), SCALE, (TEA, BOOKS, TAXI)[int(random.integers(3))])


def _card(random: Random) -> Image:
    side = identity_front if random.random() < 0.5 else identity_back
    return side(random, typefaces(), SCALE)


_KINDS: tuple[Callable[[Random], Image], ...] = (
    _printed,
    _half,
    form_by_another,
    lambda random: letter(random, typefaces(), SCALE),
    lambda random: invoice(random, typefaces(), SCALE),
    lambda random: report(random, typefaces(), SCALE),
    _slip,
    _card,
)
_SINGLE = 3
"""Number of the first that is printed the same each time."""
_SHARES = (0.42, 0.12, 0.12, 0.08, 0.08, 0.08, 0.06, 0.04)
