"""What a person may be asked to do, and whether it was done: a picture of a person does nothing by itself.

A turn shows by the nose, which stands out: it moves against eyes and mouth. A flat picture that is turned,
tilted or carried keeps it where it is. A blink shows by the eyes: an open eye has many upright edges, those
of iris, pupil and white; a shut one has level ones. Each person is compared with how their own eyes are when
open.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from imgcore.face.align import similarity_transform
from imgcore.face.detect import Face
from imgcore.face.liveness_settings import ActionSettings
from imgcore.face.net import colour
from imgcore.types import Image, Points

_EYES = np.array([[30, 30], [70, 30]], np.float32)
_SIZE = (100, 90)
_HALF = (11, 8)
"""Half the width and height of an eye, where the eyes are 40 px apart."""
_BELOW = (slice(42, 72), slice(30, 71))
"""Nose and mouth, whose edges stay where eyes are shut, and go where the whole picture is blurred."""

_MEMORY = 90
"""Looks that are remembered at most: 6 s at 15 a second."""
_STRAIGHT = 3
"""Looks straight ahead before a turn counts, and looks of which the median is taken."""


class Action(StrEnum):
    """What is asked for; left and right are the person's own, before a camera that does not mirror."""

    BLINK = "blink"
    TURN_LEFT = "turn left"
    TURN_RIGHT = "turn right"


@dataclass(frozen=True, slots=True)
class Moment:
    """What one look tells of a person's movements.

    Attributes
    ----------
    seconds
        When.
    yaw
        How far the nose lies beside the line from the eyes' middle to the mouth's, in eye distances;
        positive to the person's left.
    eyes
        Upright edges of the more open eye, in parts of the picture's brightness.
    below
        The same of nose and mouth.
    """

    seconds: float
    yaw: float
    eyes: float
    below: float


class Challenge:
    """Whether an action was done by one person.

    Parameters
    ----------
    action
        What is asked for.
    settings
        When it counts as done.
    """

    def __init__(self, action: Action, settings: ActionSettings) -> None:
        self._action = action
        self._settings = settings
        self._moments: deque[Moment] = deque(maxlen=_MEMORY)
        self.done = False

    def see(self, image: Image, face: Face, seconds: float) -> None:
        """Look once more; some 1 ms.

        Raises
        ------
        ImageError
            No picture.
        """
        self._moments.append(moment(image, face, seconds))
        if not self.done:
            self.done = self._blinked() if self._action is Action.BLINK else self._turned()

    # Inside

    def _turned(self) -> bool:
        yaws = np.array([moment.yaw for moment in self._moments])
        straight = yaws[np.abs(yaws) <= self._settings.straight]
        if len(straight) < _STRAIGHT or len(yaws) < 2 * _STRAIGHT:
            return False
        gone = float(np.median(yaws[-_STRAIGHT:]) - np.median(straight))
        return (gone if self._action is Action.TURN_LEFT else -gone) >= self._settings.turned

    def _blinked(self) -> bool:
        """Whether the eyes, open now, were shut and open before that, while the head was still."""
        now = self._moments[-1]
        eyes = float(np.median([moment.eyes for moment in self._moments]))
        below = float(np.median([moment.below for moment in self._moments]))
        was_shut = False
        for past in reversed(self._moments):
            if now.seconds - past.seconds > self._settings.blink_seconds:
                return False
            if abs(past.yaw - now.yaw) > self._settings.steady:
                return False
            is_open = past.eyes >= self._settings.open * eyes
            if was_shut and is_open:
                return True
            if past is now and not is_open:
                return False
            was_shut |= past.eyes <= self._settings.shut * eyes and past.below >= self._settings.open * below
        return False


def moment(image: Image, face: Face, seconds: float) -> Moment:
    """Measure one look.

    Raises
    ------
    ImageError
        No picture.
    """
    points = face.points.astype(np.float64)
    scale = float(np.hypot(*(points[1] - points[0]))) / (_EYES[1, 0] - _EYES[0, 0])
    grey = np.asarray(cv2.cvtColor(colour(image), cv2.COLOR_BGR2GRAY), np.uint8)
    place = similarity_transform(face.points[:2], _EYES)
    upright = np.asarray(
        cv2.warpAffine(_softened(grey, face, scale), place, _SIZE, borderMode=cv2.BORDER_REPLICATE),
        np.float32,
    )
    edges = np.abs(cv2.Sobel(upright, cv2.CV_32F, 1, 0)) / max(float(upright.mean()), 1.0)
    across, down = _HALF
    eyes = [edges[int(y) - down : int(y) + down + 1, int(x) - across : int(x) + across + 1] for x, y in _EYES]
    return Moment(
        seconds, yaw(face.points), max(float(eye.mean()) for eye in eyes), float(edges[_BELOW].mean())
    )


def yaw(points: Points) -> float:
    """How far the nose lies to the person's left of where it lies in a frontal face, in eye distances.

    It is measured along the eyes, from the line between the middles of eyes and mouth, so that no turn of a
    flat picture changes it, but for the perspective.
    """
    left, right, nose, *mouth = points.astype(np.float64)
    middle = (left + right) / 2
    down = np.mean(mouth, axis=0) - middle
    basis = np.stack([right - left, down], axis=1)
    if abs(np.linalg.det(basis)) < 1e-6:
        return 0.0
    return float(np.linalg.solve(basis, nose - middle)[0])


def _softened(grey: Image, face: Face, scale: float) -> Image:
    """The picture without what would alias once it is made smaller; only the face is touched."""
    if scale <= 1.5:
        return grey
    left, top, width, height = (round(value) for value in face.box)
    rows = slice(max(0, top - height // 4), max(0, top + height + height // 4))
    cols = slice(max(0, left - width // 4), max(0, left + width + width // 4))
    soft = grey.copy()
    if soft[rows, cols].size:
        soft[rows, cols] = cv2.GaussianBlur(grey[rows, cols], (0, 0), 0.4 * scale)
    return soft
