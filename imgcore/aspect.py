"""Aspect ratio of a sheet from one view of it."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_ISO = 2**0.5
"""Long side over short side of the formats of ISO 216."""
_CARD = 85.6 / 53.98
"""Long side over short side of an ID-1 card."""
_LETTER = 11 / 8.5
"""Long side over short side of US letter."""
_FORMATS: Final = {_ISO: 0.45, _CARD: 0.2, _LETTER: 0.05}
"""Share of each standard format, by its long side over short side, among sheets that lie one way round."""
_FREE: Final = 0.6
"""Density of sheets of no standard format along the logarithm of the aspect, in the measure of the formats'
shares."""
_FOCAL: Final = np.geomspace(0.45, 4.0, 61)
"""Focal lengths of cameras over desks, in picture diagonals."""


class _Framing(NamedTuple):
    """A way in which a picture comes from a camera, with its share among pictures.

    `axis_error` is the standard deviation of the optical axis about the picture's centre, `focal` the median
    focal length, both in picture diagonals, and `focal_spread` the standard deviation of its logarithm.
    """

    share: float
    axis_error: float
    focal: float
    focal_spread: float


_FRAMINGS: Final = (_Framing(0.7, 0.01, 0.85, 0.35), _Framing(0.3, 0.1, 1.1, 0.4))
"""Ways in which pictures come: as the sensor took them, about centred; and cropped since, by hand or a
program."""
_CORNER_ERROR: Final = 6e-4
"""Standard deviation of a corner's coordinates, in picture diagonals."""
_STEP: Final = 1e-5
"""Change of a corner's coordinates by which slopes are measured, in picture diagonals."""
_SHIFTS: Final = np.concatenate(
    [np.zeros((1, 8)), np.eye(8), np.tile([1.0, 0.0], (1, 4)), np.tile([0.0, 1.0], (1, 4))]
).reshape(-1, 4, 2)
"""Directions of changes: none, then each corner's coordinates by themselves, then all corners against the
optical axis."""
_VARIANCES: Final = np.array([[_CORNER_ERROR] * 8 + [each.axis_error] * 2 for each in _FRAMINGS]) ** 2
"""Variances of the corners' coordinates and of the optical axis for each framing, in squared picture
diagonals."""


def _focal_prior(framing: _Framing) -> Floats:
    density = np.exp(-0.5 * (np.log(_FOCAL / framing.focal) / framing.focal_spread) ** 2)
    return np.asarray(framing.share * density / density.sum())


_FOCAL_PRIOR: Final = np.stack([_focal_prior(each) for each in _FRAMINGS])
"""Probability of each framing and focal length before a sheet is seen."""


def sheet_aspect(quad: Floats, picture: tuple[int, int]) -> float:
    """Estimate the aspect ratio, width over height, of the rectangle that a pinhole camera saw as `quad`.

    One view gives the aspect for each focal length, and how square the sheet's corners would be then. Both
    carry the errors of corners and optical axis, which is far from the centre where a picture was cropped. A
    standard format is taken where it explains them better
    than all other aspects together do; otherwise the mean of these.

    Parameters
    ----------
    quad
        float64 ``(4, 2)``, pixels, clockwise from the top left, convex.
    picture
        Width and height of the picture; the optical axis is expected near its centre.

    References
    ----------
    Z. Zhang and L. He, "Whiteboard scanning and image enhancement", 2007: the aspect of a rectangle from
    one view of it.
    """
    centred = (quad - (np.array(picture) - 1) / 2.0) / float(np.hypot(*picture))
    views = _views(centred + _STEP * _SHIFTS)
    cosine = views[0, :, 0]
    aspect = views[0, :, 1]
    slopes = (views[1:] - views[0]) / _STEP
    spread = np.einsum("pfi,pfj,hp->hfij", slopes, slopes, _VARIANCES) + 1e-7 * np.eye(2)
    # For each framing and focal length: how probable square corners are, and the aspect they would leave.
    square = spread[..., 0, 0]
    fit = _FOCAL_PRIOR * np.exp(-0.5 * cosine**2 / square) / np.sqrt(square)
    if not fit.sum() > 0:
        return float(np.exp(aspect[np.argmax(_FOCAL_PRIOR[0])]))
    mean = aspect - spread[..., 0, 1] / square * cosine
    variance = spread[..., 1, 1] - spread[..., 0, 1] ** 2 / square
    best = 0.0
    evidence = _FREE * fit.sum()
    for ratio, share in _FORMATS.items():
        for logarithm in (np.log(ratio), -np.log(ratio)):
            likelihood = np.exp(-0.5 * (logarithm - mean) ** 2 / variance) / np.sqrt(2 * np.pi * variance)
            if (explained := share * float((fit * likelihood).sum())) > evidence:
                best = float(logarithm)
                evidence = explained
    return float(np.exp(best if best else (fit * mean).sum() / fit.sum()))


def _views(quads: Floats) -> Floats:
    """Compute ``(n, focal, 2)``: the cosine between the sheet's sides and the logarithm of its aspect."""
    first, second, fourth, third = np.moveaxis(
        np.concatenate([quads, np.ones((*quads.shape[:-1], 1))], axis=-1), 1, 0
    )
    over = np.cross(first, fourth)
    across = _ratio(over, third, np.cross(second, fourth), third) * second - first
    down = _ratio(over, second, np.cross(third, fourth), second) * third - first
    scale = np.column_stack([np.ones_like(_FOCAL), np.ones_like(_FOCAL), _FOCAL])
    across = across[:, None] * scale
    down = down[:, None] * scale
    width = np.linalg.norm(across, axis=-1)
    height = np.linalg.norm(down, axis=-1)
    return np.stack([(across * down).sum(-1) / (width * height), np.log(width / height)], axis=-1)


def _ratio(one: Floats, along: Floats, other: Floats, beside: Floats) -> Floats:
    return np.asarray((one * along).sum(-1, keepdims=True) / (other * beside).sum(-1, keepdims=True))
