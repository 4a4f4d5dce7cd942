"""A flatbed's glass with a few small papers on it, the lid closed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from synthetic.arrays import Image, Random
from synthetic.documents.card import member_card, note, ticket, visiting_card
from synthetic.documents.receipt import BOOKS, TAXI, TEA, receipt
from synthetic.geometry import Pose
from synthetic.scene import texture
from synthetic.scene.sheet import lay, rectangle
from synthetic.text.typeface import Typefaces

WIDTH = 216.0
HEIGHT = 297.0
SCALE = 12.0
"""Pixels per millimetre that papers before a scanner are drawn at: 305 dots an inch."""
LID = (176, 178, 176)
"""BGR; a lid of foam that time has greyed, darker than any paper."""

Draw = Callable[[Random, Typefaces, float], Image]

ARRANGEMENTS: tuple[tuple[tuple[Draw, Pose], ...], ...] = (
    (
        (partial(receipt, bill=TEA), Pose(54, 98, 2.6)),
        (partial(receipt, bill=TAXI), Pose(156, 102, -3.0)),
        (member_card, Pose(104, 236, 4.0)),
    ),
    (
        (ticket, Pose(108, 56, -2.4)),
        (visiting_card, Pose(64, 148, 5.0)),
        (note, Pose(152, 212, -6.0)),
    ),
    (
        (partial(receipt, bill=BOOKS), Pose(58, 124, -1.8)),
        (member_card, Pose(156, 66, 7.0)),
        (visiting_card, Pose(154, 168, -4.0)),
    ),
)
"""Papers, and about where their middles lie on the bed in millimetres, from scan to scan, again and again."""


def glass(random: Random, faces: Typefaces, arrangement: int) -> Image:
    """Return the whole bed, BGR at `SCALE`; 0.5 s."""
    bed = texture.paper(random, (round(WIDTH * SCALE), round(HEIGHT * SCALE)), LID)
    zoom = np.diag([SCALE, SCALE, 1.0])
    for draw, about in ARRANGEMENTS[arrangement]:
        sheet = rectangle(draw(random, faces, SCALE), SCALE, lift=0.4)
        x, y, angle = (float(value) for value in random.uniform(-1.0, 1.0, 3))
        pose = Pose(about.x + 3.0 * x, about.y + 3.0 * y, about.angle + 1.2 * angle)
        # The lamp comes from above: more of the shadow is below the paper.
        fallen = Pose(pose.x + 0.2, pose.y + 0.7, pose.angle)
        lay(bed, sheet, zoom @ pose.matrix, zoom @ fallen.matrix)
    return bed
