"""Presentation-attack cues of the infrared partner of a colour camera: presence, brightness and relief.

The emitter sits beside the lens. A screen emits no infrared, so that it shows no face; a print lies
in one plane with the paper around it; a head is round and nearer than the background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.face.align import AlignmentTemplate, align
from imgcore.face.detect import Box, Face, largest, overlap
from imgcore.face.liveness import LivenessReason
from imgcore.face.liveness_settings import Affine, InfraredSettings
from imgcore.face.net import colour
from imgcore.types import Image, Points

Floats = npt.NDArray[np.float64]

UPRIGHT = AlignmentTemplate(64, ((20.0, 22.0), (44.0, 22.0), (32.0, 36.0), (22.5, 48.0), (41.5, 48.0)))
"""Alignment for relief: 24 px between the eyes, so that a cheek's edge is some 26 px from the middle."""

_MIDDLE = (slice(12, 46), slice(25, 40))
"""Rows and columns of the middle of an aligned face."""
_CHEEKS = ((slice(24, 46), slice(7, 13)), (slice(24, 46), slice(51, 57)))
"""Rows and columns of the edges of both cheeks of an aligned face."""
_OVAL = ((32, 33), (23, 29))
"""Centre and half axes of the part of the face whose shading is fitted."""
_SAME_SHAPE = 0.02
"""Tolerance of width over height: sizes are rounded."""
_SATURATED = 250
"""Grey level from which a pixel is saturated."""
_BRIGHT = 98.0
"""Percentile of a frame by which the emitter is taken for on: a few highlights do not reach it."""


@dataclass(frozen=True, slots=True)
class FaceShading:
    """Brightness and relief of a face in infrared.

    Attributes
    ----------
    brightness
        Mean grey level of the box, 0..255.
    saturated
        0..1, share of its pixels at 250 and more.
    contrast
        Grey level of the middle of the face divided by that of the background beside and above the head.
    relief
        One less the ratio of the cheeks' edges to the middle: at most 1, below 0 if the edges are brighter.
    texture
        Residual of a second-order surface fitted to the face's shading, root mean square over the mean.
    """

    brightness: float
    saturated: float
    contrast: float
    relief: float
    texture: float


@dataclass(frozen=True, slots=True, eq=False)
class InfraredMeasurement:
    """Measurements of one pair of pictures.

    Attributes
    ----------
    light
        Grey level of the frame's 98th percentile.
    shape
        None without a face, as the others are.
    iou
        Intersection over union with the face mapped from colour; None too without calibration.
    ratio
        Eye distance divided by the one mapped from colour; None too without calibration.
    depth
        float64 ``(2,)``: displacement of the nose against the plane of eyes and mouth, in eye distances.
    """

    light: float
    shape: FaceShading | None = None
    iou: float | None = None
    ratio: float | None = None
    depth: Floats | None = field(default=None, repr=False)


def measure_pair(
    visible: tuple[Image, Face], infrared: Image, faces: Sequence[Face], settings: InfraredSettings
) -> InfraredMeasurement:
    """Measure one pair of pictures.

    Parameters
    ----------
    visible
        The picture in colour and the face in it.
    infrared
        The other picture, grey or BGR.
    faces
        Faces in it.
    settings
        Of these, the affine map and the aspect ratios that it belongs to.

    Raises
    ------
    ImageError
        No picture.
    """
    grey = np.asarray(cv2.cvtColor(colour(infrared), cv2.COLOR_BGR2GRAY), np.uint8)
    light = float(np.percentile(grey[::4, ::4], _BRIGHT))
    image, face = visible
    carried = (
        map_face(face, settings.affine, image.shape, grey.shape)
        if settings.affine is not None and _belongs(settings.aspects, image, grey)
        else None
    )
    partner = largest(faces) if carried is None else _nearest(faces, carried)
    if partner is None:
        return InfraredMeasurement(light)
    return InfraredMeasurement(
        light,
        measure(grey, partner),
        None if carried is None else overlap(partner.box, carried.box),
        None if carried is None else eye_distance(partner.points) / max(eye_distance(carried.points), 1e-6),
        depth(face.points, partner.points),
    )


def infrared_attack(
    measurements: Sequence[InfraredMeasurement], settings: InfraredSettings
) -> LivenessReason | None:
    """Find the sign of a presentation attack; None if there is none.

    Parameters
    ----------
    measurements
        At least one, all taken with the emitter on; see `illuminated`.
    """
    shapes = [measured.shape for measured in measurements if measured.shape is not None]
    if 2 * len(shapes) <= len(measurements):
        return LivenessReason.INFRARED_NO_FACE
    return (
        _position_cue(measurements, settings)
        or _brightness_cue(shapes, settings)
        or _relief_cue(measurements, shapes, settings)
    )


def illuminated(
    measurements: Sequence[InfraredMeasurement], settings: InfraredSettings
) -> list[InfraredMeasurement]:
    """Select the measurements taken while the emitter was on."""
    least = max(
        settings.unlit, settings.strobe * max((measured.light for measured in measurements), default=0.0)
    )
    return [measured for measured in measurements if measured.light >= least]


def measure(grey: Image, face: Face) -> FaceShading:
    """Measure brightness and relief of a face in a grey picture."""
    part = _part(grey, face.box)
    if part.size == 0:
        return FaceShading(0.0, 0.0, 0.0, 0.0, 0.0)
    aligned = align(grey, face.points, UPRIGHT)[:, :, 0].astype(np.float64)
    upright = np.asarray(cv2.GaussianBlur(aligned, (0, 0), 1.5), np.float64)
    middle = max(float(upright[_MIDDLE].mean()), 1.0)
    edges = float(np.mean([upright[cheek].mean() for cheek in _CHEEKS]))
    return FaceShading(
        brightness=float(part.mean()),
        saturated=float((part >= _SATURATED).mean()),
        contrast=middle / max(_behind(grey, face.box), 1.0),
        relief=1.0 - edges / middle,
        texture=_texture(upright) / middle,
    )


def map_face(face: Face, affine: Affine, source: tuple[int, ...], target: tuple[int, ...]) -> Face:
    """Map a face to the picture of the partner, given the shapes of both pictures."""
    a, b, c, d, e, f = affine
    turn = np.array([[a, b], [d, e]])
    shift = np.array([c, f])
    from_ = np.array(source[1::-1], np.float64)
    to = np.array(target[1::-1], np.float64)

    def over(points: Points) -> Points:
        return np.asarray((points / from_ @ turn.T + shift) * to, np.float32)

    left, top, width, height = face.box
    corners = np.array([[left, top], [left + width, top], [left, top + height], [left + width, top + height]])
    moved = over(corners.astype(np.float32))
    (x, y) = moved.min(axis=0)
    (right, bottom) = moved.max(axis=0)
    return Face((float(x), float(y), float(right - x), float(bottom - y)), over(face.points), face.score)


def depth(points: Points, partners: Points) -> Floats:
    """Displacement of the nose, ``(2,)`` in eye distances, against the plane of eyes and mouth.

    Two views of a flat thing that is far in relation to its size differ by an affine transform.
    """
    ends = [0, 1, 3, 4]
    from_ = np.hstack([points.astype(np.float64), np.ones((5, 1))])
    transform, *_ = np.linalg.lstsq(from_[ends], partners[ends].astype(np.float64), rcond=None)
    return np.asarray((partners[2] - from_[2] @ transform) / max(eye_distance(partners), 1e-6), np.float64)


def eye_distance(points: Points) -> float:
    """Pixels between the eyes."""
    return float(np.hypot(*(points[1] - points[0])))


# Inside


def _belongs(aspects: tuple[float, float] | None, image: Image, grey: Image) -> bool:
    """Return whether both pictures have the aspect ratios of the calibration, and so the same view."""
    shapes = [picture.shape[1] / picture.shape[0] for picture in (image, grey)]
    return aspects is None or bool(np.allclose(shapes, aspects, rtol=_SAME_SHAPE))


def _position_cue(
    measurements: Sequence[InfraredMeasurement], settings: InfraredSettings
) -> LivenessReason | None:
    iou = [measured.iou for measured in measurements if measured.iou is not None]
    ratios = [measured.ratio for measured in measurements if measured.ratio is not None]
    if iou and np.median(iou) < settings.least_overlap:
        return LivenessReason.INFRARED_ELSEWHERE
    if ratios and not settings.eye_ratio[0] <= np.median(ratios) <= settings.eye_ratio[1]:
        return LivenessReason.INFRARED_SIZE
    return None


def _brightness_cue(shapes: Sequence[FaceShading], settings: InfraredSettings) -> LivenessReason | None:
    brightness = np.median([shape.brightness for shape in shapes])
    saturated = np.median([shape.saturated for shape in shapes])
    if brightness < settings.brightness[0]:
        return LivenessReason.INFRARED_DARK
    if brightness > settings.brightness[1] or saturated > settings.most_saturated:
        return LivenessReason.INFRARED_BRIGHT
    if np.median([shape.contrast for shape in shapes]) < settings.least_contrast:
        return LivenessReason.INFRARED_SURROUNDED
    return None


def _relief_cue(
    measurements: Sequence[InfraredMeasurement], shapes: Sequence[FaceShading], settings: InfraredSettings
) -> LivenessReason | None:
    relief = np.median([shape.relief for shape in shapes])
    texture = np.median([shape.texture for shape in shapes])
    if relief < settings.least_relief and settings.least_relief > 0:
        return LivenessReason.INFRARED_FLAT
    if texture < settings.least_texture:
        return LivenessReason.INFRARED_FLAT
    # The mean of many looks: points jump about by more than the nose stands out.
    depths = np.array([measured.depth for measured in measurements if measured.depth is not None])
    if np.hypot(*depths.mean(axis=0)) < settings.least_depth:
        return LivenessReason.INFRARED_PLANE
    return None


def _nearest(faces: Sequence[Face], carried: Face) -> Face | None:
    """Select the face that overlaps the mapped one most, or else the largest."""
    return max(faces, key=lambda face: (overlap(face.box, carried.box), face.area), default=None)


def _part(grey: Image, box: Box) -> Image:
    left, top, width, height = box
    return grey[
        max(0, round(top)) : max(0, round(top + height)), max(0, round(left)) : max(0, round(left + width))
    ]


def _behind(grey: Image, box: Box) -> float:
    """Median grey level of the background beside and above the head; below there are neck and shoulders."""
    left, top, width, height = box
    outer = (left - 0.7 * width, top - 0.5 * height, 2.4 * width, 1.2 * height)
    head = (left - 0.2 * width, top - 0.35 * height, 1.4 * width, 1.5 * height)
    outside = np.ones(grey.shape, np.uint8)
    _part(outside, head)[:] = 0
    around = _part(grey, outer)[_part(outside, outer) == 1]
    return float(np.median(around)) if around.size else 0.0


def _texture(upright: Floats) -> float:
    """Root mean square residual, in grey levels, of a second-order surface fitted to the oval."""
    (x0, y0), (across, down) = _OVAL
    rows, cols = np.mgrid[0 : UPRIGHT.side, 0 : UPRIGHT.side]
    x = (cols - x0) / across
    y = (rows - y0) / down
    inside = x**2 + y**2 <= 1
    x = x[inside]
    y = y[inside]
    light = upright[inside]
    terms = np.stack([np.ones_like(x), x, y, x * y, x**2, y**2], axis=1)
    found, *_ = np.linalg.lstsq(terms, light, rcond=None)
    return float(np.sqrt(np.mean((light - terms @ found) ** 2)))
