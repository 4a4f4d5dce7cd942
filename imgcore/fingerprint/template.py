"""Fingerprint template: minutiae and, if it was made of a picture, the ridge pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from imgcore.fingerprint import descriptors, pattern
from imgcore.fingerprint.descriptors import MinutiaDescriptors
from imgcore.fingerprint.pattern import Ridges

Floats = npt.NDArray[np.float32]

DOTS = 500.0
"""Dots an inch of all coordinates here."""

LIMIT = 80
"""Minutiae kept of one finger; of more, the best."""

ANGLE_STEP = 360 / 256
"""Degrees between two neighbouring angles of minutiae: 1/256 turn, as in ISO/IEC 19794-2."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Fingerprint template for comparison. Build it with `build`.

    Attributes
    ----------
    size
        Width and height of the picture, in pixels of 500 dpi.
    points
        float32 ``(n, 2)``, minutiae as (x, y), whole pixels of 500 dpi.
    angles
        float32 ``(n,)``, degrees counter-clockwise from the right, 0..360 in steps of 1/256 turn: along
        the ridge that ends, or between the branches of a bifurcation, as in ISO/IEC 19794-2.
    endings
        bool ``(n,)``, True for ridge endings, False for bifurcations.
    quality
        float32 ``(n,)``, 0..1 in hundredths.
    ridges
        Ridge pattern; None if the template came without it.
    descriptors
        Descriptors of the minutiae.
    """

    size: tuple[int, int]
    points: Floats = field(repr=False)
    angles: Floats = field(repr=False)
    endings: npt.NDArray[np.bool_] = field(repr=False)
    quality: Floats = field(repr=False)
    ridges: Ridges | None = field(repr=False)
    descriptors: MinutiaDescriptors = field(repr=False)

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, slots=True, repr=False)
class Minutia:
    """One minutia of a `Template`."""

    x: float
    y: float
    angle: float
    ending: bool
    quality: float


def build(size: tuple[int, int], minutiae: Sequence[Minutia], ridges: Ridges | None = None) -> Template:
    """Build a template: round as the standard formats do, keep the best minutiae, describe them.

    A template that was written and read again is therefore the same, and compares the same.
    """
    best = sorted(minutiae, key=lambda one: -one.quality)[:LIMIT]
    points = np.rint([(one.x, one.y) for one in best]).astype(np.float32).reshape(-1, 2)
    turns = np.rint(np.array([one.angle for one in best]) / ANGLE_STEP) % 256
    angles = (turns * ANGLE_STEP).astype(np.float32)
    quality = (np.rint([one.quality * 100 for one in best]) / 100).astype(np.float32)
    endings = np.array([one.ending for one in best], np.bool_)
    inside = descriptors.covered_area(points, size) if ridges is None else pattern.inside(ridges)
    fields = None if ridges is None else pattern.directions(ridges)
    described = descriptors.describe(points, np.radians(-angles), inside, fields)
    return Template(size, points, angles, endings, quality, ridges, described)


def without_ridges(template: Template) -> Template:
    """Rebuild a template from its minutiae only."""
    rows = zip(template.points, template.angles, template.endings, template.quality, strict=True)
    minutiae = [
        Minutia(float(x), float(y), float(angle), bool(ending), float(quality))
        for (x, y), angle, ending, quality in rows
    ]
    return build(template.size, minutiae)
