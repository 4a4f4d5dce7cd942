"""Two cameras calibrated by made pairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from imgcore.face import Face, InfraredSettings
from imgcore.face import infrared as chain
from imgcore.face.pair_calibration import CalibrationFailed, FacePairSample, calibrate_pair
from synthetic.faces import VERGENCE, Pose, Sitter
from tests.unit.imgcore.face.sitters import drawn_face

COLOUR = np.full((720, 1280, 3), 120, np.uint8)
INFRARED = Sitter(640, 480).infrared(Pose())
PARTNER = drawn_face(640, 480, Pose(yaw=VERGENCE))
TRUE = (1.25, 0.0, -0.1, 0.0, 0.9375, 0.05)
"""Of pixels: scale 0.625, moved by (-64, 24)."""


def _pair(x: float, y: float, scale: float, noise: float = 0.0) -> FacePairSample:
    """Somebody at this place of the colour picture, and where infrared then shows them."""
    rng = np.random.default_rng(int(x))
    shape = drawn_face(640, 480)
    points = (shape.points - shape.points.mean(axis=0)) * scale + (x, y)
    points = points + rng.normal(0, noise, points.shape)
    left, top = points.min(axis=0) - 20 * scale
    right, bottom = points.max(axis=0) + 20 * scale
    face = Face((left, top, right - left, bottom - top), points.astype(np.float32), 0.9)
    return FacePairSample(COLOUR, face, INFRARED, chain.map_face(face, TRUE, COLOUR.shape, INFRARED.shape))


PLACES = [
    (400, 300, 1.0),
    (500, 330, 1.2),
    (640, 280, 1.6),
    (760, 400, 1.1),
    (880, 350, 0.8),
    (620, 460, 1.4),
]


def test_the_affine_is_found_and_holds_at_every_size() -> None:
    found = calibrate_pair([_pair(*place, noise=1.0) for place in PLACES])
    assert found.settings.affine == pytest.approx(TRUE, abs=0.02)
    assert found.settings.aspects == (1.7778, 1.3333)
    assert (found.pairs, found.agreeing) == (6, 1.0)
    assert found.least_overlap > 0.85
    assert found.moved > 1
    assert found.settings.affine is not None
    half = chain.map_face(_pair(400, 300, 1.0).face, found.settings.affine, (720, 1280, 3), (240, 320))
    full = chain.map_face(_pair(400, 300, 1.0).face, found.settings.affine, (720, 1280, 3), (480, 640))
    assert half.points * 2 == pytest.approx(full.points, abs=1e-3)


def test_a_stranger_in_one_picture_does_not_spoil_it() -> None:
    pairs = [_pair(*place) for place in PLACES]
    stranger = FacePairSample(COLOUR, _pair(200, 200, 0.7).face, INFRARED, PARTNER)
    found = calibrate_pair([*pairs, stranger])
    assert found.settings.affine == pytest.approx(TRUE, abs=0.02)
    assert found.agreeing == pytest.approx(6 / 7)


def test_thresholds_leave_a_margin_below_what_the_person_showed() -> None:
    shown = chain.measure(INFRARED[:, :, 0], PARTNER)
    pairs = [FacePairSample(COLOUR, drawn_face(640, 480), INFRARED, PARTNER)] * 4
    assert calibrate_pair(pairs).weak == ()
    settings = calibrate_pair(pairs).settings
    measurements = [
        chain.measure_pair((COLOUR, pair.face), pair.infrared, [pair.partner], settings) for pair in pairs
    ]
    assert chain.infrared_attack(measurements, settings) is None
    assert settings.least_relief == pytest.approx(shown.relief / 2)
    assert 1 < settings.least_contrast < shown.contrast
    assert settings.brightness == InfraredSettings().brightness
    # What a calibration does not find out stays.
    kept = InfraredSettings(looks=5, least_depth=0.01)
    assert (calibrate_pair(pairs, kept).settings.looks, calibrate_pair(pairs, kept).settings.least_depth) == (
        5,
        0.01,
    )


def test_a_print_makes_weak_thresholds_and_is_told() -> None:
    sheet = np.full((480, 640), 150, np.uint8)
    found = calibrate_pair([FacePairSample(COLOUR, drawn_face(640, 480), sheet, PARTNER)] * 4)
    assert found.weak == ("least_contrast", "least_relief", "least_texture")


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (
            [*(_pair(*place) for place in PLACES), replace(_pair(*PLACES[0]), colour=COLOUR[:, :960])],
            "differ in shape",
        ),
        ([_pair(*place) for place in PLACES[:3]], "of 3 pairs only, and it takes 4"),
        (
            [
                replace(_pair(*place), partner=_pair(*other).partner)
                for place, other in zip(PLACES, reversed(PLACES), strict=True)
            ],
            "of the points agree",
        ),
    ],
    ids=["sizes", "few", "mixed"],
)
def test_what_proves_nothing_is_refused(pairs: list[FacePairSample], said: str) -> None:
    with pytest.raises(CalibrationFailed, match=said):
        calibrate_pair(pairs)
