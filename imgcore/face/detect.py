"""Face detection with five landmarks: decoding of YuNet's output.

W. Wu, H. Peng, S. Yu, "YuNet: a tiny millisecond-level face detector", Machine
Intelligence Research 20, 2023.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.face.net import Floats, colour, planes
from imgcore.types import Image, Net, Points

LIVE_SIDE = 320
"""Pixels of the long side for frames: 7 ms. A person at a counter has far more than the 30 px it needs."""

PICTURE_SIDE = 640
"""Long side for pictures, in which a face may be smaller; at 1280 large barcodes gave a false one."""

GATE = 0.8
"""Least score of a face."""

Box = tuple[float, float, float, float]
"""Left, top, width, height."""

_STRIDES = (8, 16, 32)
"""Pixels from cell to cell of the net's three answers; both sides of its input are multiples of the last."""
_ENLARGED = 2.0
"""Factor by which a small picture is enlarged where nothing was found."""
_REDUCED = 0.5
"""Factor by which a large picture is reduced once more where nothing was found."""
_OVERLAP = 0.3
"""Intersection over union from which two boxes are one face."""
_MOST = 5000
"""Boxes that are compared, the best: each with all that are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face found in a picture.

    Attributes
    ----------
    box
        Left, top, width, height in pixels of the picture that was searched; may lie partly outside of it.
    points
        float32 ``(5, 2)``: the eye on the picture's left, the other eye, the tip of the nose, the corner of
        the mouth on the picture's left, the other corner.
    score
        Confidence of the detector, 0..1.
    """

    box: Box
    points: Points = field(repr=False)
    score: float

    @property
    def area(self) -> float:
        """Square pixels of the box."""
        return self.box[2] * self.box[3]


def detect(image: Image, net: Net, side: int = PICTURE_SIDE, gate: float = GATE) -> list[Face]:
    """Detect the faces of a picture, the largest first; an empty list if there are none.

    Parameters
    ----------
    image
        BGR or grey, uint8.
    net
        YuNet with dynamic size: three scores, sizes and points for each of the strides 8, 16, 32.
    side
        The long side in pixels to which a larger picture is reduced before it is searched; a smaller one
        is searched as it is. Faces of 30 to 500 px are found there, most of those of 20. Where nothing was
        found, a picture of at most half that side is searched once more at twice the size, and one of more
        than `LIVE_SIDE` at half.
    gate
        The least score, 0..1.

    Raises
    ------
    ImageError
        No picture.
    """
    bgr = colour(image)
    length = max(bgr.shape[:2])
    scale = min(1.0, side / length)
    found = _detected(*_scaled(bgr, scale), net, gate)
    if not found and length * _ENLARGED <= side:
        # A tight portrait of 100 px has a face that is easier found at twice the size.
        found = _detected(*_scaled(bgr, _ENLARGED), net, gate)
    elif not found and length * scale > LIVE_SIDE:
        # Of faces of 600 px one in ten is missed, and one in four by the smaller net.
        found = _detected(*_scaled(bgr, scale * _REDUCED), net, gate)
    return sorted(found, key=lambda face: -face.area)


def largest(faces: Sequence[Face]) -> Face | None:
    """Select the largest of several faces; None if there is none."""
    return max(faces, key=lambda face: face.area, default=None)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    left = max(one[0], other[0])
    top = max(one[1], other[1])
    right = min(one[0] + one[2], other[0] + other[2])
    bottom = min(one[1] + one[3], other[1] + other[3])
    iou = max(0.0, right - left) * max(0.0, bottom - top)
    whole = one[2] * one[3] + other[2] * other[3] - iou
    return iou / whole if whole > 0 else 0.0


def _detected(seen: Image, back: Floats, net: Net, gate: float) -> list[Face]:
    outputs = [np.asarray(output[0], np.float32) for output in net(planes(_padded(seen)))]
    boxes, points, scores = _decoded(outputs, _padded_size(seen), gate)
    # The centre of pixel 0 here lies at (back - 1) / 2 there.
    shift = (back - 1) / 2
    return [
        Face(
            _box(boxes[i] * np.tile(back, 2)),
            np.asarray(points[i] * back + shift, np.float32),
            float(scores[i]),
        )
        for i in _non_maximum_suppressed(boxes, scores)
    ]


def _scaled(image: Image, scale: float) -> tuple[Image, Floats]:
    """Resize a picture; also returns the factors of x and y back to its original size."""
    rows, cols = image.shape[:2]
    size = (max(1, round(cols * scale)), max(1, round(rows * scale)))
    back = np.array([cols / size[0], rows / size[1]], np.float32)
    if size == (cols, rows):
        return image, back
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8), back


def _padded_size(image: Image) -> tuple[int, int]:
    block = _STRIDES[-1]
    rows, cols = (-(-length // block) * block for length in image.shape[:2])
    return rows, cols


def _padded(image: Image) -> Image:
    rows, cols = _padded_size(image)
    whole = np.zeros((rows, cols, 3), np.uint8)
    whole[: image.shape[0], : image.shape[1]] = image
    return whole


def _decoded(
    outputs: Sequence[Floats], size: tuple[int, int], gate: float
) -> tuple[Floats, Floats, npt.NDArray[np.float32]]:
    """Decode boxes ``(n, 4)``, points ``(n, 5, 2)`` and scores of all cells above the gate."""
    boxes = []
    points = []
    scores = []
    for level, stride in enumerate(_STRIDES):
        is_face, is_there, box, marks = outputs[level::3]
        score = np.sqrt(np.clip(is_face[:, 0], 0, 1) * np.clip(is_there[:, 0], 0, 1))
        above = np.flatnonzero(score >= gate)
        row, col = np.divmod(above, size[1] // stride)
        cell = np.stack([col, row], 1).astype(np.float32)
        extent = np.exp(box[above, 2:]) * stride
        boxes.append(np.hstack([(cell + box[above, :2]) * stride - extent / 2, extent]))
        points.append((cell[:, None] + marks[above].reshape(-1, 5, 2)) * stride)
        scores.append(score[above])
    return np.concatenate(boxes), np.concatenate(points), np.concatenate(scores)


def _non_maximum_suppressed(boxes: Floats, scores: npt.NDArray[np.float32]) -> list[int]:
    """Non-maximum suppression: the best box of each face."""
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), 0.0, _OVERLAP, top_k=_MOST)
    return [int(i) for i in np.ravel(np.asarray(kept))]


def _box(values: Floats) -> Box:
    left, top, width, height = (float(value) for value in values)
    return left, top, width, height
