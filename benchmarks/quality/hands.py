"""Real hands on real pages: fingers that are gone, and ink that is lost where no finger lies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import collected, report
from imgcore.types import Image

Remover = Callable[[Image], Image]
Mask = npt.NDArray[np.bool_]

LONG = 1100
"""Long side in pixels to which a page is cut by its corners."""
HAND = 0.05
"""Share of the page from which it is a hand, and covers text that nobody can know: it is to stay."""
GONE = 40
MOST = 0.9
"""Levels from the paper around up to which a pixel is gone, as light changes within a finger's width; and the
share of a finger's pixels from which the finger is."""
INK = 30
NEAR = 9
RIM = 0.015
"""Levels by which ink is darker than the paper around; pixels beside a finger, and the share
of the long side along the page's edge, which do not count: there lies its shadow, and desk."""


@dataclass(frozen=True)
class HeldPhotograph:
    """A page cut from a photograph, and the fingers on it.

    Attributes
    ----------
    name
        The file.
    page
        uint8 BGR.
    fingers
        Masks, bool ``(rows, cols)``; none where nothing is to be removed.
    """

    name: str
    page: Image
    fingers: tuple[Mask, ...]


def entries(half: str = "open", fit: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the entries of one half, those that measure or those to learn from (`fit`)."""
    for entry in json.loads(collected.HANDS.read_text(encoding="utf-8")):
        if (entry["half"], entry["fit"]) == (half, fit):
            yield entry


def load_hands(half: str = "open", fit: bool = False) -> Iterator[HeldPhotograph]:
    """Yield the pages of one half that are on this machine."""
    for entry in entries(half, fit):
        if (collected.default_folder() / entry["file"]).is_file():
            yield cut_held(entry)


def cut_held(entry: Mapping[str, Any]) -> HeldPhotograph:
    """Read a photograph by its entry, and cut its page out with the masks of its fingers."""
    picture = np.asarray(cv2.imread(str(collected.default_folder() / entry["file"])), np.uint8)
    page, to_page = cut_page(picture, np.array(entry["page"], np.float32), LONG)
    masks = tuple(_mask(finger, to_page, page) for finger in entry["fingers"])
    return HeldPhotograph(entry["file"], page, masks)


def cut_page(
    picture: Image, corners: npt.NDArray[np.float32], long: int
) -> tuple[Image, npt.NDArray[np.float64]]:
    """Cut a page by its corners to a long side in pixels; also returns the homography to it."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width = sides[0] + sides[2]
    height = sides[1] + sides[3]
    cols, rows = (round(float(side * long / max(width, height))) for side in (width, height))
    flat = np.array([(0, 0), (cols - 1, 0), (cols - 1, rows - 1), (0, rows - 1)], np.float32)
    to_page = np.asarray(cv2.getPerspectiveTransform(corners, flat), np.float64)
    flags = cv2.INTER_AREA if max(picture.shape) > long else cv2.INTER_LINEAR
    page = np.asarray(cv2.warpPerspective(picture, to_page, (cols, rows), flags=flags), np.uint8)
    return page, to_page


def _mask(finger: Sequence[Sequence[float]], to_page: npt.NDArray[np.float64], page: Image) -> Mask:
    outline = cv2.perspectiveTransform(np.array([finger], np.float32), to_page)[0]
    drawn = cv2.fillPoly(np.zeros(page.shape[:2], np.uint8), [outline.astype(np.int32)], (1,))
    return np.asarray(drawn > 0, np.bool_)


def measure(half: str, step: int, removers: Mapping[str, Remover]) -> str:
    """Measure the removers on every `step`-th page; the table, and what it tells."""
    found = list(load_hands(half))[::step]
    pages = [one for one in found if one.fingers]
    free = [one for one in found if not one.fingers]
    if not pages:
        return f"Real hands were not measured: {collected.default_folder()} has no pictures of them."
    rows = []
    for name, remover in removers.items():
        lost: list[int] = []
        fingers: list[float] = []
        hands: list[float] = []
        for page in pages:
            cleaned = remover(page.page)
            lost.append(ink_lost(page, cleaned))
            for finger in page.fingers:
                (hands if finger.mean() > HAND else fingers).append(gone(page, finger, cleaned))
            print(name, page.name, lost[-1], [round(share, 2) for share in fingers], flush=True)
        away, kept = (f"{sum(s >= MOST for s in some)} of {len(some)}" for some in (fingers, hands))
        faded = f"{sum(n > 0 for n in lost)} of {len(pages)}"
        changed = f"{sum(not np.array_equal(remover(one.page), one.page) for one in free)} of {len(free)}"
        rows.append((name, away, f"{np.mean(fingers):.2f}", kept, faded, changed))
    text = (
        f"**Real hands**: {len(pages)} photographed pages of books, booklets and receipts that are held; "
        f"{collected.HALVES[half]}; page and fingers are marked by hand. *Fingers gone*: those of which "
        f"{MOST:.0%} looks like the paper around, and the *share* of their pixels. *Hands* cover more than "
        f"{HAND:.0%} of the page, and text that nobody can know: they are to stay. *Ink lost*: pages on "
        "which print is paler by half where no finger lies. *Changed*: pages without a finger, on orange "
        "desks, with spirals, in warm light, of which a pixel changed."
    )
    head = ("remover", "real fingers gone", "share", "real hands gone", "ink lost", "changed")
    return "\n\n".join([text, report.table(head, rows)])


def ink_lost(held: HeldPhotograph, cleaned: Image) -> int:
    """Pixels of print that are paler by half, away from fingers and from the page's edge."""
    before = _contrast(held.page)
    after = _contrast(cleaned)
    covered = np.logical_or.reduce(held.fingers).astype(np.uint8)
    near = cv2.dilate(covered, np.ones((2 * NEAR + 1,) * 2, np.uint8)) > 0
    rim = round(RIM * LONG)
    inside = np.zeros(near.shape, np.bool_)
    inside[rim:-rim, rim:-rim] = True
    return int(((before > INK) & (after < before // 2) & inside & ~near).sum())


def _contrast(page: Image) -> Image:
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    return np.asarray(cv2.subtract(paper, grey), np.uint8)


def gone(held: HeldPhotograph, finger: Mask, cleaned: Image) -> float:
    """Share of a finger's pixels that changed, to what the bare paper around it looks like."""
    part = finger.astype(np.uint8)
    core = cv2.erode(np.pad(part, 4, mode="edge"), np.ones((7, 7), np.uint8))[4:-4, 4:-4] > 0
    ring = cv2.dilate(part, np.ones((51, 51), np.uint8)) > cv2.dilate(part, np.ones((17, 17), np.uint8))
    ring &= ~np.logical_or.reduce(held.fingers) & (_contrast(held.page) < INK // 2)
    if not core.any() or not ring.any():
        return float("nan")
    paper = np.median(cleaned[ring], axis=0)
    near = np.abs(cv2.blur(cleaned, (5, 5)) - paper).max(axis=2) < GONE
    changed = np.abs(cleaned.astype(np.int16) - held.page).max(axis=2) > INK // 4
    return float((near & changed)[core].mean())
