"""Inpainting of covered parts of a page with paper: its colour, shade and grain, no print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.paper.colour import (
    Floats,
    Mask,
    enlarged,
    max_channel,
    paper_colour,
    push_pull,
    relative,
    without_strokes,
)
from imgcore.types import Image

Box = tuple[slice, slice]
Levels = tuple[Floats, Floats, Floats]
"""float32 ``(rows, cols, channels)`` each."""

_GRAIN = 96
"""Side in pixels of the sample of bare paper whose grain is tiled, mirrored; smaller with little paper."""
_TILE = 256
"""Pixels on a side of a piece of the picture that is painted at once."""
_SMOOTH = 4.0
"""Standard deviation in pixels of the blur that separates paper's shade from its grain."""
_INK = 10
"""Levels below the paper beside it from which a pixel of the reduced picture has ink."""
_USUAL = 0.15
"""Largest difference of paper from its smooth estimate, as a share."""
_RING = 41
"""Pixels on a side of the window around what is covered."""
_PAPER = 0.5
"""Share of paper around what is covered up to which a printed field or a hard shadow goes on below it."""
_BLACK = 0.5
"""Brightness relative to paper up to which a pixel is ink."""
_GREYS = 0.3
"""Range of brightness, relative to paper, over which ink turns into paper."""
_DEEPEST = 2.2
"""Largest factor by which shadows are lit up."""


@dataclass(frozen=True, eq=False)
class PaperModel:
    """Model of a page's paper, estimated on a reduced picture.

    Attributes
    ----------
    small
        uint8 BGR or grey, the picture reduced.
    blank
        The reduced picture without print.
    paper
        float32 ``(rows, cols, channels)``, rough colour of the paper everywhere.
    """

    small: Image
    blank: Image
    paper: Floats

    def bare(self) -> Mask:
        """Mask of paper without ink in the reduced picture, bool ``(rows, cols)``."""
        below = cv2.subtract(self.blank, self.small)
        return np.asarray(max_channel(np.asarray(below, np.uint8)) < _INK)


def inpaint(image: Image, model: PaperModel, covered: Mask, shaded: Mask, beside: Mask) -> Image:
    """Replace covered parts of a page by paper, and light up the shade around them.

    Parameters
    ----------
    image
        BGR or grey; not modified.
    covered
        bool, of the model's shape: replaced.
    shaded
        bool, of the model's shape: lit up to the level of the paper around, print kept.
    beside
        bool, of the model's shape: desk beside the sheet, which continues as desk.

    Returns
    -------
    Image
        A new picture; only pixels in and within a few of these masks differ.
    """
    inpainted = image.copy()
    grain = paper_grain(image, model, covered | shaded | beside)
    for box in _boxes(covered | shaded):
        _replace(inpainted, _paper_levels(model, (covered, shaded, beside), box), covered, (box, grain))
    return inpainted


def _boxes(mask: Mask) -> Iterable[Box]:
    """Yield rows and columns of each component of the mask, with a margin."""
    rows, cols = mask.shape
    joined = cv2.dilate(mask.astype(np.uint8), np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    for left, top, width, height in stats[1:count, :4]:
        room = 8
        yield (
            slice(max(0, int(top) - room), min(rows, int(top + height) + room)),
            slice(max(0, int(left) - room), min(cols, int(left + width) + room)),
        )


def _paper_levels(model: PaperModel, masks: tuple[Mask, Mask, Mask], box: Box) -> Levels:
    """Target colour of the paper, gain for the pixels that stay, and present colour of the paper."""
    reach = max(32, (box[0].stop - box[0].start) // 2)
    wide = (_widened(box[0], reach), _widened(box[1], reach))
    inner = tuple(
        slice(side.start - far.start, side.stop - far.start) for side, far in zip(box, wide, strict=True)
    )
    covered, shaded, beside = (mask[wide] for mask in masks)
    paper = model.paper[wide]
    measured = relative(model.small[wide], paper)
    bare = model.bare()[wide] & ~beside
    usual = max_channel(np.abs(measured - 1)) < _USUAL
    around = bare & ~_grown(covered | shaded, 5)
    ring = around & _grown(covered, _RING)
    if not ring.any() or usual[ring].mean() > _PAPER:
        around &= usual
    target: Floats = paper * _extrapolated(measured, around)
    if beside.any():
        desk: Floats = paper * _extrapolated(measured, beside & ~_grown(covered, 9))
        target = np.where(beside[:, :, None], desk, target)
    # Hard by a finger the shade is thinner than print may be: there only fine strokes are left out of it.
    fine, broad = (relative(without_strokes(model.small[wide], width), paper) for width in (5, 9))
    print_free = np.where(_grown(covered, 7)[:, :, None], fine, broad)
    seen = np.where(bare[:, :, None], measured, print_free)
    level: Floats = paper * _extrapolated(seen, ~_grown(covered, 3))
    level = np.maximum(np.asarray(cv2.GaussianBlur(level, (0, 0), 2.0)).reshape(paper.shape), 1)
    gain = np.clip(target / level, 1.0, _DEEPEST)
    faded = np.clip(2 * np.asarray(cv2.GaussianBlur(shaded.astype(np.float32), (0, 0), 2.0)), 0, 1)
    gain = 1 + (gain - 1) * (faded * ~beside)[:, :, None]
    return target[inner], gain[inner].astype(np.float32), level[inner]


def _widened(side: slice, reach: int) -> slice:
    return slice(max(0, side.start - reach), side.stop + reach)


def _grown(mask: Mask, window: int) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((window, window), np.uint8)) > 0)


def _extrapolated(ratio: Floats, known: Mask) -> Floats:
    if not known.any():
        return np.ones_like(ratio)
    return push_pull(ratio.astype(np.float32), known.astype(np.float32))


def _replace(inpainted: Image, levels: Levels, covered: Mask, where: tuple[Box, Floats]) -> None:
    """Write paper into one box of the full picture."""
    target, gain, level = levels
    box, grain = where
    full = _in_full(box, covered.shape, inpainted.shape)
    before = inpainted[full]
    shape = before.shape[:2]
    if 0 in shape:
        return
    share = np.clip(2.0 * enlarged(covered[box].astype(np.float32), shape) - 0.5, 0, 1)
    paper = enlarged(target, shape) + _tiled(grain, full)
    old = before.reshape(*shape, -1).astype(np.float32)
    # Ink does not pale: pixels far darker than shaded paper are lit up less, black not at all.
    white = _mean(old / enlarged(level, shape))
    lit = old * (1 + (enlarged(gain, shape) - 1) * np.clip((white - _BLACK) / _GREYS, 0, 1))
    mixed = np.clip(np.rint(lit * (1 - share) + paper * share), 0, 255).astype(np.uint8)
    inpainted[full] = mixed.reshape(before.shape)


def _mean(planes: Floats) -> Floats:
    """Mean of the channels, ``(rows, cols, 1)``."""
    channels = planes.shape[2]
    return np.asarray(cv2.transform(planes, np.full((1, channels), 1 / channels)), np.float32)[:, :, None]


def _in_full(box: Box, reduced: tuple[int, ...], full: tuple[int, ...]) -> Box:
    """Scale a box of the reduced picture to pixels of the full one."""
    down = full[0] / reduced[0]
    across = full[1] / reduced[1]
    return (
        slice(round(box[0].start * down), round(box[0].stop * down)),
        slice(round(box[1].start * across), round(box[1].stop * across)),
    )


def paint_paper(image: Image, mask: Mask, target: Floats, grain: Floats) -> None:
    """Write paper into the pixels of a mask, in place, tile by tile.

    Parameters
    ----------
    mask
        bool ``(rows, cols)``, the picture's.
    target
        float32, the paper's colour on a reduced picture.
    """
    rows, cols = image.shape[:2]
    for top in range(0, rows, _TILE):
        for left in range(0, cols, _TILE):
            tile = (slice(top, min(rows, top + _TILE)), slice(left, min(cols, left + _TILE)))
            if mask[tile].any():
                colours = _sampled(target, tile, image.shape) + _tiled(grain, tile)
                at = mask[tile]
                values = np.clip(np.rint(colours[at]), 0, 255).astype(np.uint8)
                image[tile][at] = values.reshape(-1, *image.shape[2:])


def _sampled(target: Floats, tile: Box, shape: tuple[int, ...]) -> Floats:
    """Interpolate a tile of the full picture linearly from the reduced one."""
    down = target.shape[0] / shape[0]
    across = target.shape[1] / shape[1]
    y = (np.arange(tile[0].start, tile[0].stop, dtype=np.float32) + 0.5) * down - 0.5
    x = (np.arange(tile[1].start, tile[1].stop, dtype=np.float32) + 0.5) * across - 0.5
    across_map, down_map = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    sampled = cv2.remap(target, across_map, down_map, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.float32).reshape(len(y), len(x), -1)


def paper_grain(image: Image, model: PaperModel, avoided: Mask) -> Floats:
    """Sample the grain of bare paper, float32 ``(side, side, channels)``.

    Zeros if the picture has no bare paper of a few pixels.
    """
    channels = 1 if image.ndim == 2 else 3
    usual = max_channel(np.abs(relative(model.blank, model.paper) - 1)) < 0.08
    free = np.pad((model.bare() & usual & ~avoided).astype(np.uint8), 1)
    distance = cv2.distanceTransform(free, cv2.DIST_C, 3)[1:-1, 1:-1]
    y, x = np.unravel_index(int(distance.argmax()), distance.shape)
    factor = image.shape[0] / model.small.shape[0]
    half = int(min(_GRAIN / 2, (distance[y, x] - 1) * factor))
    row = int((y + 0.5) * factor)
    col = int((x + 0.5) * factor)
    piece = image[max(0, row - half) : row + half, max(0, col - half) : col + half]
    if half < 4 or min(piece.shape[:2]) < 4:
        return np.zeros((1, 1, channels), np.float32)
    values = piece.astype(np.float32)
    smooth = np.asarray(cv2.GaussianBlur(values, (0, 0), _SMOOTH), np.float32)
    return (values - smooth).reshape(*piece.shape[:2], channels)


def _tiled(grain: Floats, where: Box) -> Floats:
    """Tile the grain over a box of the picture, every second tile mirrored."""
    indices = []
    for side, length in zip(where, grain.shape[:2], strict=True):
        place = np.arange(side.start, side.stop) % (2 * length)
        indices.append(np.where(place < length, place, 2 * length - 1 - place))
    tiled: Floats = grain[np.ix_(*indices)]
    return tiled


def model_paper(small: Image, strokes: int) -> PaperModel:
    """Model the paper of a reduced picture; print is thinner than `strokes` pixels."""
    blank = without_strokes(small, strokes)
    return PaperModel(small, blank, paper_colour(blank))
