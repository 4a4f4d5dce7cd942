"""The nets themselves, on pictures of people where a developer has both."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.face import (
    Embedder,
    LivenessNet,
    LivenessVerdict,
    Net,
    detect,
    embed,
    similarity,
    still_liveness,
)
from lab.photographs import SHARED
from models.locate import ModelMissing
from models.manifest import load_manifest
from server.services.faces.onnx_engine import load_detector, load_embedder, load_liveness_nets
from synthetic.faces import Sitter, pose

FACES = SHARED / "data" / "face"


KNOWN = load_manifest()


@pytest.fixture(scope="module", params=["yunet-n", "yunet-s"])
def detector(request: pytest.FixtureRequest) -> Net:
    try:
        return load_detector(model=KNOWN[request.param])
    except ModelMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module", params=["reid-0095", "dlib-resnet-v1"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    try:
        return load_embedder(model=KNOWN[request.param])
    except ModelMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def nets() -> tuple[LivenessNet, ...]:
    try:
        return load_liveness_nets()
    except ModelMissing as missing:
        pytest.skip(str(missing))


def _picture(path: Path) -> npt.NDArray[np.uint8]:
    picture = cv2.imread(str(path))
    if picture is None:
        pytest.skip(f"there are no pictures of people: {path.name} is not in the folder GAOPAI_SHARED names")
    return np.asarray(picture, np.uint8)


def test_a_drawn_person_is_found_and_stays_the_same_one(detector: Net, embedder: Embedder) -> None:
    sitter = Sitter(640, 480)
    vectors = []
    for step in (0, 40, 80):
        picture = sitter.colour(pose(step))
        (face,) = detect(picture, detector)
        assert 100 < face.box[2] < 200
        vectors.append(embed(picture, face, embedder))
    for one, other in combinations(vectors, 2):
        assert similarity(one, other, embedder.calibration) >= 0.7


def test_people_are_told_apart(detector: Net, embedder: Embedder) -> None:
    vectors = []
    for person in ("s1", "s2", "s3"):
        for number in (1, 5):
            picture = _picture(FACES / "orl" / person / f"{number}.pgm")
            (face,) = detect(picture, detector)
            vectors.append((person, embed(picture, face, embedder)))
    for (one, first), (other, second) in combinations(vectors, 2):
        assert (similarity(first, second, embedder.calibration) >= 0.7) == (one == other)


def test_a_portrait_of_a_card_matches_a_larger_picture(detector: Net, embedder: Embedder) -> None:
    vectors = []
    for number, size in ((1, (102, 126)), (5, (552, 672))):
        picture = np.asarray(cv2.resize(_picture(FACES / "orl" / "s1" / f"{number}.pgm"), size), np.uint8)
        (face,) = detect(picture, detector)
        vectors.append(embed(picture, face, embedder))
    assert similarity(*vectors, embedder.calibration) >= 0.7


@pytest.mark.parametrize("name, expected", [
    ("minivision-ai_image_T1.jpg", LivenessVerdict.LIVE),
    ("minivision-ai_image_F2.jpg", LivenessVerdict.NOT_LIVE),
])  # fmt: skip
def test_a_print_is_not_alive(
    name: str, expected: LivenessVerdict, detector: Net, nets: tuple[LivenessNet, ...]
) -> None:
    picture = _picture(FACES / "live" / name)
    (face,) = detect(picture, detector)
    assert still_liveness(picture, face, nets).verdict is expected


def test_noise_has_no_face(detector: Net) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    assert detect(noise, detector) == []
