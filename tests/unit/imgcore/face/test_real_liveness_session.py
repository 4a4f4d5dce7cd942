"""The demo person and what shall pass for one, through the real nets where a developer has them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np
import pytest

from imgcore.face import (
    Action,
    FaceSample,
    LivenessNet,
    LivenessReason,
    LivenessSession,
    LivenessVerdict,
    Net,
    detect,
)
from imgcore.face.detect import LIVE_SIDE
from imgcore.types import Image
from models.locate import ModelMissing
from server.devices.adapters.demo.face_camera import SCENES
from server.services.faces.onnx_engine import load_detector, load_liveness_nets

FPS = 15.0
Nets = tuple[Net, tuple[LivenessNet, ...]]


@pytest.fixture(scope="module")
def nets() -> Nets:
    try:
        return load_detector(), load_liveness_nets()
    except ModelMissing as missing:
        pytest.skip(str(missing))


@cache
def _moment(scene: str, step: int) -> tuple[Image, Image]:
    """Colour and infrared, with the noise of sensors."""
    noise = np.random.default_rng(step)
    return tuple(
        np.asarray(cv2.add(picture, noise.normal(0, 3, picture.shape).astype(np.int16), dtype=cv2.CV_8U))
        for picture in (see(640, 480)(step) for see in SCENES[scene])
    )  # type: ignore[return-value]


def _looks(scene: str, steps: range, detector: Net) -> Iterator[FaceSample]:
    for step in steps:
        colour, infrared = _moment(scene, step)
        found = [detect(picture, detector, LIVE_SIDE) for picture in (colour, infrared)]
        yield FaceSample(colour, found[0], step / FPS, infrared, found[1])


@pytest.mark.long
@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("scene", "paired", "said"),
    [
        ("", False, LivenessReason.REACHES),
        ("", True, LivenessReason.REACHES),
        ("phone screen", False, LivenessReason.BEZEL),
        ("phone screen", True, LivenessReason.INFRARED_NO_FACE),
        ("print", False, LivenessReason.BEZEL),
        ("print", True, LivenessReason.INFRARED_SURROUNDED),
    ],
)
def test_the_demo_person_is_alive_and_pictures_of_it_are_not(
    scene: str, paired: bool, said: LivenessReason, nets: Nets
) -> None:
    detector, nets = nets
    session = LivenessSession(nets, paired=paired)
    answers = [session.add(sample) for sample in _looks(scene, range(6, 27, 2), detector)]
    assert {answer.reason for answer in answers[4:]} == {said}


@pytest.mark.long
@pytest.mark.parametrize(
    ("action", "steps"),
    [
        (Action.BLINK, range(66, 80)),
        (Action.TURN_LEFT, range(0, 30, 2)),
        (Action.TURN_RIGHT, range(60, 90, 2)),
    ],
)
def test_the_demo_person_does_what_is_asked_and_a_still_does_not(
    action: Action, steps: range, nets: Nets
) -> None:
    detector, nets = nets
    live = LivenessSession(nets, actions=[action])
    assert [live.add(sample) for sample in _looks("", steps, detector)][-1].verdict is LivenessVerdict.LIVE
    still_liveness = LivenessSession(nets, actions=[action])
    (sample,) = _looks("", range(60, 61), detector)
    said = [still_liveness.add(FaceSample(sample.image, sample.faces, number / FPS)) for number in range(12)]
    assert said[-1].verdict is LivenessVerdict.CANNOT_TELL
