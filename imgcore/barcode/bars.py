"""Geometry of a field of bars: rotation, shear and extent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.locator import Candidate
from imgcore.types import Image, Points

Floats = npt.NDArray[np.float32]
Coordinates = npt.NDArray[np.float64]
Line = tuple[float, float]
"""Constant and slope, both in pixels."""

_TURNS = 3
_INNER = 0.7
"""Share of the bars' height in which slopes are measured: print above and below has slopes of its own."""
_MOST = (640, 32)
"""Most columns and rows that are sampled."""
_STEEPEST = 0.4
_PARTS = 4
_ALIKE = 0.5
_BEYOND, _WINDOWS, _FAINT = 0.6, 10, 0.15
"""Share of the length searched beyond the ends; windows in the length; least grey change there."""
_EXPLAINED, _HOPELESS = 0.3, 0.15
"""Least part of grey variance that is constant along the bars, over their whole height once they are
straightened, and near their middles before."""
_MIDDLE, _FEW = 0.25, 8
"""Part of the height that is measured first, and the fewest sides of bars there."""
_STRAIGHT = 2e-3
_SLOW = 8


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
        (x, y), (step_x, step_y), (bend_x, bend_y) = self.columns(np.array([start, end]))
        upper = np.stack([x - step_x + bend_x, y - step_y + bend_y], 1)
        lower = np.stack([x + step_x + bend_x, y + step_y + bend_y], 1)
        return np.concatenate([upper, lower[::-1]]).astype(np.float32)

    def along(self, points: Points) -> Coordinates:
        """`u` of the bars that run through points of the picture, float64 ``(n,)``."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        x, y = points[:, 0] - np.float64(self.x), points[:, 1] - np.float64(self.y)
        u, v = x * cos + y * sin, y * cos - x * sin
        middle = (self.bottom[0] + self.top[0] + (self.bottom[1] + self.top[1]) * u) / 2
        shear = self.shear[0] + u * (self.shear[1] + u * self.shear[2])
        return np.asarray(u - shear * (v - middle), np.float64)

    def columns(self, u: Coordinates) -> tuple[tuple[Coordinates, Coordinates], ...]:
        """Positions in the picture of the bars at `u`, as parabolas.

        Three pairs of x and y: the middles, and the coefficients of `t` and of `t` squared, `t` being
        -1 at the upper ends and 1 at the lower ones.
        """
        half = (self.bottom[0] - self.top[0] + (self.bottom[1] - self.top[1]) * u) / 2
        v = (self.bottom[0] + self.top[0] + (self.bottom[1] + self.top[1]) * u) / 2
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        shear = (self.shear[0] + u * (self.shear[1] + u * self.shear[2])) * half
        bend = self.bend / 2 * half**2
        return (
            (self.x + u * cos - v * sin, self.y + u * sin + v * cos),
            (shear * cos - half * sin, shear * sin + half * cos),
            (bend * cos, bend * sin),
        )


def rectify(grey: Image, bars: BarField, u: Coordinates, rows: int, inner: float) -> Floats:
    """Rectify a code, float32 ``(rows, len(u))``.

    Parameters
    ----------
    u
        Positions of the columns.
    inner
        Part of the bars' height that the rows cover, around their middles.
    """
    t = (((np.arange(rows, dtype=np.float32) + 0.5) / rows * 2 - 1) * np.float32(inner))[:, None]
    middle_ink, steps, bends = (np.asarray(part, np.float32) for part in bars.columns(u))
    # Not as a product of matrices: BLAS would wait for a second core, which others use.
    at_x, at_y = (middle_ink[i] + t * (steps[i] + t * bends[i]) for i in (0, 1))
    seen = cv2.remap(grey, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def find_bars(grey: Image, candidate: Candidate) -> BarField | None:
    """Measure the bars of a candidate; None if there are none."""
    half, side = candidate.height / 2, candidate.length / 2
    bars = BarField(candidate.x, candidate.y, candidate.angle, -side, side, (-half, 0.0), (half, 0.0))
    middle = _measured(grey, bars, _MIDDLE)
    if middle.explained < _HOPELESS or middle.transitions < _FEW:
        return None
    for _ in range(_TURNS):
        slope = float(np.clip(_slopes(grey, bars, 0)[0], -_STEEPEST, _STEEPEST))
        bars = replace(bars, angle=bars.angle - float(np.arctan(slope)))
        if abs(slope) < _STRAIGHT:
            break
    bars = _sheared(grey, bars)
    if _measured(grey, bars).explained < _EXPLAINED:
        return None
    return _measured(grey, _sheared(grey, _bounded(grey, _extended(grey, bars))))


def _sizes(bars: BarField) -> tuple[npt.NDArray[np.float64], int]:
    columns = int(np.clip(bars.length, 24, _MOST[0]))
    return np.linspace(bars.start, bars.end, columns), int(np.clip(bars.height, 8, _MOST[1]))


def _slopes(grey: Image, bars: BarField, degree: int) -> npt.NDArray[np.float64]:
    """Estimate the shear of the bars, by least squares of the gradient along them.

    Returns
    -------
    ndarray
        A polynomial of `degree` over -1..1 along the code, then the bend over -1..1 along the bars.
    """
    u, rows = _sizes(bars)
    seen = cv2.GaussianBlur(rectify(grey, bars, u, rows, _INNER), (3, 3), 0)
    one, other = seen[1:, 1:] - seen[:-1, :-1], seen[:-1, 1:] - seen[1:, :-1]
    across = (one + other) / np.float32(u[1] - u[0])
    along = (one - other) / np.float32(_INNER * bars.height / rows)
    v = np.linspace(-1, 1, rows - 1, dtype=np.float32)
    by_v = np.stack([np.ones_like(v), v, v * v])
    squares = (by_v @ (across * across)).astype(np.float64)
    mixed = (by_v[:2] @ (across * along)).astype(np.float64)
    basis = np.linspace(-1, 1, len(u) - 1) ** np.arange(degree + 1)[:, None]
    normal, right = np.empty((degree + 2, degree + 2)), np.empty(degree + 2)
    normal[:-1, :-1] = (basis * squares[0]) @ basis.T
    normal[-1, :-1] = normal[:-1, -1] = basis @ squares[1]
    normal[-1, -1] = squares[2].sum()
    right[:-1], right[-1] = -basis @ mixed[0], -mixed[1].sum()
    normal += np.diag([1e-6] + [0.02 * normal[0, 0] + 1e-6] * (degree + 1))
    return np.asarray(np.linalg.solve(normal, right), np.float64)


def _sheared(grey: Image, bars: BarField) -> BarField:
    constant, slope, curve, bend = _slopes(grey, bars, 2)
    # From -1..1 about the middle to pixels from the origin.
    half, middle = bars.length / 2, bars.middle
    slope, curve = slope / half, curve / half**2
    shear = (
        bars.shear[0] + float(constant - slope * middle + curve * middle**2),
        bars.shear[1] + float(slope - 2 * curve * middle),
        bars.shear[2] + float(curve),
    )
    return replace(bars, shear=shear, bend=bars.bend + float(bend) / (_INNER * bars.height / 2))


def _measured(grey: Image, bars: BarField, inner: float = 0.8) -> BarField:
    u, rows = _sizes(bars)
    rows = max(round(rows * inner / 0.8), 6)
    seen = _without_background(rectify(grey, bars, u, rows, inner))
    mean = seen.mean(axis=0)
    total, shared = float(np.mean(seen * seen)), float(np.mean(mean * mean))
    explained = (shared - (total - shared) / rows) / (total + 1)
    return replace(bars, explained=explained, transitions=_transitions(mean))


def _without_background(seen: Floats) -> Floats:
    """Subtract what changes slowly along the code: light, shadows, glare."""
    width = (seen.shape[1] // _SLOW) | 1
    return seen - cv2.blur(seen, (width, 1))


def _transitions(profile: Floats) -> int:
    """Count transitions between dark and light, at the places that are clearly either."""
    width = (len(profile) // _SLOW) | 1
    squares = cv2.blur(profile[None] ** 2, (width, 1))[0]
    clear = np.abs(profile) > 0.4 * np.sqrt(squares + 0.02 * squares.mean() + 0.5)
    side = np.sign(profile[clear])
    return int(np.count_nonzero(side[1:] != side[:-1]))


def _extended(grey: Image, bars: BarField) -> BarField:
    """Extend the field to where columns cease to be alike all along: the far end of a tilted code is fine."""
    u, rows = _sizes(bars)
    step = u[1] - u[0]
    more = round(_BEYOND * len(u))
    wide = bars.start + step * np.arange(-more, len(u) + more)
    seen = _without_background(rectify(grey, bars, wide, rows, 0.8))
    window = (max(len(u) // _WINDOWS, 8), 1)
    shared = cv2.blur(seen.mean(axis=0, keepdims=True) ** 2, window)[0]
    total = cv2.blur(np.mean(seen * seen, axis=0, keepdims=True), window)[0]
    ends = (shared < _ALIKE * total) | (shared < _FAINT * shared[more:-more].mean())
    left, right = np.flatnonzero(ends[:more][::-1]), np.flatnonzero(ends[-more:])
    before, after = (int(away[0]) if len(away) else more for away in (left, right))
    return replace(bars, start=bars.start - before * step, end=bars.end + after * step)


def _bounded(grey: Image, bars: BarField) -> BarField:
    """Bound the bars where rows cease to look like those in the middle, part by part along the code."""
    reach = max(1.2 * bars.height, 16.0)
    middle = (bars.top[0] + bars.bottom[0]) / 2
    u, _ = _sizes(bars)
    rows = int(np.clip(2 * reach, 24, 96))
    seen = rectify(grey, replace(bars, top=(middle - reach, 0.0), bottom=(middle + reach, 0.0)), u, rows, 1.0)
    seen = _without_background(seen)
    near = max(1, round(rows * bars.height / reach / 8))
    model = seen[rows // 2 - near : rows // 2 + near].mean(axis=0)
    ends = [
        (place, *_ends(part, pattern))
        for place, part, pattern in zip(
            np.array_split(u, _PARTS),
            np.array_split(seen, _PARTS, axis=1),
            np.array_split(model, _PARTS),
            strict=True,
        )
    ]
    at = np.array([place.mean() for place, *_ in ends])
    weight = np.array([weight for *_, weight in ends])
    scale = 2 * reach / rows
    top, bottom = (
        _fitted(at, np.array([end[i] for end in ends]) * scale + middle - reach, weight, scale)
        for i in (1, 2)
    )
    fitted = replace(bars, top=top, bottom=bottom)
    return fitted if fitted.height >= 6 and min(fitted.keystone, 1 / fitted.keystone) > 0.2 else bars


def _ends(seen: Floats, model: Floats) -> tuple[float, float, float]:
    """First row like the model, first after it that is not, and the strength of the model."""
    pattern, rows = model - model.mean(), seen - seen.mean(axis=1, keepdims=True)
    said = float(pattern @ pattern) + 1
    product = rows @ pattern
    alike = (
        np.minimum(product / said, product / np.sqrt(np.einsum("ij,ij->i", rows, rows) * said + 1) * 1.2)
        > _ALIKE
    )
    middle = len(seen) // 2
    below = np.flatnonzero(~alike[middle:])
    above = np.flatnonzero(~alike[:middle])
    first = float(above[-1] + 1) if len(above) else 0.0
    return first, float(middle + below[0]) if len(below) else float(len(seen)), float(np.sqrt(said))


def _fitted(
    u: npt.NDArray[np.float64], v: npt.NDArray[np.float64], weight: npt.NDArray[np.float64], scale: float
) -> Line:
    slope, constant = np.polyfit(u, v, 1, w=weight)
    if np.abs(constant + slope * u - v).max() > 4 * scale + 2:
        return float(np.median(v)), 0.0
    return float(constant), float(slope)
