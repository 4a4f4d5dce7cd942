"""Ridge patterns registered by region growing; the NumPy twin of ``_ridge_growth``."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

NOTHING = -2.0
"""Correlation of a place that is not searched, or of which too little is known."""
PATCH = 16
"""Pixels of the pattern on a side of the patch that is compared."""
TRIES = 3
"""Most predictions of one place that are tried."""
DONE = 255
"""Count of tries that marks a place from which others were grown."""

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.float64]
"""float64 of seven values: correlation, x, y, xx, xy, yx, yy."""


def grow_ridges(fixed: Floats, moved: Floats, seeds: Floats, step: int, agreed: float) -> Floats:
    """Register one ridge pattern on another by matching patches, growing from seeds, best first.

    A patch of 16 x 16 pixels around each place is searched where the matches next to it predict it,
    within one pixel, and within two of a seed. The search grows from places that correlate, and tries
    each place that does not up to three times.

    Parameters
    ----------
    fixed, moved
        float32 ``(rows, cols)``, C-contiguous, ridges positive, valleys negative, 0 for unknown.
    seeds
        float32 ``(n, 8)``: x, y in `fixed`; x, y in `moved`; the Jacobian of the latter by the former: xx,
        xy, yx, yy. Of seeds next to the same place the best counts.
    step
        Pixels between places, at least 1; the first is half a step from the border.
    agreed
        Correlation from which the search grows from a place.

    Returns
    -------
    ndarray
        float32 ``(rows // step, cols // step, 7)``: correlation, -2 without a match; x and y in
        `moved`; xx, xy, yx, yy.

    Raises
    ------
    ValueError
        Seeds of another shape, or a step below 1.
    """
    if seeds.shape[1] != 8:
        raise ValueError("a seed is two places and a matrix")
    if step < 1:
        raise ValueError("the step is at least 1")
    search = _Search(fixed, moved, step)
    for seed in seeds.astype(np.float64):
        search.seed_place(seed)
    while search.grow(agreed):
        pass
    return search.places.astype(np.float32)


class _Search:
    def __init__(self, fixed: Floats, moved: Floats, step: int) -> None:
        half = PATCH // 2
        self._fixed = np.pad(fixed.astype(np.float64), half)
        self._moved = moved.astype(np.float64)
        self._step = step
        rows = fixed.shape[0] // step
        cols = fixed.shape[1] // step
        self.places = np.zeros((rows, cols, 7))
        self.places[..., 0] = NOTHING
        self._tries = np.zeros((rows, cols), np.uint8)

    def seed_place(self, seed: Places) -> None:
        """Match the place next to a seed."""
        row = int(seed[1] // self._step)
        col = int(seed[0] // self._step)
        if not (0 <= row < self.places.shape[0] and 0 <= col < self.places.shape[1]):
            return
        offset = np.array([col, row]) * self._step + self._step // 2 - seed[:2]
        matrix = seed[4:].reshape(2, 2)
        self._keep(row, col, seed[2:4] + matrix @ offset, matrix, 2)

    def grow(self, agreed: float) -> bool:
        """Grow from the best place not yet grown from; False if there is none."""
        open_ones = np.where(self._tries < DONE, self.places[..., 0], NOTHING)
        if not open_ones.size or open_ones.max() < agreed:
            return False
        # Of equal ones the last, as the compiled loop takes it.
        row, col = np.argwhere(open_ones == open_ones.max())[-1]
        self._tries[row, col] = DONE
        for i, j in self._around(row, col, 1):
            if self._tries[i, j] < TRIES and self.places[i, j, 0] < agreed:
                self._tries[i, j] += 1
                self._keep(i, j, *self._expected(i, j, self.places[row, col, 3:].reshape(2, 2)), 1)
        return True

    def _around(self, row: int, col: int, reach: int) -> Iterator[tuple[int, int]]:
        rows, cols = self._tries.shape
        for i in range(max(row - reach, 0), min(row + reach + 1, rows)):
            for j in range(max(col - reach, 0), min(col + reach + 1, cols)):
                yield i, j

    def _expected(self, row: int, col: int, held: Places) -> tuple[Places, Places]:
        """Predict a place by a plane through its matched neighbours, regularised to the matrix `held`."""
        found = [(i, j) for i, j in self._around(row, col, 2) if self._tries[i, j] == DONE]
        grid = np.array([(j - col, i - row) for i, j in found], np.float64)
        places = np.array([self.places[i, j] for i, j in found])
        weight = places[:, 0] / (np.square(grid).sum(1) + 1)
        offset = grid * self._step
        rest = places[:, 1:3] - offset @ held.T
        middle = weight @ offset / weight.sum()
        mean = weight @ rest / weight.sum()
        centred = offset - middle
        spread = (centred * weight[:, None]).T @ centred + 2.0 * self._step**2 * np.eye(2)
        change = np.linalg.solve(spread, (centred * weight[:, None]).T @ (rest - mean)).T
        return mean - change @ middle, held + change

    def _keep(self, row: int, col: int, place: Places, matrix: Places, reach: int) -> None:
        """Match a patch within `reach` of its prediction, to a part of a pixel; keep the best match yet."""
        top = row * self._step + self._step // 2
        left = col * self._step + self._step // 2
        here = self._fixed[top : top + PATCH, left : left + PATCH]
        steps = np.arange(PATCH + 2 * reach) - PATCH // 2 - reach
        x, y = np.meshgrid(steps, steps)
        there = self._sampled(
            place[0] + matrix[0, 0] * x + matrix[0, 1] * y, place[1] + matrix[1, 0] * x + matrix[1, 1] * y
        )
        values = _correlation(here, np.lib.stride_tricks.sliding_window_view(there, (PATCH, PATCH)))
        i, j = np.unravel_index(values.argmax(), values.shape)
        if values[i, j] == NOTHING:
            return
        right, more = _parabola_peak(values[i], int(j))
        down, most = _parabola_peak(values[:, j], int(i))
        correlation = min(values[i, j] + more + most, 1.0)
        if correlation > self.places[row, col, 0]:
            shift = matrix @ np.array([j - reach + right, i - reach + down])
            self.places[row, col] = [correlation, *(place + shift), *matrix.ravel()]

    def _sampled(self, x: Places, y: Places) -> Places:
        """Interpolate between four pixels; 0 where one of them is outside or unknown."""
        rows, cols = self._moved.shape
        left = np.floor(x).astype(np.intp)
        top = np.floor(y).astype(np.intp)
        within = (top >= 0) & (left >= 0) & (top + 1 < rows) & (left + 1 < cols)
        top = np.where(within, top, 0)
        left = np.where(within, left, 0)
        a, b, c, d = (
            self._moved[np.minimum(top + i, rows - 1), np.minimum(left + j, cols - 1)]
            for i, j in ((0, 0), (0, 1), (1, 0), (1, 1))
        )
        u = x - np.floor(x)
        v = y - np.floor(y)
        value = (a * (1 - u) + b * u) * (1 - v) + (c * (1 - u) + d * u) * v
        return np.where(within & (a != 0) & (b != 0) & (c != 0) & (d != 0), value, 0)


def _correlation(here: Places, there: Places) -> Places:
    """Correlation of a patch with each of several over the pixels known in both."""
    full = here != 0
    known = there != 0
    both = (here * there).sum((2, 3))
    one = (np.square(here) * known).sum((2, 3))
    other = (np.square(there) * full).sum((2, 3))
    enough = 2 * (full & known).sum((2, 3)) >= PATCH * PATCH
    return np.where(enough, both / np.sqrt(one * other + 1e-6), NOTHING)


def _parabola_peak(values: Places, at: int) -> tuple[float, float]:
    """Offset and height of the peak of the parabola through a value and its neighbours."""
    if not 0 < at < len(values) - 1 or min(values[at - 1], values[at + 1]) < -1.5:
        return 0.0, 0.0
    bend = values[at - 1] - 2 * values[at] + values[at + 1]
    if bend >= -1e-6:
        return 0.0, 0.0
    shift = float(np.clip(0.5 * (values[at - 1] - values[at + 1]) / bend, -0.5, 0.5))
    return shift, float(-0.5 * bend * shift * shift)
