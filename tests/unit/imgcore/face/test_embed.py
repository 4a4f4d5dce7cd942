"""Unit vectors, and what their cosines mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.face import AlignmentTemplate, Calibration, Embedder, embed, similarity
from tests.unit.imgcore.face.nets import POINTS, face

CALIBRATION = Calibration(0.3794, 12.0)
TEMPLATE = AlignmentTemplate(16, tuple((16 * x, 16 * y) for x, y in POINTS))


def _unit(angle: float) -> npt.NDArray[np.float32]:
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


@pytest.mark.parametrize(("cosine", "expected"), [(0.3794, 0.5), (0.45, 0.7), (0.562, 0.9)])
def test_a_similarity_is_that_of_the_calibration(cosine: float, expected: float) -> None:
    assert similarity(_unit(0), _unit(np.arccos(cosine)), CALIBRATION) == pytest.approx(expected, abs=2e-3)


def test_a_similarity_stays_within_its_range() -> None:
    assert similarity(_unit(0), _unit(0), CALIBRATION) > 0.999
    assert 0 < similarity(_unit(0), _unit(np.pi), CALIBRATION) < 1e-6


@pytest.mark.parametrize(("rgb", "expected"), [(False, (10, 20, 30)), (True, (30, 20, 10))])
def test_the_net_gets_the_colours_in_its_order(rgb: bool, expected: tuple[int, ...]) -> None:
    seen: list[npt.NDArray[np.float32]] = []

    def net(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        seen.append(values)
        return [values.mean((2, 3)).reshape(1, 3, 1, 1)]

    picture = np.full((50, 50, 3), (10, 20, 30), np.uint8)
    vector = embed(picture, face(10, 10, 30, 30), Embedder(net, TEMPLATE, rgb, CALIBRATION))
    assert seen[0].shape == (1, 3, 16, 16)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(vector / vector[1], np.array(expected) / 20, rtol=1e-5)
