"""Evidence that a region is a finger beyond doubt: print, pictures and desk share its colour alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.fingers.shape import dilated, squareness
from imgcore.paper.colour import Floats, Mask, max_channel, min_channel
from imgcore.paper.inpainting import PaperModel

_AROUND = 24
"""Pixels around a region that are looked at."""
_RIM = 3
"""Pixels along a region's edge that a lens has mixed with the paper."""
_FEWEST = 12
"""Fewest pixels of an outline that an ellipse is fitted to, and of an edge that is measured."""
_STROKE = 5
"""Pixels that strokes of print are thinner than."""
_CALM = 1.0
"""Standard deviation in pixels of the blur that quiets a sensor's noise."""
_TINTED = {
    "depth": (0.0, 2.0),
    "step": (0.03, np.inf),
    "sharp": (0.25, np.inf),
    "relative_warm": (0.13, 0.65),
    "relative_yellow": (0.08, 0.3),
    "dim": (-0.8, 0.05),
    "contrast": (0.42, 1.5),
    "rough": (0.0, 0.1),
    "ink": (0.0, 0.05),
    "ragged": (0.0, 0.04),
    "bulge": (0.13, 2.5),
    "oval": (0.0, 0.2),
    "square": (0.0, 0.9),
    "on_paper": (0.05, 1.0),
    "area": (0.0, 0.035),
}
"""Least and greatest value of each measure that a finger found by skin's tint on paper has. They are narrow,
for such a finger may be lit from one side, lie in its own shadow, or show its tip alone. Of 293 such regions
in photographs without a finger, whole and cut at random, none is within all of them."""
_OF_ONE_HAND = {
    "depth": (0.0, 2.0),
    "dim": (-1.2, 0.1),
    "rough": (0.0, 0.12),
    "ink": (0.0, 0.05),
    "oval": (0.0, 0.2),
    "on_paper": (0.05, 1.0),
    "area": (0.0, 0.035),
}
"""Least and greatest value of each measure that a finger has whose tint is that of a finger beyond doubt:
some fingers of a hand show their side alone."""
_SKIN = {
    "relative_warm": (0.14, 0.75),
    "relative_yellow": (-0.08, 0.36),
    "ink": (0.0, 0.15),
    "dim": (-1.4, 0.35),
    "bulge": (0.06, np.inf),
    "rough": (0.005, np.inf),
    "ragged": (0.0, 0.06),
}
"""Least and greatest value of each measure that a finger drawn by the network has, of those measures that
nothing outweighs: skin has a tint in paper's light, what it holds is no print, a printed field is flat, a
printed figure ragged, and a corner that shows desk is none."""
DRAWN = {
    "ink": (0.0, 0.03, 0.06, 0.00, 0.41),
    "rough": (0.012, 1.0, 0.03, 3.21, 0.00),
    "square": (0.5, 0.8, 0.1, 0.00, 1.39),
    "bulge": (0.16, 9.0, 0.06, 0.76, 0.12),
    "step": (0.05, 9.0, 0.03, 1.15, 0.00),
}
"""Range in which each measure of a region that the network draws counts: least and greatest value that it has
without doubt, a unit, and the log odds that each unit below and above takes, as
`models.training.finger_judge` has fitted them."""
UNITS = 3.0
"""Most units of one measure that count: what the others tell outweighs it."""
_BEGUN = -1.41
"""Log odds of a region that the network draws with a mean probability of one half and no doubts."""
_PROBABLE = 1.73
"""Weight of the log odds of a drawn region's mean probability."""
_DARKEST = -0.8
"""Logarithm of the light relative to paper below which wood has skin's tint, too."""
_DARK = 10.0
"""Log odds that each unit of the logarithm of light below `_DARKEST` takes."""
_SAME_WARM = 0.12
"""Largest difference between the fingers of one hand in the logarithm of red over green."""
_SAME_YELLOW = 0.06
"""Largest difference between the fingers of one hand in the logarithm of green over blue."""
_RANGES = {
    "depth": (0.0, 2.0),
    "step": (0.06, np.inf),
    "warm": (0.09, 0.65),
    "yellow": (0.09, 0.9),
    "rounded": (0.06, 1.5),
    "rough": (0.0, 0.2),
    "ink": (0.0, 0.2),
    "ragged": (0.0, 0.08),
    "bulge": (0.15, np.inf),
    "square": (0.0, 0.92),
    "on_paper": (0.5, 1.0),
}
"""Least and greatest value of each measure that fingers have. Of photographed hands over pages four fifths
are within all of them; of 683 regions in photographs without a finger, whole and cut at random, four are:
faces that the cut went through."""


@dataclass(frozen=True, slots=True)
class FingerEvidence:
    """Measures of a region.

    Attributes
    ----------
    depth
        Pixels from the border at which it begins.
    step, sharp
        Change of colour across its edge, in logarithms, that nine tenths of the edge exceed, and a quarter.
    warm, yellow
        Logarithms of red over green and green over blue, relative to paper or as seen: of the two, those
        nearer to skin.
    rounded
        Logarithm of the brightness of its middle over that of its sides.
    rough
        Change of brightness from pixel to pixel away from its edge, in logarithms: the 90th percentile.
    ink
        Share of its inside that is strokes darker or lighter than what is beside them.
    ragged
        Share of it that differs from its smoothed outline.
    bulge
        Reach of its outline inwards from the line between its ends at the border, as a share of that line.
    square
        Share of its smallest rectangle that it fills.
    on_paper
        Share of what surrounds it that is paper, lit or in shade.
    relative_warm, relative_yellow, dim, contrast
        Logarithms relative to paper: of red over green, of green over blue, and of its brightest channel;
        and how much it is the warmer and the darker of the two.
    oval
        Mean distance of its outline, the border aside, from the best ellipse, in deviations of that outline.
    area
        Share of the picture that it is.
    """

    depth: float
    step: float
    warm: float
    yellow: float
    rounded: float
    rough: float
    ink: float
    ragged: float
    bulge: float
    square: float
    on_paper: float
    sharp: float
    relative_warm: float
    relative_yellow: float
    dim: float
    contrast: float
    oval: float
    area: float

    @property
    def doubts(self) -> tuple[str, ...]:
        """Names of the measures that are not a finger's."""
        return self._outside(_RANGES)

    @property
    def tint_doubts(self) -> tuple[str, ...]:
        """Names of the measures that are not a finger's, of a region that was found by skin's tint."""
        return self._outside(_TINTED)

    def log_odds(self, probability: float) -> float:
        """Log odds that a region which the network draws with this mean probability is a finger."""
        if self._outside(_SKIN):
            return -np.inf
        odds = _BEGUN + _PROBABLE * float(np.log(probability / max(1 - probability, 1e-3)))
        for name, (least, most, unit, below, above) in DRAWN.items():
            value = getattr(self, name)
            odds -= below * min(UNITS, max(0.0, (least - value) / unit))
            odds -= above * min(UNITS, max(0.0, (value - most) / unit))
        return odds - _DARK * max(0.0, _DARKEST - self.dim)

    def doubts_beside(self, fingers: Iterable[FingerEvidence]) -> tuple[str, ...]:
        """Names of the measures that are not a finger's, of a region found by tint where `fingers` are."""
        one_hand = any(
            abs(self.relative_warm - finger.relative_warm) < _SAME_WARM
            and abs(self.relative_yellow - finger.relative_yellow) < _SAME_YELLOW
            for finger in fingers
        )
        return self._outside(_OF_ONE_HAND) if one_hand else self.tint_doubts

    def _outside(self, ranges: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
        return tuple(
            name for name, (least, most) in ranges.items() if not least <= getattr(self, name) <= most
        )


def measure(region: Mask, model: PaperModel, ratio: Floats) -> FingerEvidence:
    """Measure a region.

    Parameters
    ----------
    region
        bool ``(rows, cols)``.
    model
        Paper of a picture some 800 pixels long.
    ratio
        float32 ``(rows, cols, 3)``, the picture without print relative to paper.
    """
    left, top, width, height = cv2.boundingRect(region.astype(np.uint8))
    rows, cols = region.shape
    depth = float(min(left, top, cols - left - width, rows - top - height))
    box = np.s_[
        max(0, top - _AROUND) : top + height + _AROUND, max(0, left - _AROUND) : left + width + _AROUND
    ]
    border = np.zeros(region.shape, bool)
    border[:4] = True
    border[-4:] = True
    border[:, :4] = True
    border[:, -4:] = True
    part = region[box]
    near = ratio[box]
    seen = model.small[box]
    inside = _inside(part)
    light = np.log(np.maximum(seen.astype(np.float32).mean(axis=2), 4))
    calm = np.asarray(cv2.GaussianBlur(light, (0, 0), _CALM), np.float32)
    core = inside > min(_RIM, 0.5 * float(inside.max()))
    (warm, yellow), relative = _tints(near[core], seen[core].astype(np.float32))
    dim = float(np.log(np.median(max_channel(near)[core]) + 1e-3))
    rough, ink = _texture(calm, inside)
    step, sharp = _steps(part, near, border[box])
    return FingerEvidence(
        depth=depth,
        step=step,
        warm=warm,
        yellow=yellow,
        rounded=_rounded(calm, inside),
        rough=rough,
        ink=ink,
        ragged=_ragged(part, inside),
        bulge=_bulge(part, border[box], (cols / 2 - box[1].start, rows / 2 - box[0].start)),
        square=squareness(part),
        on_paper=_on_paper(part, near),
        sharp=sharp,
        relative_warm=relative[0],
        relative_yellow=relative[1],
        dim=dim,
        contrast=relative[0] - dim,
        oval=_oval(part, border[box]),
        area=float(region.mean()),
    )


def _inside(part: Mask) -> Floats:
    """Distance of each pixel from the region's edge in pixels, the picture's border aside."""
    padded = np.pad(part.astype(np.uint8), 100, mode="edge")
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[100:-100, 100:-100]
    return np.asarray(distance * part, np.float32)


def _steps(part: Mask, near: Floats, border: Mask) -> tuple[float, float]:
    contours = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    edge = cv2.drawContours(np.zeros(part.shape, np.uint8), contours, -1, 1, 1) > 0
    clear = edge & ~dilated(border, 5)
    if np.count_nonzero(clear) < _FEWEST:
        # Of a tip that hardly shows all of the edge is near the border.
        clear = edge & (cv2.erode(border.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0)
    levels = np.log(np.maximum(near, 0.02))
    window = np.ones((5, 5), np.uint8)
    change = max_channel(np.asarray(cv2.morphologyEx(levels, cv2.MORPH_GRADIENT, window), np.float32))
    least, most = np.percentile(change[clear], (10, 75)) if clear.any() else (0.0, 0.0)
    return float(least), float(most)


def _tints(near: Floats, seen: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """Tints of colours: relative to paper or as seen, whichever is nearer to skin, and relative to paper."""
    found = []
    for colours in (near, seen):
        blue, green, red = np.log(np.maximum(np.median(colours, axis=0), 0.02))
        found.append((float(red - green), float(green - blue)))
    return min(found, key=lambda tint: abs(tint[0] - 0.25) + abs(tint[1] - 0.2)), found[0]


def _rounded(light: Floats, inside: Floats) -> float:
    thickest = float(inside.max())
    sides = (inside > _RIM) & (inside < 0.3 * thickest)
    middle = inside > 0.7 * thickest
    if not sides.any():
        sides = (inside > 1) & (inside < 0.4 * thickest)
    if not sides.any():
        return 0.0
    return float(np.median(light[middle]) - np.median(light[sides]))


def _texture(light: Floats, inside: Floats) -> tuple[float, float]:
    core = inside > max(_RIM + 1.0, 0.3 * float(inside.max()))
    if np.count_nonzero(core) < 20:
        core = inside > 0.5 * float(inside.max())
    steep = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)) / 8
    window = np.ones((_STROKE, _STROKE), np.uint8)
    strokes = np.maximum(
        cv2.morphologyEx(light, cv2.MORPH_CLOSE, window) - light,
        light - cv2.morphologyEx(light, cv2.MORPH_OPEN, window),
    )
    return float(np.percentile(steep[core], 90)), float((strokes[core] > 0.08).mean())


def _ragged(part: Mask, inside: Floats) -> float:
    radius = int(min(0.5 * float(inside.max()), 9))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    padded = np.pad(part.astype(np.uint8), 3 * radius, mode="edge")
    smooth = cv2.morphologyEx(cv2.morphologyEx(padded, cv2.MORPH_OPEN, disc), cv2.MORPH_CLOSE, disc)
    return float((smooth != padded).sum() / padded.sum())


def _bulge(part: Mask, border: Mask, middle: tuple[float, float]) -> float:
    touching = np.argwhere(part & border)
    if not len(touching):
        return 0.0
    ends = cv2.convexHull(touching[:, ::-1].astype(np.float32))[:, 0]
    apart = np.linalg.norm(ends[:, None] - ends[None], axis=2)
    first, last = np.unravel_index(int(apart.argmax()), apart.shape)
    base = ends[last] - ends[first]
    length = max(float(np.linalg.norm(base)), 1.0)
    away = np.array([-base[1], base[0]]) / length
    # In a corner the triangle outside of the line does not count.
    inwards = np.copysign(1.0, (np.array(middle) - ends[first]) @ away)
    return float(((np.argwhere(part)[:, ::-1] - ends[first]) @ away * inwards).max() / length)


def _oval(part: Mask, border: Mask) -> float:
    contours = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    outline = np.asarray(max(contours, key=len), np.float32)[:, 0]
    outline = outline[~border[outline[:, 1].astype(int), outline[:, 0].astype(int)]]
    if len(outline) < _FEWEST:
        return 1.0
    points = (outline - outline.mean(axis=0)) / outline.std()
    (x, y), (width, height), degrees = cv2.fitEllipseAMS(points)
    turn = np.exp(-1j * np.deg2rad(degrees))
    turned = ((points[:, 0] - x) + 1j * (points[:, 1] - y)) * turn
    reach = np.hypot(2 * turned.real / max(width, 1e-6), 2 * turned.imag / max(height, 1e-6))
    return float(np.abs(reach - 1).mean() * min(width, height) / 2)


def _on_paper(part: Mask, near: Floats) -> float:
    ring = dilated(part, 15) & ~dilated(part, 5)
    high = max_channel(near)
    low = min_channel(near)
    paper = (high < 1.15) & (high > 0.35) & (high - low < 0.1 * high)
    return float(paper[ring].mean()) if ring.any() else 0.0
