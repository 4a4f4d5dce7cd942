"""Another frame of a burst as seen from the one that counts: geometry, light, and where it shows the same.

References
----------
S. Baker, I. Matthews, "Lucas-Kanade 20 years on", 2004: alignment by inverse composition.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.burst.look import (
    CLIPPED,
    COARSE,
    FARTHEST,
    Floats,
    FrameEdges,
    FrameLook,
    Matrix,
    enlarged,
    from_afar,
    reduced,
    reflections,
    warped,
)
from imgcore.types import Image

BRIGHTER = 0.08
"""Share by which a lamp may flicker between frames."""
MOVED = 0.01
"""Share of a frame's pixels that differ even when seen blurred, from which it shows another scene."""
STEPS = 8
"""Most steps of an alignment."""
SETTLED = 0.002
"""Shift of a step in pixels, across and down, below which an alignment is done."""
FEWEST = 100
"""Number of places on edges below which there is nothing to align by."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameView:
    """Another frame as seen from the reference: geometry, light, and where it shows the same.

    Attributes
    ----------
    matrix
        ``(2, 3)``: from pixels of the reference to those of the frame, at the size of `FrameLook`.
    gains
        ``(rows,)`` of the reference at the size of `FrameLook`: factors to its light.
    grey
        The frame in that geometry and light.
    same
        Mask of the pixels that show the same, 0 or 255.
    clipped
        Mask of its reflections, which have taken what was below, 0 or 255.
    """

    matrix: Matrix
    gains: Floats
    grey: Floats
    same: Image
    clipped: Image


def frame_view(one: FrameLook, other: FrameLook) -> FrameView | None:
    """Return how a frame shows the scene of another; None if it does not."""
    matrix = _aligned(one, other) if one.shape == other.shape else None
    if matrix is None:
        return None
    grey = warped(other.grey, matrix, cv2.INTER_CUBIC)
    gains = _row_gains(one, reduced(grey, COARSE))
    if gains is None:
        return None
    inside = warped(np.full(grey.shape, 255, np.uint8), matrix, cv2.INTER_NEAREST)
    clipped = reflections(grey)
    grey = grey * gains[:, None]
    counted = inside & ~one.clipped & ~clipped
    differs, moved = _differences(one, grey, counted)
    if cv2.countNonZero(moved) > MOVED * counted.size:
        return None
    return FrameView(matrix, gains, grey, inside & ~differs, clipped)


def _aligned(one: FrameLook, other: FrameLook) -> Matrix | None:
    """Return the affine way from pixels of a frame to those of another; None if it is no shake of a stand."""
    edges = one.edges
    if len(edges.level) < FEWEST:
        return None
    shift = np.array(_coarse_shift(one, other))
    turn = np.zeros((2, 2))
    for _ in range(STEPS):
        step = _step(edges, other.soft, shift, turn)
        shift = shift + step[:2]
        turn = turn + step[2:6].reshape(2, 2)
        if np.abs(step[:2]).max() < SETTLED:
            break
    if np.hypot(*shift) > FARTHEST * max(one.soft.shape) or np.abs(turn).max() > FARTHEST:
        return None
    return np.column_stack([np.eye(2) + turn, shift - turn @ edges.centre])


def _step(edges: FrameEdges, soft: Floats, shift: Matrix, turn: Matrix) -> Matrix:
    """Return what a geometry lacks, in least squares of what fits at all; light is solved for, too."""
    x = edges.x + (shift[0] + turn[0, 0] * edges.u + turn[0, 1] * edges.v).astype(np.float32)
    y = edges.y + (shift[1] + turn[1, 0] * edges.u + turn[1, 1] * edges.v).astype(np.float32)
    seen = cv2.remap(soft, x[:, None], y[:, None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    error = edges.level - seen[:, 0]
    kept = np.abs(error) < 3 * (1.4826 * float(np.median(np.abs(error))) + 0.5)
    slopes = edges.slopes[kept]
    square = (slopes.T @ slopes).astype(np.float64) + 1e-6 * np.eye(slopes.shape[1])
    return np.asarray(np.linalg.lstsq(square, (slopes.T @ error[kept]).astype(np.float64), rcond=None)[0])


def _coarse_shift(one: FrameLook, other: FrameLook) -> tuple[float, float]:
    window = cv2.createHanningWindow(one.coarse.shape[::-1], cv2.CV_32F)
    high = [each.coarse - cv2.GaussianBlur(each.coarse, (0, 0), 4) for each in (one, other)]
    (x, y), _ = cv2.phaseCorrelate(high[0], high[1], window)
    return x * COARSE, y * COARSE


def _row_gains(one: FrameLook, coarse: Floats) -> Floats | None:
    """Return the factor of each row to the light of a frame; None for another light."""
    steep = one.edges.steep_coarse
    # Beside edges a frame that was shaken has another level.
    lit = (one.coarse > 16) & (coarse > 16) & (one.coarse < CLIPPED) & (coarse < CLIPPED)
    lit &= steep <= np.median(steep)
    ratio = np.where(lit, one.coarse / np.maximum(coarse, 1), np.nan)
    each = np.full(len(ratio), np.nan)
    enough = lit.mean(axis=1) > 0.1
    each[enough] = np.nanmedian(ratio[enough], axis=1)
    known = np.flatnonzero(~np.isnan(each))
    if len(known) == 0:
        return None
    filled = np.pad(np.interp(np.arange(len(each)), known, each[known]).astype(np.float32), 2, mode="reflect")
    filled = np.asarray(cv2.medianBlur(filled[:, None], 5)[2:-2, 0], np.float32)
    smooth = cv2.GaussianBlur(
        filled[:, None], (0, 0), max(1.0, len(filled) / 60), borderType=cv2.BORDER_REPLICATE
    )
    if np.abs(smooth - 1).max() > BRIGHTER:
        return None
    return np.asarray(
        cv2.resize(smooth, (1, len(one.grey)), interpolation=cv2.INTER_LINEAR)[:, 0], np.float32
    )


def _differences(one: FrameLook, grey: Floats, counted: Image) -> tuple[Image, Image]:
    """Return where a frame shows something else than another in its details, and as a whole; 0 or 255."""
    fine = _unlike(one.grey - grey, one.edges.steep, 5)
    coarse = one.coarse - reduced(grey, COARSE)
    pale = _unlike(coarse, one.edges.steep_coarse, 3)
    # From afar a blurred frame is the same.
    known = coarse * (reduced(counted, COARSE) == 255)
    far = _unlike(from_afar(known), one.edges.steep_afar, 3)
    return fine | enlarged(pale | far, grey), enlarged(far, grey) & counted


def _unlike(difference: Floats, steep: Floats, window: int) -> Image:
    """Return where a difference is more than noise, and than what an edge makes of a quarter of a pixel."""
    sample = difference[::3, ::3]
    spread = 1.4826 * float(np.median(np.abs(sample - np.median(sample)))) + 0.4
    energy = cv2.blur(difference * difference, (window, window))
    expected = spread**2 + 0.06 * cv2.blur(steep, (window, window))
    unlike = (energy > 4 * expected).astype(np.uint8) * 255
    opened = cv2.morphologyEx(unlike, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.dilate(opened, np.ones((window, window), np.uint8)), np.uint8)
