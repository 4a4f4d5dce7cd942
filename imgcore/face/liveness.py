"""Liveness score of a face in visible light, and the results of liveness detection.

Two nets of MiniFASNet take the face with less and with more of its surroundings; their scores are
averaged. They are trained on prints and screens; masks and cut-outs mostly pass.
`imgcore.face.liveness_session` combines several samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from imgcore.face.detect import Face
from imgcore.face.net import colour, planes
from imgcore.face.quality import FaceQualityIssue, quality_issue
from imgcore.types import Image, Net

SMALLEST = 60.0
"""Pixels of the least face width: the nets see it at 30 px, which must be sharp."""

_SIDE = 80
"""Pixels on a side of the picture that the nets take."""


@dataclass(frozen=True, slots=True, eq=False)
class LivenessNet:
    """Liveness net with the size of its crop.

    Attributes
    ----------
    net
        Net from one crop of 80 x 80, BGR 0..255, to three logits, the second for a live face.
    scale
        Side of the crop in widths and heights of the face's box.
    """

    net: Net
    scale: float


class LivenessVerdict(StrEnum):
    """Verdict on a face."""

    LIVE = "live"
    NOT_LIVE = "not live"
    CANNOT_TELL = "cannot tell"


class LivenessReason(StrEnum):
    """Reason of a verdict."""

    REACHES = "it reaches the threshold"
    BELOW = "it looks like a print or a screen"
    NO_FRAMES = "no frames"
    NO_FACE = "no face"
    TOO_SMALL = "the face is too small"
    TOO_DARK = "the face is too dark"
    MORE_LOOKS = "more frames are needed"
    TURN_LEFT = "waiting for the head to be turned to the left"
    TURN_RIGHT = "waiting for the head to be turned to the right"
    COME_NEARER = "waiting for the face to come nearer"
    BLINK = "waiting for a blink"
    NO_MODEL = "there is no model to tell by, an action is needed"
    ACTED = "the action was done"
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
class LivenessResult:
    """Result of liveness detection.

    Attributes
    ----------
    verdict
        Live, not live, or undetermined.
    score
        0..1, over frames and nets; None without a usable frame, or without nets.
    reason
        Reason of the verdict.
    """

    verdict: LivenessVerdict
    score: float | None
    reason: LivenessReason


_FAULTS = {
    FaceQualityIssue.NO_FACE: LivenessReason.NO_FACE,
    FaceQualityIssue.TOO_SMALL: LivenessReason.TOO_SMALL,
    FaceQualityIssue.TOO_DARK: LivenessReason.TOO_DARK,
}
"""Faults of a picture for which its face cannot be used, as reasons of a verdict."""


def blocking_issue(
    image: Image, faces: Sequence[Face], min_face_width: float = SMALLEST
) -> LivenessReason | None:
    """Quality issue for which the largest face of a picture cannot be used; None if it can."""
    found = quality_issue(image, faces, min_face_width)
    return None if found is None else _FAULTS.get(found)


def undetermined(reason: LivenessReason, score: float | None = None) -> LivenessResult:
    """Build a result without a verdict."""
    return LivenessResult(LivenessVerdict.CANNOT_TELL, score, reason)


def live_score(image: Image, face: Face, nets: Sequence[LivenessNet]) -> float:
    """Liveness score of a face, 0..1, mean over the nets.

    Raises
    ------
    ImageError
        No picture.
    """
    return float(np.mean([_probability(image, face, net) for net in nets]))


def context_crop(image: Image, face: Face, scale: float) -> Image:
    """Crop a face with its surroundings, uint8 BGR ``(80, 80, 3)``.

    The crop has the box's proportions. It is moved into the picture if it would reach beyond, and reduced
    to its size if that is smaller: the nets were trained on such crops.
    """
    bgr = colour(image)
    rows, cols = bgr.shape[:2]
    left, top, width, height = face.box
    fitting = min(scale, (cols - 1) / width, (rows - 1) / height)
    wide = width * fitting
    high = height * fitting
    x = min(max(left + width / 2 - wide / 2, 0), cols - 1 - wide)
    y = min(max(top + height / 2 - high / 2, 0), rows - 1 - high)
    crop = bgr[int(y) : int(y + high) + 1, int(x) : int(x + wide) + 1]
    return np.asarray(cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)


def _probability(image: Image, face: Face, model: LivenessNet) -> float:
    logits = np.ravel(np.asarray(model.net(planes(context_crop(image, face, model.scale)))[0], np.float64))
    odds = np.exp(logits - logits.max())
    return float(odds[1] / odds.sum())
