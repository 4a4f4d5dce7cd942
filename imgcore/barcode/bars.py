"""Geometry of a field of bars: rotation, shear and extent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, sin

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.locator import Candidate
from imgcore.kernels import detail_moments, gradient_moments, sample_columns
from imgcore.types import Image, Points

Floats = npt.NDArray[np.float32]
Coordinates = npt.NDArray[np.float64]
Line = tuple[float, float]
"""Constant and slope, both in pixels."""

_TURNS = 3
"""Most times that the angle of a field is corrected."""
_INNER = 0.7
"""Share of the bars' height in which slopes are measured: print above and below has slopes of its own."""
_MOST = (640, 32)
"""Most columns and rows that are sampled."""
_STEEPEST = 0.4
"""Largest slope of the bars by which the angle is corrected at once."""
_PARTS = 4
"""Number of parts of the length whose ends along the bars are found each by itself."""
_ENOUGH = 320
"""Number of columns that are enough to find the ends of the bars by."""
_ALIKE = 0.5
"""Least likeness, 0 to 1, of a column all along the bars, and of a row to the middle ones, within a field."""
_BEYOND = 0.6
"""Share of a field's length that is searched beyond each of its ends."""
_WINDOWS = 10
"""Number of windows in a field's length over which columns are averaged where its ends are searched."""
_FAINT = 0.15
"""Least grey change beyond a field's ends, as a share of that within, where bars go on."""
_EXPLAINED = 0.3
"""Least part of grey variance that is constant along the bars, over their whole height once they are
straightened."""
_HOPELESS = 0.15
"""Least part of grey variance that is constant along the bars, near their middles before they are
straightened."""
_MIDDLE = 0.25
"""Part of the height that is measured first."""
_FEW = 8
"""Fewest sides of bars in the part that is measured first."""
_STRAIGHT = 2e-3
"""Slope of the bars below which the angle of a field is right."""
_SLOW = 8
"""Number of windows in a field's length: what changes more slowly than in one is light, a shadow or glare."""


@dataclass(frozen=True, slots=True, eq=False)
class BarField:
    """Field of bars found in a picture.

    Their own frame has its origin at (x, y) in the picture, `u` along the code and `v` along the
    bars, both in pixels.

    Attributes
    ----------
    angle
        From the picture's x axis to that of `u`, radians, clockwise as displayed.
    start, end
        `u` of the first bar's and the last bar's outer sides, about.
    top, bottom
        `v` of the bars' ends, as lines over `u`.
    shear
        `u` gained along a bar for each pixel of `v`, as a parabola over `u`.
    bend
        Growth of the shear from pixel to pixel of `v`.
    explained
        0..1, the part of grey variance that is the same all along the bars.
    transitions
        Number of transitions between dark and light across the code.
    """

    x: float
    y: float
    angle: float
    start: float
    end: float
    top: Line
    bottom: Line
    shear: tuple[float, float, float] = (0.0, 0.0, 0.0)
    bend: float = 0.0
    explained: float = 0.0
    transitions: int = 0

    @property
    def length(self) -> float:
        """Pixels across the bars."""
        return self.end - self.start

    @property
    def middle(self) -> float:
        """`u` half way."""
        return (self.end + self.start) / 2

    @property
    def height(self) -> float:
        """Pixels along the bars, half way."""
        return self.bottom[0] - self.top[0] + (self.bottom[1] - self.top[1]) * self.middle

    @property
    def keystone(self) -> float:
        """Height at the end over height at the start; not 1 if one end is nearer to the camera."""
        at_start, at_end = (
            max(self.bottom[0] - self.top[0] + (self.bottom[1] - self.top[1]) * u, 1.0)
            for u in (self.start, self.end)
        )
        return at_end / at_start

    @property
    def corners(self) -> Points:
        """float32 ``(4, 2)``, clockwise from the least `u` and `v`, in pixels of the picture."""
        return self.between(self.start, self.end)

    def between(self, start: float, end: float) -> Points:
        """The corners of the part from `start` to `end`, two values of `u`."""
        powers = np.array([start, end]) ** np.arange(4)[:, None]
        middle, step, bend = (self.parabolas @ powers).reshape(3, 2, 2)
        upper = (middle - step + bend).T
        lower = (middle + step + bend).T
        return np.concatenate([upper, lower[::-1]]).astype(np.float32)

    def along(self, points: Points) -> Coordinates:
        """`u` of the bars that run through points of the picture, float64 ``(n,)``."""
        co = cos(self.angle)
        si = sin(self.angle)
        x = points[:, 0] - np.float64(self.x)
        y = points[:, 1] - np.float64(self.y)
        u = x * co + y * si
        v = y * co - x * si
        middle = (self.bottom[0] + self.top[0] + (self.bottom[1] + self.top[1]) * u) / 2
        shear = self.shear[0] + u * (self.shear[1] + u * self.shear[2])
        return np.asarray(u - shear * (v - middle), np.float64)

    @property
    def parabolas(self) -> Coordinates:
        """Positions in the picture of the bars, as parabolas whose coefficients are polynomials of `u`.

        Returns
        -------
        ndarray
            float64 ``(6, 4)``, coefficients of the powers of `u`: of x and y of the bars' middles, of the
            coefficients of `t`, and of those of `t` squared, `t` being -1 at the upper ends and 1 at the
            lower ones.
        """
        co = cos(self.angle)
        si = sin(self.angle)
        h, rise = ((low - high) / 2 for low, high in zip(self.bottom, self.top, strict=True))
        v, fall = ((low + high) / 2 for low, high in zip(self.bottom, self.top, strict=True))
        s, slope, curve = self.shear
        sheared = s * h, s * rise + slope * h, slope * rise + curve * h, curve * rise
        bent = self.bend / 2 * h * h, self.bend * h * rise, self.bend / 2 * rise * rise, 0.0
        half = h, rise, 0.0, 0.0
        return np.array(
            [
                (self.x - v * si, co - fall * si, 0.0, 0.0),
                (self.y + v * co, si + fall * co, 0.0, 0.0),
                [a * co - b * si for a, b in zip(sheared, half, strict=True)],
                [a * si + b * co for a, b in zip(sheared, half, strict=True)],
                [a * co for a in bent],
                [a * si for a in bent],
            ]
        )


def rectify(grey: Image, bars: BarField, u: Coordinates, rows: int, inner: float) -> Image:
    """Rectify a code, uint8 ``(rows, len(u))``.

    Parameters
    ----------
    u
        Positions of the columns.
    inner
        Part of the bars' height that the rows cover, around their middles.
    """
    t = (((np.arange(rows, dtype=np.float32) + 0.5) / rows * 2 - 1) * np.float32(inner)).astype(np.float32)
    return sample_columns(grey, bars.parabolas, u, t)


def find_bars(grey: Image, candidate: Candidate) -> BarField | None:
    """Measure the bars of a candidate; None if there are none."""
    half = candidate.height / 2
    side = candidate.length / 2
    bars = BarField(candidate.x, candidate.y, candidate.angle, -side, side, (-half, 0.0), (half, 0.0))
    middle = _measured(grey, bars, _MIDDLE)
    if middle.explained < _HOPELESS or middle.transitions < _FEW:
        return None
    for _ in range(_TURNS):
        slope = float(np.clip(_slopes(grey, bars, 0)[0], -_STEEPEST, _STEEPEST))
        bars = replace(bars, angle=bars.angle - float(np.arctan(slope)))
        if abs(slope) < _STRAIGHT:
            break
    extended = _extended(grey, _sheared(grey, bars))
    return _measured(grey, _sheared(grey, _bounded(grey, extended))) if extended is not None else None


def _sizes(bars: BarField) -> tuple[npt.NDArray[np.float64], int]:
    columns = int(min(max(bars.length, 24), _MOST[0]))
    step = bars.length / (columns - 1)
    return np.asarray(bars.start + step * np.arange(columns), np.float64), int(
        min(max(bars.height, 8), _MOST[1])
    )


def _slopes(grey: Image, bars: BarField, degree: int) -> npt.NDArray[np.float64]:
    """Estimate the shear of the bars, by least squares of the gradient along them.

    Returns
    -------
    ndarray
        A polynomial of `degree` over -1..1 along the code, then the bend over -1..1 along the bars.
    """
    u, rows = _sizes(bars)
    moments = gradient_moments(rectify(grey, bars, u, rows, _INNER))
    # From a sample along and across to a pixel.
    across = u[1] - u[0]
    down = _INNER * bars.height / rows
    even, slanted, curved = (moments[:3] / across**2).tolist()
    mixed, turned = (moments[3:] / (across * down)).tolist()
    count = degree + 1
    normal = [[*even[power : power + count], slanted[power]] for power in range(count)]
    normal.append([*slanted[:count], curved[0]])
    # Without evidence bars are straight and parallel.
    for power in range(count + 1):
        normal[power][power] += 1e-6 + (0.02 * even[0] if power else 0)
    right = [-one for one in (*mixed[:count], turned[0])]
    return np.asarray(np.linalg.solve(normal, right), np.float64)


def _sheared(grey: Image, bars: BarField) -> BarField:
    constant, slope, curve, bend = _slopes(grey, bars, 2)
    # From -1..1 about the middle to pixels from the origin.
    half = bars.length / 2
    middle = bars.middle
    slope = slope / half
    curve = curve / half**2
    shear = (
        bars.shear[0] + float(constant - slope * middle + curve * middle**2),
        bars.shear[1] + float(slope - 2 * curve * middle),
        bars.shear[2] + float(curve),
    )
    return replace(bars, shear=shear, bend=bars.bend + float(bend) / (_INNER * bars.height / 2))


def _measured(grey: Image, bars: BarField, inner: float = 0.8) -> BarField:
    u, rows = _sizes(bars)
    rows = max(round(rows * inner / 0.8), 6)
    mean, squares = _detail(rectify(grey, bars, u, rows, inner))
    total = float(squares.mean())
    shared = float(mean @ mean) / len(mean)
    explained = (shared - (total - shared) / rows) / (total + 1)
    return replace(bars, explained=explained, transitions=_transitions(mean))


def _detail(seen: Image) -> Floats:
    """Mean and mean square of each column, less what changes slowly along the code: light, shadows, glare."""
    return detail_moments(seen, (seen.shape[1] // _SLOW) | 1)


def _transitions(profile: Floats) -> int:
    """Count transitions between dark and light, at the places that are clearly either."""
    width = (len(profile) // _SLOW) | 1
    squares = cv2.blur(profile[None] ** 2, (width, 1))[0]
    clear = np.abs(profile) > 0.4 * np.sqrt(squares + 0.02 * squares.mean() + 0.5)
    side = np.sign(profile[clear])
    return int(np.count_nonzero(side[1:] != side[:-1]))


def _extended(grey: Image, bars: BarField) -> BarField | None:
    """Extend the field to where columns cease to be alike all along: the far end of a tilted code is fine.

    Return None if they are not alike within the field.
    """
    u, rows = _sizes(bars)
    step = u[1] - u[0]
    more = round(_BEYOND * len(u))
    wide = bars.start + step * np.arange(-more, len(u) + more)
    mean, squares = _detail(rectify(grey, bars, wide, rows, 0.8))
    within = slice(more, -more)
    inner = float(mean[within] @ mean[within]) / len(u)
    if inner < _EXPLAINED * float(squares[within].mean()):
        return None
    window = (max(len(u) // _WINDOWS, 8), 1)
    shared = cv2.blur((mean * mean)[None], window)[0]
    total = cv2.blur(squares[None], window)[0]
    ends = (shared < _ALIKE * total) | (shared < _FAINT * shared[within].mean())
    left = np.flatnonzero(ends[:more][::-1])
    right = np.flatnonzero(ends[-more:])
    before, after = (int(away[0]) if len(away) else more for away in (left, right))
    return replace(bars, start=bars.start - before * step, end=bars.end + after * step)


def _bounded(grey: Image, bars: BarField) -> BarField:
    """Bound the bars where rows cease to look like those in the middle, part by part along the code."""
    reach = max(1.2 * bars.height, 16.0)
    middle = (bars.top[0] + bars.bottom[0]) / 2
    u, _ = _sizes(bars)
    # Bars that are straight look alike at some columns as at all.
    u = u[:: -(-len(u) // _ENOUGH)]
    u = u[: len(u) // _PARTS * _PARTS]
    rows = int(min(max(2 * reach, 24), 96))
    seen = rectify(grey, replace(bars, top=(middle - reach, 0.0), bottom=(middle + reach, 0.0)), u, rows, 1.0)
    detail = seen - cv2.boxFilter(seen, cv2.CV_32F, ((len(u) // _SLOW) | 1, 1))
    near = max(1, round(rows * bars.height / reach / 8))
    ends, weight = _ends(detail.reshape(rows, _PARTS, -1), near)
    scale = 2 * reach / rows
    top, bottom = _fitted(u.reshape(_PARTS, -1).mean(axis=1), ends * scale + (middle - reach), weight, scale)
    fitted = replace(bars, top=top, bottom=bottom)
    return fitted if fitted.height >= 6 and min(fitted.keystone, 1 / fitted.keystone) > 0.2 else bars


def _ends(seen: Floats, near: int) -> tuple[Coordinates, Coordinates]:
    """Find the rows of each part that are like its middle ones.

    Parameters
    ----------
    seen
        float32 ``(rows, parts, n)``.
    near
        Rows on each side of the middle that are the model.

    Returns
    -------
    tuple of ndarray
        float64 ``(2, parts)``, first row and first after the last; ``(parts,)``, strength of the models.
    """
    middle = len(seen) // 2
    model = seen[middle - near : middle + near].mean(axis=0)
    pattern = model - model.mean(axis=1, keepdims=True)
    rows = seen - seen.mean(axis=2, keepdims=True)
    said = np.einsum("pn,pn->p", pattern, pattern) + 1
    product = np.einsum("rpn,pn->rp", rows, pattern)
    power = np.einsum("rpn,rpn->rp", rows, rows)
    alike = np.minimum(product / said, product / np.sqrt(power * said + 1) * 1.2) > _ALIKE
    unlike = np.pad(~alike, ((1, 1), (0, 0)), constant_values=True)
    before = np.argmax(unlike[middle::-1], axis=0)
    after = np.argmax(unlike[middle + 1 :], axis=0)
    return np.stack([middle - before, middle + after]).astype(np.float64), np.sqrt(said)


def _fitted(u: Coordinates, ends: Coordinates, weight: Coordinates, scale: float) -> list[Line]:
    """Fit lines to the upper and lower ends of the parts.

    Without the first or last part, or both, if their ends alone are off the lines of the others: there a
    label's frame is taller than the bars, or the label ends. Level where no line fits.
    """
    lines = [_line(u, end, weight) for end in ends]
    off = [away > 4 * scale + 2 for _, away in lines]
    if any(off):
        for part in (0, -1):
            kept = np.array(weight)
            kept[part] = 0
            others = [_line(u, end, kept) for end in ends]
            if max(away for _, away in others) < scale:
                return [line for line, _ in others]
        inner = ends[:, 1:-1]
        level = inner.mean(axis=1)
        both = np.abs(ends[:, [0, -1]] - level[:, None]).min(axis=1) > 4 * scale
        # Two parts are too near each other to tell a slope.
        if both.any() and np.ptp(inner, axis=1).max() < 2 * scale:
            return [(float(end), 0.0) for end in level]
    return [
        (float(np.median(end)), 0.0) if bad else line
        for end, (line, _), bad in zip(ends, lines, off, strict=True)
    ]


def _line(u: Coordinates, v: Coordinates, weight: Coordinates) -> tuple[Line, float]:
    """Weighted line, and the largest distance from it where the weight is not 0."""
    share = weight * weight / (weight @ weight)
    middle = float(share @ u)
    level = float(share @ v)
    slope = float(share @ ((u - middle) * (v - level))) / float(share @ (u - middle) ** 2)
    constant = level - slope * middle
    return (constant, slope), float(np.abs(constant + slope * u - v)[weight > 0].max())
