"""Segmentation, orientation field and ridge period of a print, in cells of 4 x 4 pixels.

Orientation comes from the structure tensor, the period from short Fourier transforms, as in
Chikkerur, Cartwright, Govindaraju, "Fingerprint enhancement using STFT analysis" (2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]

CELL = 4
"""Pixels on a side of a cell of all maps here."""

WINDOW = 32
"""Pixels of 500 dpi on a side of a window whose spectrum gives the ridge period."""
STEP = 16
"""Pixels of 500 dpi from one window to the next, half a window."""
PERIODS = (5.0, 16.0)
"""Range of the ridge period in pixels of 500 dpi: children to large thumbs."""


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """Maps of one picture, each ``(rows, cols)`` of cells.

    Attributes
    ----------
    normal
        float32, radians, the direction across the ridges, x right and y down, -pi/2..pi/2.
    coherence
        float32 0..1, coherence of the orientation in a neighbourhood.
    period
        float32, pixels from ridge to ridge.
    inside
        bool, True for cells with ridges.
    """

    normal: Map
    coherence: Map
    period: Map
    inside: npt.NDArray[np.bool_]


def normalise(grey: Map) -> tuple[Map, Map]:
    """Normalise brightness and contrast.

    Returns
    -------
    level
        float32, ridges positive, about -2..2.
    contrast
        float32, the local standard deviation in grey levels.
    """
    mean = cv2.GaussianBlur(grey, (0, 0), 8)
    spread = np.sqrt(np.maximum(cv2.GaussianBlur(grey * grey, (0, 0), 8) - mean * mean, 0))
    level = np.clip((mean - grey) / (spread + 4), -2.5, 2.5)
    return np.asarray(level, np.float32), np.asarray(spread, np.float32)


def orientation(level: Map, sigma: float) -> tuple[Map, Map]:
    """Compute direction across the ridges and coherence from the structure tensor over `sigma` pixels."""
    smooth = cv2.GaussianBlur(level, (0, 0), 1.0)
    across = cv2.Scharr(smooth, cv2.CV_32F, 1, 0, scale=1 / 32)
    down = cv2.Scharr(smooth, cv2.CV_32F, 0, 1, scale=1 / 32)
    doubled = [across * across - down * down, 2 * across * down, across * across + down * down]
    c, s, energy = (cv2.GaussianBlur(_cells(part), (0, 0), sigma / CELL) for part in doubled)
    coherence = np.hypot(c, s) / (energy + 1e-3)
    return np.asarray(0.5 * np.arctan2(s, c), np.float32), np.asarray(coherence, np.float32)


def _cells(picture: Map) -> Map:
    high, wide = (size // CELL for size in picture.shape)
    trimmed = picture[: high * CELL, : wide * CELL]
    return np.asarray(cv2.resize(trimmed, (wide, high), interpolation=cv2.INTER_AREA), np.float32)


def spectra(level: Map) -> tuple[Map, tuple[int, int]]:
    """Compute power spectra of windows of 32 pixels, 16 apart; float32 ``(n, 32, 17)``, rows and columns."""
    margin = (WINDOW - STEP) // 2
    high, wide = (-(-size // STEP) for size in level.shape)
    bottom, right = (
        count * STEP - size + margin for count, size in zip((high, wide), level.shape, strict=True)
    )
    padded = cv2.copyMakeBorder(level, margin, bottom, margin, right, cv2.BORDER_CONSTANT, value=0)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW, WINDOW))[::STEP, ::STEP]
    taper = np.hanning(WINDOW + 2)[1:-1].astype(np.float32)
    tapered = windows.reshape(-1, WINDOW, WINDOW) * (taper[:, None] * taper)
    transform = np.fft.rfft2(tapered)
    return np.asarray(transform.real**2 + transform.imag**2, np.float32), (high, wide)


def _ring() -> tuple[Map, Map, npt.NDArray[np.bool_]]:
    """Frequency (cycles a pixel) and direction of each sample of a spectrum, and the mask of ridges."""
    v, u = np.meshgrid(np.fft.fftfreq(WINDOW), np.fft.rfftfreq(WINDOW), indexing="ij")
    frequency = np.hypot(u, v)
    ridges = (frequency > 1 / PERIODS[1] - 1 / 64) & (frequency < 1 / PERIODS[0] + 1 / 64)
    return frequency.astype(np.float32), np.arctan2(v, u).astype(np.float32), ridges


FREQUENCY, DIRECTION, RIDGES = _ring()


def ridge_period(level: Map, normal: Map) -> tuple[Map, Map]:
    """Estimate the ridge period in pixels, and the share 0..1 of power that is of such ridges, by cells."""
    power, shape = spectra(level)
    angle = _coarse(normal, shape).reshape(-1, 1)
    agreement = np.square(0.5 + 0.5 * np.cos(2 * (DIRECTION[RIDGES] - angle)))
    weight = power[:, RIDGES] * agreement * agreement
    sharp = weight * weight
    frequency = np.asarray((sharp * FREQUENCY[RIDGES]).sum(1) / (sharp.sum(1) + 1e-6), np.float32)
    share = np.asarray(weight.sum(1) / (power.sum((1, 2)) + 1.0), np.float32).reshape(shape)
    # Windows with hardly any ridges take the period of their neighbours.
    trust = share * share + np.float32(1e-4)
    both = cv2.GaussianBlur(frequency.reshape(shape) * trust, (0, 0), 1.5)
    smooth = np.asarray(both / cv2.GaussianBlur(trust, (0, 0), 1.5), np.float32)
    period = 1 / np.clip(_spread(smooth, normal.shape), 1 / PERIODS[1], 1 / PERIODS[0])
    return np.asarray(period, np.float32), _spread(share, normal.shape)


def _coarse(normal: Map, shape: tuple[int, int]) -> Map:
    """Average the directions of cells over windows."""
    size = shape[::-1]
    across = cv2.resize(np.cos(2 * normal), size, interpolation=cv2.INTER_AREA)
    down = cv2.resize(np.sin(2 * normal), size, interpolation=cv2.INTER_AREA)
    return np.asarray(0.5 * np.arctan2(down, across), np.float32)


def _spread(coarse: Map, shape: tuple[int, ...]) -> Map:
    """Interpolate values of windows to cells."""
    factor = STEP // CELL
    wide = cv2.resize(coarse, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide[: shape[0], : shape[1]], np.float32)


def segment(contrast: Map, share: Map) -> npt.NDArray[np.bool_]:
    """Segment the cells with ridges by contrast and by power at the ridge period."""
    depth = _cells(contrast)
    typical = float(np.percentile(depth, 90))
    seen = (depth > max(0.25 * typical, 4.0)) & (share > 0.12)
    smooth = cv2.GaussianBlur(seen.astype(np.float32), (0, 0), 3.0) > 0.5
    return _largest(smooth.astype(np.uint8))


def _largest(seen: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Keep the parts that are not small beside the largest one, their holes filled."""
    outlines, _ = cv2.findContours(seen, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(seen)
    largest = max((cv2.contourArea(outline) for outline in outlines), default=0)
    kept = [outline for outline in outlines if cv2.contourArea(outline) >= max(0.2 * largest, 30)]
    cv2.drawContours(filled, kept, -1, 1, cv2.FILLED)
    return filled.astype(bool)
