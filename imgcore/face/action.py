"""Challenge and response: actions that a person is asked for, which a picture of a person does not do.

A turn of the head shows by the nose, which stands out: it moves against eyes and mouth. A flat picture that
is turned, tilted or carried keeps it where it is. A blink shows by the eyes: an open eye has many upright
edges, those of iris, pupil and white; a shut one has level ones. Each person is compared with their own open
eyes. Coming nearer shows by the distance of the eyes, which grows; that of a picture brought nearer does,
too, so that it is no proof by itself.
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
"""Places of both eyes in the upright picture that is measured: x and y in pixels."""
_SIZE = (100, 90)
"""Width and height of the upright picture in pixels."""
_HALF = (11, 8)
"""Half the width and height of an eye in pixels, with the eyes 40 px apart."""
_BELOW = (slice(42, 72), slice(30, 71))
"""Region of nose and mouth in the upright picture: its edges stay when the eyes shut, and go when the whole
picture is blurred."""

_MEMORY = 90
"""Most samples that are kept: 6 s at 15 a second."""
_STRAIGHT = 3
"""Samples looking straight ahead before a turn counts, and samples of which the median is taken."""


class Action(StrEnum):
    """Actions to ask for; left and right are the person's own, before a camera that does not mirror."""

    BLINK = "blink"
    TURN_LEFT = "turn left"
    TURN_RIGHT = "turn right"
    NEARER = "come nearer"


TURNS = (Action.TURN_LEFT, Action.TURN_RIGHT)
"""Actions that no flat picture does, read from the five points of a face alone."""


@dataclass(frozen=True, slots=True)
class ActionSample:
    """Measurements of one sample for actions.

    Attributes
    ----------
    seconds
        Time of the sample.
    yaw
        Distance of the nose from the line between the middles of eyes and mouth, in eye distances;
        positive to the person's left.
    eyes
        Upright edges of the more open eye, in parts of the picture's brightness.
    below
        The same of nose and mouth.
    size
        Distance of the eyes in pixels.
    """

    seconds: float
    yaw: float
    eyes: float
    below: float
    size: float


class Challenge:
    """Detector of one action by one person.

    Parameters
    ----------
    action
        Action that is asked for.
    settings
        Thresholds from which it counts as done.
    """

    def __init__(self, action: Action, settings: ActionSettings) -> None:
        self.action = action
        self._settings = settings
        self._samples: deque[ActionSample] = deque(maxlen=_MEMORY)
        self.done = False

    def add(self, image: Image, face: Face, seconds: float) -> None:
        """Add one sample; some 1 ms.

        Raises
        ------
        ImageError
            No picture.
        """
        self._samples.append(measure_action(image, face, seconds))
        if not self.done:
            self.done = self._performed()

    # Inside

    def _performed(self) -> bool:
        if self.action is Action.BLINK:
            return self._blinked()
        return self._came_nearer() if self.action is Action.NEARER else self._turned()

    def _came_nearer(self) -> bool:
        """Return whether the eyes have come apart; only looks ahead count, as a turn brings them together."""
        ahead = [sample for sample in self._samples if abs(sample.yaw) <= self._settings.straight]
        if len(ahead) < 2 * _STRAIGHT or ahead[-1] is not self._samples[-1]:
            return False
        now = np.median([sample.size for sample in ahead[-_STRAIGHT:]])
        before = np.percentile([sample.size for sample in ahead[:-_STRAIGHT]], 25)
        return bool(now >= self._settings.nearer * before)

    def _turned(self) -> bool:
        yaws = np.array([sample.yaw for sample in self._samples])
        straight = yaws[np.abs(yaws) <= self._settings.straight]
        if len(straight) < _STRAIGHT or len(yaws) < 2 * _STRAIGHT:
            return False
        gone = float(np.median(yaws[-_STRAIGHT:]) - np.median(straight))
        return (gone if self.action is Action.TURN_LEFT else -gone) >= self._settings.turned

    def _blinked(self) -> bool:
        """Return whether the eyes, open now, were shut and open before that, while the head was still."""
        now = self._samples[-1]
        eyes = float(np.median([sample.eyes for sample in self._samples]))
        below = float(np.median([sample.below for sample in self._samples]))
        was_shut = False
        for past in reversed(self._samples):
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


def measure_action(image: Image, face: Face, seconds: float) -> ActionSample:
    """Measure one sample.

    Raises
    ------
    ImageError
        No picture.
    """
    points = face.points.astype(np.float64)
    size = float(np.hypot(*(points[1] - points[0])))
    scale = size / (_EYES[1, 0] - _EYES[0, 0])
    grey = np.asarray(cv2.cvtColor(colour(image), cv2.COLOR_BGR2GRAY), np.uint8)
    place = similarity_transform(face.points[:2], _EYES)
    upright = np.asarray(
        cv2.warpAffine(_softened(grey, face, scale), place, _SIZE, borderMode=cv2.BORDER_REPLICATE),
        np.float32,
    )
    edges = np.abs(cv2.Sobel(upright, cv2.CV_32F, 1, 0)) / max(float(upright.mean()), 1.0)
    across, down = _HALF
    eyes = [edges[int(y) - down : int(y) + down + 1, int(x) - across : int(x) + across + 1] for x, y in _EYES]
    open_eye = max(float(eye.mean()) for eye in eyes)
    return ActionSample(seconds, yaw(face.points), open_eye, float(edges[_BELOW].mean()), size)


def yaw(points: Points) -> float:
    """Displacement of the nose to the person's left against a frontal face, in eye distances.

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
    """Low-pass the face, so that it does not alias once it is made smaller."""
    if scale <= 1.5:
        return grey
    left, top, width, height = (round(value) for value in face.box)
    rows = slice(max(0, top - height // 4), max(0, top + height + height // 4))
    cols = slice(max(0, left - width // 4), max(0, left + width + width // 4))
    soft = grey.copy()
    if soft[rows, cols].size:
        soft[rows, cols] = cv2.GaussianBlur(grey[rows, cols], (0, 0), 0.4 * scale)
    return soft
