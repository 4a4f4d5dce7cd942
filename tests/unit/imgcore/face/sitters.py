"""The demo person with the face as it is drawn, so that no detector is needed."""

from __future__ import annotations

import math

import numpy as np

from imgcore.face import Face
from synthetic.faces import MAP, Pose

DRAWN = ((-45, 298), (45, 298), (0, 372), (-32, 444), (32, 444))
"""Eyes, nose and corners of the mouth in the painted map: columns from its middle, and rows."""
NOSE_AHEAD = 26
AHEAD = Pose()


def drawn_face(width: int, height: int, held: Pose = AHEAD) -> Face:
    """Where the face of a `Sitter` of this size is."""
    across = round(0.185 * height)
    down = round(0.255 * height)
    points = []
    for at, (column, row) in enumerate(DRAWN):
        ahead = NOSE_AHEAD * math.sin(held.yaw) if at == 2 else 0.0
        around = (column + ahead) * 2 * math.pi / MAP + held.yaw
        y = (row / MAP - 0.5) * 2
        x = math.sin(around) * math.sqrt(1 - y * y) * (1 - 0.2 * y * y if y > 0 else 1)
        points.append((width // 2 + x * across, round(0.44 * height) + y * down))
    spot = np.array(points, np.float32)
    left = spot[:, 0].mean() - 0.75 * across
    top = round(0.44 * height) - 0.55 * down
    return Face((float(left), float(top), 1.5 * across, 1.5 * down), spot, 0.9)
