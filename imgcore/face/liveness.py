"""Whether a face before the camera is a living one, as far as pictures in visible light tell.

Two nets of MiniFASNet look at the face with less and with more of its surroundings; their answers are
averaged. Prints and screens are what they know. Masks and cut-outs mostly pass. What several looks come to
is said by `imgcore.face.examination`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from imgcore.face.detect import Face
from imgcore.face.net import Net, colour, planes
from imgcore.face.quality import Fault, fault
from imgcore.types import Image

SMALLEST = 60.0
"""Pixels of a face's width below which nothing can be told: the nets see it at 30 px, which must be sharp."""

_SIDE = 80


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """A net that tells living faces, and how much it wants to see.

    Attributes
    ----------
    net
        Takes one crop of 80 x 80, BGR 0..255, and gives three logits, the second for a living face.
    scale
        Side of the crop in widths and heights of the face's box.
    """

    net: Net
    scale: float


class Verdict(StrEnum):
    """What is said of a face."""

    LIVE = "live"
    NOT_LIVE = "not live"
    CANNOT_TELL = "cannot tell"


class Reason(StrEnum):
    """Why something is said of a face."""

    REACHES = "it reaches the threshold"
    BELOW = "it looks like a print or a screen"
    NO_FRAMES = "no frames"
    NO_FACE = "no face"
    TOO_SMALL = "the face is too small"
    TOO_DARK = "the face is too dark"
    MORE_LOOKS = "more frames are needed"
    WAITING = "waiting for the action"
    BEZEL = "the face lies within the borders of a screen or a print"
    MOIRE = "the face has the fine pattern of a screen"
    INFRARED_MISSING = "there is no infrared picture"
    INFRARED_UNLIT = "the infrared light is off"
    INFRARED_NO_FACE = "there is no face in infrared, as with a screen"
    INFRARED_ELSEWHERE = "the face is elsewhere in infrared"
    INFRARED_SIZE = "the face has another size in infrared"
    INFRARED_DARK = "the face is too dark in infrared"
    INFRARED_BRIGHT = "the face is too bright in infrared"
    INFRARED_SURROUNDED = "what is around the face is as bright as the face in infrared"
    INFRARED_FLAT = "the face has no relief in infrared"
    INFRARED_PLANE = "the face lies in one plane for both cameras"


@dataclass(frozen=True, slots=True)
class Liveness:
    """The answer.

    Attributes
    ----------
    verdict
        What is said.
    score
        0..1, over frames and nets; None if nothing could be looked at.
    reason
        Why.
    """

    verdict: Verdict
    score: float | None
    reason: Reason


_FAULTS = {
    Fault.NO_FACE: Reason.NO_FACE,
    Fault.TOO_SMALL: Reason.TOO_SMALL,
    Fault.TOO_DARK: Reason.TOO_DARK,
}


def hindrance(image: Image, faces: Sequence[Face], smallest: float = SMALLEST) -> Reason | None:
    """Why the largest face of a picture cannot be judged; None if it can."""
    found = fault(image, faces, smallest)
    return None if found is None else _FAULTS.get(found)


def cannot_tell(reason: Reason, score: float | None = None) -> Liveness:
    """The answer where there is none."""
    return Liveness(Verdict.CANNOT_TELL, score, reason)


def live_score(image: Image, face: Face, judges: Sequence[Judge]) -> float:
    """How much a face looks alive, 0..1, mean over the nets.

    Raises
    ------
    ImageError
        No picture.
    """
    return float(np.mean([_probability(image, face, judge) for judge in judges]))


def surroundings(image: Image, face: Face, scale: float) -> Image:
    """The face with what is around it, uint8 BGR ``(80, 80, 3)``.

    The crop has the box's proportions. It is moved into the picture where it would reach beyond, and made
    smaller where the picture is: the nets were trained on such crops.
    """
    bgr = colour(image)
    rows, cols = bgr.shape[:2]
    left, top, width, height = face.box
    fitting = min(scale, (cols - 1) / width, (rows - 1) / height)
    wide, high = width * fitting, height * fitting
    x = min(max(left + width / 2 - wide / 2, 0), cols - 1 - wide)
    y = min(max(top + height / 2 - high / 2, 0), rows - 1 - high)
    crop = bgr[int(y) : int(y + high) + 1, int(x) : int(x + wide) + 1]
    return np.asarray(cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)


def _probability(image: Image, face: Face, judge: Judge) -> float:
    logits = np.ravel(np.asarray(judge.net(planes(surroundings(image, face, judge.scale)))[0], np.float64))
    odds = np.exp(logits - logits.max())
    return float(odds[1] / odds.sum())
