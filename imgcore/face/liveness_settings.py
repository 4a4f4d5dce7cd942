"""All thresholds of liveness detection."""

from __future__ import annotations

from dataclasses import dataclass

Affine = tuple[float, float, float, float, float, float]
"""``(a, b, c, d, e, f)``: x becomes ``a x + b y + c`` and y ``d x + e y + f``."""


@dataclass(frozen=True, slots=True)
class InfraredSettings:
    """Thresholds for an infrared partner. None of them was measured on people; see ``docs/faces.md``.

    Attributes
    ----------
    affine
        Map from colour to infrared, both in fractions of width and height, so that it holds at every size of
        the same field of view; None leaves out position and size of the face. From ``gaopai face calibrate``.
    aspects
        Width over height of the pictures that the affine was found with, in colour and in infrared. Cameras
        cut pictures of another shape out of another part of the sensor: place and size are then not compared.
        None compares them always.
    looks
        Samples, at least 1, taken with the emitter on before there is a verdict. If half of them or fewer
        show a face, it is a screen.
    least_overlap
        0..1, intersection over union of the face's box mapped from colour and the one in infrared.
    eye_ratio
        Least and most of the eye distance in infrared divided by that mapped from colour. It leaves room for
        the parallax of one calibration and for points that are 10 % off.
    unlit
        Grey level 0..255 of the 98th percentile of a frame below which the emitter was off.
    strobe
        0..1: a frame so dark in relation to the brightest of the window was taken between two flashes.
    brightness
        Least and most of the face's mean grey level, 0..255: below, noise dominates; above, relief is lost.
    most_saturated
        0..1, share of the face's pixels at 250 and more.
    least_contrast
        The face divided by the ring around it, both mean grey levels. The background of a head is farther
        from the emitter; around a printed face there is the same paper. 0 leaves it out.
    least_relief
        0..1, fall-off of brightness from the middle of the face to its sides, as the light of an emitter
        beside the lens falls off on something round. Flat things show 0 and less. 0 leaves it out.
    least_texture
        0..1, residual of a second-order surface fitted to the face's shading, in parts of its mean: noses and
        eye sockets are no such surface. 0 leaves it out.
    least_depth
        Displacement of the nose against the plane of eyes and mouth between the two cameras, in eye
        distances, mean of the window. 0, which is the default, leaves it out: it is a pixel or two and is
        known only after calibration.
    """

    affine: Affine | None = None
    aspects: tuple[float, float] | None = None
    looks: int = 3
    least_overlap: float = 0.4
    eye_ratio: tuple[float, float] = (0.8, 1.25)
    unlit: float = 20.0
    strobe: float = 0.5
    brightness: tuple[float, float] = (40.0, 220.0)
    most_saturated: float = 0.10
    least_contrast: float = 1.15
    least_relief: float = 0.12
    least_texture: float = 0.03
    least_depth: float = 0.0


@dataclass(frozen=True, slots=True)
class ActionSettings:
    """Thresholds of actions. Measured on the demo person; 62 photographs lie within +-0.29 of yaw.

    Attributes
    ----------
    straight
        Largest displacement of the nose, in eye distances, of somebody who looks ahead.
    turned
        Least change from there for a turn, in eye distances. 20 degrees are some 0.2; a print in a hand that
        is not still came to 0.08.
    shut
        0..1, upright edges of the eyes in relation to the person's own open ones that count as shut. Drawn
        eyes come to 0.35, those of a print in a hand never below 0.87.
    open
        0..1, likewise, from which they count as open again.
    steady
        Largest turn of the head meanwhile, in eye distances: turned eyes show less.
    blink_seconds
        Longest time from open to open.
    nearer
        Distance of the eyes in relation to that before, from which somebody has come nearer: from 60 cm to
        46 cm.
    """

    straight: float = 0.1
    turned: float = 0.14
    shut: float = 0.6
    open: float = 0.8
    steady: float = 0.12
    blink_seconds: float = 1.5
    nearer: float = 1.3


@dataclass(frozen=True, slots=True)
class LivenessSettings:
    """Thresholds of liveness detection over several samples.

    Attributes
    ----------
    threshold
        0..1, the least score of a live face. Measured on 16 attacks and 4 people; see ``docs/faces.md``.
    frames
        Samples, at least 1, before there is a verdict.
    window
        Number of newest samples that count, `frames` or more.
    min_face_width
        Pixels of the least face width: the nets see it at 30 px.
    away_seconds
        Seconds without a face after which the next one is somebody else.
    jump
        0..1, the intersection over union with the last box below which it is somebody else.
    bezel
        0..1, from which the rectangle around the face is a screen's or a sheet's: see
        `imgcore.face.attack_cues.bezel`. At most 0.68 was seen on 456 pictures of people. Above 1 is never.
    moire
        0..1, from which the pattern in the face is a screen's: see `imgcore.face.attack_cues.moire`.
        At most 0.45 was seen on 57 photographs, 0.65 on 399 small ones, enlarged. Above 1 is never.
    infrared
        Thresholds for cameras with an infrared partner.
    action
        Thresholds for sessions that ask for an action.
    """

    threshold: float = 0.7
    frames: int = 5
    window: int = 7
    min_face_width: float = 60.0
    away_seconds: float = 1.5
    jump: float = 0.2
    bezel: float = 0.85
    moire: float = 0.7
    infrared: InfraredSettings = InfraredSettings()
    action: ActionSettings = ActionSettings()


DEFAULTS = LivenessSettings()
"""Thresholds that hold unless others are given."""
