"""Enhancement of ridges by oriented Gabor filters; the phase of their complex response counts ridges."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from imgcore.fingerprint.fields import CELL, PERIODS, Fields, Map
from imgcore.kernels import filter_ridges

DIRECTIONS = 32
"""Number of directions of the filters, evenly over half a turn."""
LENGTHS = 12
"""Number of ridge periods of the filters, geometrically from one end of `PERIODS` to the other."""
RADIUS = 10
"""Pixels of 500 dpi from the middle of a filter to its sides."""


ACROSS = 0.42
"""Sigma of a filter's envelope across the ridges, in ridge periods."""
ALONG = 0.55
"""Sigma of a filter's envelope along the ridges, in ridge periods."""


@cache
def gabor_bank() -> npt.NDArray[np.float32]:
    """Build even and odd filters, float32 ``(DIRECTIONS * LENGTHS, 2, side, side)``, direction first."""
    y, x = np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1].astype(np.float64)
    bank = []
    for normal in np.arange(DIRECTIONS) * np.pi / DIRECTIONS - np.pi / 2:
        u = x * np.cos(normal) + y * np.sin(normal)
        v = y * np.cos(normal) - x * np.sin(normal)
        for period in np.geomspace(*PERIODS, LENGTHS):
            envelope = np.exp(-0.5 * (np.square(u / (ACROSS * period)) + np.square(v / (ALONG * period))))
            even = envelope * np.cos(2 * np.pi * u / period)
            even -= envelope * even.sum() / envelope.sum()
            # Correlation, not convolution: with this sign the phase grows along the normal.
            odd = -envelope * np.sin(2 * np.pi * u / period)
            # A wave of amplitude 1 gives a response of 1.
            gain = (even * np.cos(2 * np.pi * u / period)).sum()
            bank.append(np.stack([even, odd]) / gain)
    return np.ascontiguousarray(bank, np.float32)


def quantised(normal: Map) -> npt.NDArray[np.int32]:
    """Number of the nearest direction of the filters."""
    turns = np.rint((normal / np.pi + 0.5) * DIRECTIONS).astype(np.int32)
    return np.asarray(turns % DIRECTIONS, np.int32)


def filter_numbers(fields: Fields) -> npt.NDArray[np.int16]:
    """Number of each cell's filter, -1 outside."""
    direction = quantised(fields.normal)
    steps = np.log(fields.period / PERIODS[0]) / np.log(PERIODS[1] / PERIODS[0]) * (LENGTHS - 1)
    length = np.clip(np.rint(steps), 0, LENGTHS - 1).astype(np.int32)
    return np.where(fields.inside, direction * LENGTHS + length, -1).astype(np.int16)


def filter_response(level: Map, fields: Fields) -> npt.NDArray[np.complex64]:
    """Compute the complex response of each pixel of the cells; 0 outside."""
    high, wide = fields.inside.shape
    trimmed = level[: high * CELL, : wide * CELL]
    padded = np.pad(trimmed, RADIUS)
    even, odd = filter_ridges(np.ascontiguousarray(padded), filter_numbers(fields), gabor_bank())
    return np.asarray(even + 1j * odd, np.complex64)
