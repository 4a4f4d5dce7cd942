"""What an infrared partner of the colour camera tells about a face: whether it is there, lit, and round.

The emitter sits beside the lens. A screen emits no infrared, so that it shows no face; what is printed lies
in one plane with the paper around it; a head is round and nearer than what is behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.face.align import Template, align
from imgcore.face.detect import Box, Face, largest, overlap
from imgcore.face.liveness import Reason
from imgcore.face.liveness_settings import Affine, InfraredSettings
from imgcore.face.net import colour
from imgcore.types import Image, Points

Floats = npt.NDArray[np.float64]

UPRIGHT = Template(64, ((20.0, 22.0), (44.0, 22.0), (32.0, 36.0), (22.5, 48.0), (41.5, 48.0)))
"""Where relief is measured: 24 px between the eyes, so that a cheek's edge is some 26 px from the middle."""

_MIDDLE = (slice(12, 46), slice(25, 40))
_CHEEKS = ((slice(24, 46), slice(7, 13)), (slice(24, 46), slice(51, 57)))
_OVAL = ((32, 33), (23, 29))
"""Middle and half axes of the part of the face whose light is fitted."""
_SAME_SHAPE = 0.02
"""How much width over height may differ: sizes are rounded."""
_SATURATED = 250
_BRIGHT = 98.0
"""Percentile of a frame that tells whether the emitter was on: a few highlights do not."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a face is lit in infrared.

    Attributes
    ----------
    brightness
        Mean grey level of the box, 0..255.
    saturated
        0..1, share of its pixels at 250 and more.
    contrast
        The middle of the face divided by what is beside and above the head, both as grey levels.
    relief
        How much darker the edges of the cheeks are than the middle, at most 1, below 0 where brighter.
    texture
        What a surface of the second order leaves of the face's light, root mean square over the mean.
    """

    brightness: float
    saturated: float
    contrast: float
    relief: float
    texture: float


@dataclass(frozen=True, slots=True, eq=False)
class InfraredSight:
    """What one pair of pictures shows.

    Attributes
    ----------
    light
        Grey level of the frame's 98th percentile.
    shape
        None without a face, as the others.
    shared
        Intersection over union with the face in colour, carried over; None too without calibration.
    ratio
        The eyes' distance divided by the one carried over; None too without calibration.
    depth
        float64 ``(2,)``: by how many eye distances the nose is elsewhere than eyes and mouth, taken for a
        plane, make it.
    """

    light: float
    shape: Shape | None = None
    shared: float | None = None
    ratio: float | None = None
    depth: Floats | None = field(default=None, repr=False)


def see(
    seen: tuple[Image, Face], infrared: Image, faces: Sequence[Face], settings: InfraredSettings
) -> InfraredSight:
    """Measure one pair of pictures.

    Parameters
    ----------
    seen
        The picture in colour and the face in it.
    infrared
        The other picture, grey or BGR.
    faces
        Those in it.
    settings
        Of these, the affine and the shapes of pictures that it belongs to.

    Raises
    ------
    ImageError
        No picture.
    """
    grey = np.asarray(cv2.cvtColor(colour(infrared), cv2.COLOR_BGR2GRAY), np.uint8)
    light = float(np.percentile(grey[::4, ::4], _BRIGHT))
    image, face = seen
    carried = (
        carry(face, settings.affine, image.shape, grey.shape)
        if settings.affine is not None and _belongs(settings.aspects, image, grey)
        else None
    )
    partner = largest(faces) if carried is None else _nearest(faces, carried)
    if partner is None:
        return InfraredSight(light)
    return InfraredSight(
        light,
        measure(grey, partner),
        None if carried is None else overlap(partner.box, carried.box),
        None if carried is None else eye_distance(partner.points) / max(eye_distance(carried.points), 1e-6),
        depth(face.points, partner.points),
    )


def veto(sights: Sequence[InfraredSight], settings: InfraredSettings) -> Reason | None:
    """What speaks against life; None if nothing does.

    Parameters
    ----------
    sights
        Those that are lit, at least one; see `lit`.
    """
    shapes = [sight.shape for sight in sights if sight.shape is not None]
    if 2 * len(shapes) <= len(sights):
        return Reason.INFRARED_NO_FACE
    return _place(sights, settings) or _light(shapes, settings) or _form(sights, shapes, settings)


def lit(sights: Sequence[InfraredSight], settings: InfraredSettings) -> list[InfraredSight]:
    """Those that were taken while the emitter was on."""
    least = max(settings.unlit, settings.strobe * max((sight.light for sight in sights), default=0.0))
    return [sight for sight in sights if sight.light >= least]


def measure(grey: Image, face: Face) -> Shape:
    """How a face is lit in a grey picture."""
    part = _part(grey, face.box)
    if part.size == 0:
        return Shape(0.0, 0.0, 0.0, 0.0, 0.0)
    aligned = align(grey, face.points, UPRIGHT)[:, :, 0].astype(np.float64)
    upright = np.asarray(cv2.GaussianBlur(aligned, (0, 0), 1.5), np.float64)
    middle = max(float(upright[_MIDDLE].mean()), 1.0)
    edges = float(np.mean([upright[cheek].mean() for cheek in _CHEEKS]))
    return Shape(
        brightness=float(part.mean()),
        saturated=float((part >= _SATURATED).mean()),
        contrast=middle / max(_behind(grey, face.box), 1.0),
        relief=1.0 - edges / middle,
        texture=_texture(upright) / middle,
    )


def carry(face: Face, affine: Affine, source: tuple[int, ...], target: tuple[int, ...]) -> Face:
    """A face as it lies in the picture of the partner, given the shapes of both pictures."""
    a, b, c, d, e, f = affine
    turn, shift = np.array([[a, b], [d, e]]), np.array([c, f])
    from_, to = np.array(source[1::-1], np.float64), np.array(target[1::-1], np.float64)

    def over(points: Points) -> Points:
        return np.asarray((points / from_ @ turn.T + shift) * to, np.float32)

    left, top, width, height = face.box
    corners = np.array([[left, top], [left + width, top], [left, top + height], [left + width, top + height]])
    moved = over(corners.astype(np.float32))
    (x, y), (right, bottom) = moved.min(axis=0), moved.max(axis=0)
    return Face((float(x), float(y), float(right - x), float(bottom - y)), over(face.points), face.score)


def depth(points: Points, partners: Points) -> Floats:
    """By how many eye distances, ``(2,)``, the nose leaves the plane of eyes and mouth between two cameras.

    For what is flat and far in relation to its size, two views differ by an affine transform.
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
    """Whether both pictures have the shapes with which the affine was found, and so the same view."""
    shapes = [picture.shape[1] / picture.shape[0] for picture in (image, grey)]
    return aspects is None or bool(np.allclose(shapes, aspects, rtol=_SAME_SHAPE))


def _place(sights: Sequence[InfraredSight], settings: InfraredSettings) -> Reason | None:
    shared = [sight.shared for sight in sights if sight.shared is not None]
    ratios = [sight.ratio for sight in sights if sight.ratio is not None]
    if shared and np.median(shared) < settings.least_overlap:
        return Reason.INFRARED_ELSEWHERE
    if ratios and not settings.eye_ratio[0] <= np.median(ratios) <= settings.eye_ratio[1]:
        return Reason.INFRARED_SIZE
    return None


def _light(shapes: Sequence[Shape], settings: InfraredSettings) -> Reason | None:
    brightness = np.median([shape.brightness for shape in shapes])
    saturated = np.median([shape.saturated for shape in shapes])
    if brightness < settings.brightness[0]:
        return Reason.INFRARED_DARK
    if brightness > settings.brightness[1] or saturated > settings.most_saturated:
        return Reason.INFRARED_BRIGHT
    if np.median([shape.contrast for shape in shapes]) < settings.least_contrast:
        return Reason.INFRARED_SURROUNDED
    return None


def _form(
    sights: Sequence[InfraredSight], shapes: Sequence[Shape], settings: InfraredSettings
) -> Reason | None:
    relief = np.median([shape.relief for shape in shapes])
    texture = np.median([shape.texture for shape in shapes])
    if relief < settings.least_relief and settings.least_relief > 0:
        return Reason.INFRARED_FLAT
    if texture < settings.least_texture:
        return Reason.INFRARED_FLAT
    # The mean of many looks: points jump about by more than the nose stands out.
    depths = np.array([sight.depth for sight in sights if sight.depth is not None])
    if np.hypot(*depths.mean(axis=0)) < settings.least_depth:
        return Reason.INFRARED_PLANE
    return None


def _nearest(faces: Sequence[Face], carried: Face) -> Face | None:
    """The one that lies best where the face should be, the largest of those that do not at all."""
    return max(faces, key=lambda face: (overlap(face.box, carried.box), face.area), default=None)


def _part(grey: Image, box: Box) -> Image:
    left, top, width, height = box
    return grey[
        max(0, round(top)) : max(0, round(top + height)), max(0, round(left)) : max(0, round(left + width))
    ]


def _behind(grey: Image, box: Box) -> float:
    """Median grey level of what is beside and above the head; below there are a lit neck and shoulders."""
    left, top, width, height = box
    outer = (left - 0.7 * width, top - 0.5 * height, 2.4 * width, 1.2 * height)
    head = (left - 0.2 * width, top - 0.35 * height, 1.4 * width, 1.5 * height)
    outside = np.ones(grey.shape, np.uint8)
    _part(outside, head)[:] = 0
    around = _part(grey, outer)[_part(outside, outer) == 1]
    return float(np.median(around)) if around.size else 0.0


def _texture(upright: Floats) -> float:
    """Root mean square, in grey levels, of what a surface of the second order leaves of the oval."""
    (x0, y0), (across, down) = _OVAL
    rows, cols = np.mgrid[0 : UPRIGHT.side, 0 : UPRIGHT.side]
    x, y = (cols - x0) / across, (rows - y0) / down
    inside = x**2 + y**2 <= 1
    x, y, light = x[inside], y[inside], upright[inside]
    terms = np.stack([np.ones_like(x), x, y, x * y, x**2, y**2], axis=1)
    found, *_ = np.linalg.lstsq(terms, light, rcond=None)
    return float(np.sqrt(np.mean((light - terms @ found) ** 2)))
