"""Real pages for colour documents: printed photographs, fields, light print, bare paper and cast shadows.

``collected_colour.json`` names them, with what was marked on each by hand. A page is enhanced twice: cut out
by its corners, and with the desk around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import scipy.stats

from imgcore.types import Image
from lab import collected
from lab.held_pages import cut_page

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

LONG = 1600
"""Largest long side in pixels of a page or picture that is enhanced."""
TONES = 96
"""Long side in pixels at which the tones of a photograph are compared."""
BLOCK = 12
"""Side in pixels of a block of such a photograph whose gain is compared with that of the light."""
GAIN_OFF = 0.08
"""Share by which the gain of a block may differ from the light's."""
DARK = 16
"""Level below which a block's gain is mostly noise."""
WHITE = 248
"""Level of the darkest channel from which paper is white."""
_CHROMA = 6.0
"""Least chroma, in Lab, of a difference of colours whose hue is compared."""
_BRIGHT = 95
_GROUND = 25
"""Percentiles of the luminance of light print and of the ground that it stands on."""


@dataclass(frozen=True, slots=True, eq=False)
class ColourPage:
    """A picture of a page, and masks of what is marked on it, bool ``(rows, cols)``.

    Attributes
    ----------
    picture
        uint8 BGR.
    photographs, fields, light_print, paper
        A mask each.
    shadows
        Bare paper within a cast shadow, and bare paper beside it.
    coloured
        True if the paper itself has a colour, or there is hardly any: a card, a cover.
    """

    name: str
    picture: Image
    photographs: Sequence[Mask]
    fields: Sequence[Mask]
    light_print: Sequence[Mask]
    paper: Sequence[Mask]
    shadows: Sequence[tuple[Mask, Mask]]
    coloured: bool


def entries(half: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of one half whose pictures are on this machine."""
    for entry in json.loads(collected.COLOUR.read_text(encoding="utf-8")):
        if entry["half"] == half and path_of(entry).is_file():
            yield entry


def path_of(entry: Mapping[str, Any]) -> Path:
    """Return the file of an entry."""
    return collected.default_folder() / str(entry["file"])


def load(entry: Mapping[str, Any], with_desk: bool) -> ColourPage:
    """Read a picture with its marks: the page alone, or all that the photograph shows."""
    picture = np.asarray(cv2.imread(str(path_of(entry))), np.uint8)
    rows, cols = picture.shape[:2]
    whole = [(0, 0), (cols - 1, 0), (cols - 1, rows - 1), (0, rows - 1)]
    corners = np.array(whole if with_desk else entry.get("page", whole), np.float32)
    longest = float(np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1).max())
    page, to_page = cut_page(picture, corners, min(LONG, round(longest)))

    def mask(polygon: Sequence[Sequence[float]]) -> Mask:
        flat = cv2.perspectiveTransform(np.array([polygon], np.float32), to_page)[0]
        drawn = np.zeros(page.shape[:2], np.uint8)
        cv2.fillPoly(drawn, [np.rint(flat).astype(np.int32)], (1,))
        return np.asarray(drawn > 0, np.bool_)

    def masks(key: str) -> list[Mask]:
        return [each for polygon in entry.get(key, ()) if (each := mask(polygon)).sum() > 30]

    return ColourPage(
        name=str(entry["file"]),
        picture=page,
        photographs=masks("photographs"),
        fields=masks("fields"),
        light_print=[each for one in entry.get("light_print", ()) if (each := mask(one["print"])).sum() > 30],
        paper=masks("paper"),
        shadows=[(mask(inside), mask(beside)) for inside, beside in entry.get("shadow", ())],
        coloured=bool(entry.get("coloured") or entry.get("card")),
    )


def scores(page: ColourPage, enhanced: Image) -> dict[str, dict[str, float]]:
    """Return what each mark of a page contributes to each figure, by the mark's name."""
    before = page.picture
    after = enhanced if enhanced.ndim == 3 else np.dstack([enhanced] * 3)
    found: dict[str, dict[str, float]] = {}

    def add(figure: str, kind: str, number: int, value: float) -> None:
        found.setdefault(figure, {})[f"{page.name}, {kind} {number}"] = value

    for number, mask in enumerate(page.photographs):
        order = tone_order(before, after, mask)
        add("photographs: order of tones", "photograph", number, order)
        add("photographs: order of tones below .95", "photograph", number, float(order < 0.95))
        add("photographs: blocks off the light", "photograph", number, blocks_off(before, after, mask))
    for number, mask in enumerate(page.fields):
        kept, turned = field_kept(page, after, mask)
        add("fields: colour kept", "field", number, min(kept, 1.5))
        add("fields that keep .7", "field", number, float(kept >= 0.7))
        if turned is not None:
            add("fields: hue off, degrees", "field", number, turned)
    for number, mask in enumerate(page.light_print):
        kept = contrast(after, mask) / max(contrast(before, mask), 1e-3)
        add("light print: contrast kept", "light print", number, min(kept, 1.5))
        add("light print that keeps .8", "light print", number, float(kept >= 0.8))
    if page.paper and not page.coloured:
        levels = [after[mask].reshape(-1, 3).mean(axis=0) for mask in page.paper]
        for number, level in enumerate(levels):
            add("paper: darkest channel", "paper", number, float(level.min()))
            add("paper that is white", "paper", number, float(level.min() >= WHITE))
        grey = cv2.cvtColor(after, cv2.COLOR_BGR2GRAY)
        bare = np.concatenate([grey[mask] for mask in page.paper]).astype(np.float64)
        add("paper: unevenness, levels", "page", 0, float(bare.std()))
    for number, (inside, beside) in enumerate(page.shadows):
        if inside.sum() > 30 and beside.sum() > 30:
            step = np.abs(np.median(after[inside], axis=0) - np.median(after[beside], axis=0)).max()
            add("cast shadows: step, levels", "shadow", number, float(step))
    return found


def tone_order(before: Image, after: Image, mask: Mask) -> float:
    """Return Spearman's correlation of the luminance of a photograph before and after, at `TONES` pixels."""
    one, other, inside = _small(before, after, mask)
    if np.ptp(other[inside]) == 0:
        return 0.0
    return float(scipy.stats.spearmanr(one[inside], other[inside]).statistic)


def blocks_off(before: Image, after: Image, mask: Mask) -> float:
    """Return the share of blocks of a photograph whose gain differs from the light's.

    The light within a photograph is taken for a gain that changes evenly across it: the plane, in logarithms,
    that fits the gains of most blocks. Blocks that are nearly black, or white afterwards, do not count.
    """
    one, other, inside = _small(before, after, mask)
    places = []
    gains = []
    for top in range(0, one.shape[0] - BLOCK + 1, BLOCK):
        for left in range(0, one.shape[1] - BLOCK + 1, BLOCK):
            block = np.s_[top : top + BLOCK, left : left + BLOCK]
            if inside[block].all() and one[block].mean() > DARK and 1 < other[block].mean() < 250:
                places.append((top, left, 1.0))
                gains.append(np.log(other[block].mean() / one[block].mean()))
    if len(gains) < 6:
        return float("nan")
    design = np.array(places)
    wanted = np.array(gains)
    kept = np.ones(len(wanted), np.bool_)
    off = np.zeros(len(wanted))
    for _ in range(3):
        plane = np.linalg.lstsq(design[kept], wanted[kept], rcond=None)[0]
        off = np.abs(wanted - design @ plane)
        kept = off <= np.quantile(off, 0.8)
    return float((off > np.log1p(GAIN_OFF)).mean())


def field_kept(page: ColourPage, after: Image, field: Mask) -> tuple[float, float | None]:
    """Return the part of a field's colour beside paper that is kept, and degrees by which its hue is off.

    Beside no paper the chroma of the field counts. The hue is None where there is hardly any.
    """
    colours = [_colour(picture, field) for picture in (page.picture, after)]
    beside = _nearest(page.paper, field)
    if beside is None:
        old, new = (each * (0, 1, 1) for each in colours)
    else:
        papers = [_colour(picture, beside) for picture in (page.picture, after)]
        old, new = (colour - paper for colour, paper in zip(colours, papers, strict=True))
    kept = float(np.linalg.norm(new)) / max(float(np.linalg.norm(old)), 1e-6)
    if np.hypot(*old[1:]) < _CHROMA or np.hypot(*new[1:]) < _CHROMA / 2:
        return kept, None
    turn = np.degrees(np.arctan2(old[2], old[1]) - np.arctan2(new[2], new[1]))
    return kept, float(abs((turn + 180) % 360 - 180))


def contrast(picture: Image, mask: Mask) -> float:
    """Return Michelson's contrast of light print with its ground."""
    levels = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[mask].astype(np.float64)
    bright = np.percentile(levels, _BRIGHT)
    ground = np.percentile(levels, _GROUND)
    return float((bright - ground) / max(bright + ground, 1))


def _small(before: Image, after: Image, mask: Mask) -> tuple[Floats, Floats, Mask]:
    """Return luminance before and after, and the mask, of a mark's rectangle at `TONES` pixels."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    part = np.s_[y : y + height, x : x + width]
    factor = min(1.0, TONES / max(width, height))
    size = (max(BLOCK, round(width * factor)), max(BLOCK, round(height * factor)))
    one, other = (
        cv2.resize(cv2.cvtColor(each[part], cv2.COLOR_BGR2GRAY), size, interpolation=cv2.INTER_AREA).astype(
            np.float64
        )
        for each in (before, after)
    )
    inside = cv2.resize(mask[part].astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    return one, other, np.asarray(inside, np.bool_)


def _colour(picture: Image, mask: Mask) -> Floats:
    """Return the median colour of a mark in Lab."""
    median = np.median(picture[mask], axis=0).astype(np.float32).reshape(1, 1, 3) / 255
    return np.asarray(cv2.cvtColor(median, cv2.COLOR_BGR2LAB)[0, 0], np.float64)


def _nearest(paper: Sequence[Mask], field: Mask) -> Mask | None:
    middle = np.argwhere(field).mean(axis=0)
    return min(
        paper, key=lambda mask: float(np.linalg.norm(np.argwhere(mask).mean(axis=0) - middle)), default=None
    )
