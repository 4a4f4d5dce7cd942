"""Pictures come out as the checked-in ones; renew those with ``python -m tests.golden.renew``."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from imgcore import codec
from imgcore.types import Image
from tests.fakes.paper import sheet
from tests.golden.cases import EXPECTED, produce
from tests.golden.comparator import difference

NAMES = sorted(path.stem for path in EXPECTED.glob("*.jpg"))


@pytest.fixture(scope="module")
def produced() -> dict[str, Image]:
    return produce()


def test_each_case_has_its_picture(produced: dict[str, Image]) -> None:
    assert sorted(produced) == NAMES
    assert max(path.stat().st_size for path in EXPECTED.iterdir()) < 100_000


@pytest.mark.parametrize("name", NAMES)
def test_it_looks_as_expected(name: str, produced: dict[str, Image]) -> None:
    expected = codec.decode((EXPECTED / f"{name}.jpg").read_bytes(), 1 << 20)
    assert difference(produced[name], expected) == ""


# The comparator itself -------------------------------------------------------------------


def warped(picture: Image, matrix: list[list[float]]) -> Image:
    size = (picture.shape[1], picture.shape[0])
    warp = np.array(matrix, np.float64)
    return np.asarray(cv2.warpAffine(picture, warp, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def rotated(picture: Image) -> Image:
    rows, cols = picture.shape[:2]
    return warped(picture, cv2.getRotationMatrix2D((cols / 2, rows / 2), 0.5, 1).tolist())


def paler(picture: Image) -> Image:
    return np.rint(255 - (255 - picture.astype(float)) * 0.8).astype(np.uint8)


WRONG: dict[str, Callable[[Image], Image]] = {
    "shifted right": lambda picture: warped(picture, [[1, 0, 1], [0, 1, 0]]),
    "shifted down": lambda picture: warped(picture, [[1, 0, 0], [0, 1, 1]]),
    "rotated": rotated,
    "paler": paler,
    "darker": lambda picture: np.asarray(picture * 0.98, np.uint8),
    "mirrored": lambda picture: np.ascontiguousarray(picture[:, ::-1]),
    "without its seal": lambda picture: np.where(picture[:, :, 2:] > 150, np.uint8(240), picture),
    "one line gone": lambda picture: cv2.rectangle(picture.copy(), (30, 200), (270, 212), (240,) * 3, -1),
    "grey": lambda picture: np.ascontiguousarray(picture[:, :, 1]),
    "smaller": lambda picture: np.ascontiguousarray(picture[:-2]),
    "blank": lambda picture: np.full_like(picture, 240),
}


@pytest.mark.parametrize("kind", WRONG)
def test_the_comparator_refuses_what_looks_different(kind: str) -> None:
    page = sheet()
    assert difference(WRONG[kind](page), page) != ""


def test_the_comparator_accepts_rounding_and_a_row_less() -> None:
    page = sheet()
    noise = np.random.default_rng(1).integers(-2, 3, page.shape)
    assert difference(np.clip(page + noise, 0, 255).astype(np.uint8), page) == ""
    finer = warped(page, [[1, 0, 0.1], [0, 1, 0.1]])
    assert difference(finer, page) == ""
