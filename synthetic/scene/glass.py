"""A flatbed's glass with a few small papers on it, the lid closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Image
from synthetic.documents import receipt as receipts
from synthetic.documents import ticket as slips
from synthetic.geometry import Pose, bounds, warped
from synthetic.scene import texture
from synthetic.scene.sheet import Sheet, rectangle
from synthetic.text.typeface import Typefaces

WIDTH, HEIGHT = 216.0, 297.0
SCALE = 12.0
"""Pixels per millimetre that papers before a scanner are drawn at: 305 dots an inch."""
LID = (176, 178, 176)
"""BGR; a lid of foam that time has greyed, darker than any paper."""

Draw = Callable[[np.random.Generator, Typefaces], Image]


class Placed(NamedTuple):
    """A paper and about where its middle lies on the bed, millimetres."""

    draw: Draw
    pose: Pose


def _bill(bill: receipts.Bill) -> Draw:
    return lambda rng, faces: receipts.receipt(rng, faces, bill, SCALE)


def _card(rng: np.random.Generator, faces: Typefaces) -> Image:
    return receipts.card(rng, faces, SCALE)


def _ticket(rng: np.random.Generator, faces: Typefaces) -> Image:
    return slips.ticket(rng, faces, SCALE)


def _visiting_card(rng: np.random.Generator, faces: Typefaces) -> Image:
    return slips.visiting_card(rng, faces, SCALE)


def _note(rng: np.random.Generator, faces: Typefaces) -> Image:
    return slips.note(rng, SCALE)


ARRANGEMENTS: tuple[tuple[Placed, ...], ...] = (
    (
        Placed(_bill(receipts.TEA), Pose(54, 98, 2.6)),
        Placed(_bill(receipts.TAXI), Pose(156, 102, -3.0)),
        Placed(_card, Pose(104, 236, 4.0)),
    ),
    (
        Placed(_ticket, Pose(108, 56, -2.4)),
        Placed(_visiting_card, Pose(64, 148, 5.0)),
        Placed(_note, Pose(152, 212, -6.0)),
    ),
    (
        Placed(_bill(receipts.BOOKS), Pose(58, 124, -1.8)),
        Placed(_card, Pose(156, 66, 7.0)),
        Placed(_visiting_card, Pose(154, 168, -4.0)),
    ),
)
"""What lies there from scan to scan, again and again."""


def glass(rng: np.random.Generator, faces: Typefaces, arrangement: int) -> Image:
    """The whole bed, BGR at `SCALE`; 0.5 s."""
    size = (round(WIDTH * SCALE), round(HEIGHT * SCALE))
    bed = texture.paper(rng, size, LID)
    for placed in ARRANGEMENTS[arrangement]:
        _lay(bed, rectangle(placed.draw(rng, faces), SCALE, lift=0.4), _nudged(placed.pose, rng))
    return bed


def _nudged(pose: Pose, rng: np.random.Generator) -> Pose:
    x, y, angle = (float(value) for value in rng.uniform(-1.0, 1.0, 3))
    return Pose(pose.x + 3.0 * x, pose.y + 3.0 * y, pose.angle + 1.2 * angle)


def _lay(bed: Image, sheet: Sheet, pose: Pose) -> None:
    """Darken the lid around the paper, more below it where the lamp comes from above, then cover it."""
    zoom = np.diag([SCALE, SCALE, 1.0])
    fallen = zoom @ Pose(pose.x + 0.2, pose.y + 0.7, pose.angle).matrix @ sheet.shadow_matrix
    part = bounds(sheet.shadow, fallen, bed)
    dark = cv2.merge([255 - warped(sheet.shadow, fallen, part)] * 3)
    cv2.multiply(bed[part], dark, bed[part], scale=1 / 255)
    printed = zoom @ pose.matrix @ sheet.matrix
    part = bounds(sheet.cover, printed, bed)
    share = warped(sheet.cover, printed, part).astype(np.float32) / 255
    seen = warped(sheet.picture, printed, part)
    bed[part] = cv2.blendLinear(seen, np.ascontiguousarray(bed[part]), share, 1.0 - share)
