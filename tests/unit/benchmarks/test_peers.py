"""Peers are asked the right way: an angle of the wrong sign would make them look bad, and us good."""

from __future__ import annotations

from unittest.mock import Mock

import cv2
import numpy as np
import pytest

from benchmarks.quality import peers
from benchmarks.quality.binarization_metrics import score
from imgcore.types import Image
from synthetic.documents.pages import make_page


def _ruled(degrees: float) -> Image:
    """A page of thick lines with straight margins, which all of them can tell, turned counter-clockwise."""
    page = np.full((900, 640, 3), 255, np.uint8)
    for row in range(120, 780, 24):
        page[row : row + 10, 100:540] = 0
    turn = cv2.getRotationMatrix2D((320, 450), degrees, 1)
    return np.asarray(cv2.warpAffine(page, turn, (640, 900), borderValue=(255, 255, 255)), np.uint8)


def _installed(name: str) -> None:
    if not peers.is_installed(name):
        pytest.skip(f"{name} is not installed: {peers.INSTALL[name]}")


def _package(name: str) -> str:
    """The one in brackets, or the name itself."""
    return name.partition("(")[2].rstrip(")") or name


@pytest.mark.long
@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", ["jdeskew", "deskew", "Radon (scikit-image)", "unpaper"])
@pytest.mark.parametrize("degrees", [-3.0, 3.0])
def test_a_finder_sees_which_way_a_page_is_turned(name: str, degrees: float) -> None:
    _installed(_package(name))
    found = peers.skew_finders()[name](_ruled(degrees))
    assert found == pytest.approx(degrees, abs=1)


@pytest.mark.parametrize(
    "name",
    [
        *(f"{name} (doxapy)" for name in peers.THRESHOLDS),
        "Sauvola (scikit-image)",
        "unpaper",
    ],
)
def test_a_threshold_makes_dark_ink_of_a_clean_page(name: str) -> None:
    _installed(_package(name))
    page = make_page(0, (620, 877))
    bilevel = peers.binarizers()[name](page.picture)
    assert set(np.unique(bilevel)) <= {0, 255}
    assert bilevel.shape == page.ink.shape
    # Otsu, which a page without shadows suits, shows what can be had from this drawing of it.
    can = score(peers.otsu(page.picture) < 128, page.ink).f
    assert score(bilevel < 128, page.ink).f > can - 15


def test_a_page_of_lines_comes_out_as_a_grey_page_and_nothing_as_it_was() -> None:
    _installed("page-dewarp")
    flat = peers.flatteners()["page-dewarp"]
    assert flat(_ruled(2)).ndim == 2
    blank = np.full((400, 300, 3), 200, np.uint8)
    assert np.array_equal(flat(blank), blank)


@pytest.mark.long
def test_a_program_that_asks_for_too_much_is_stopped_and_nobody_else() -> None:
    with pytest.raises(MemoryError), peers._memory(1 << 28):
        np.ones(1 << 26)
    assert np.ones(1 << 26).all()


def test_every_peer_that_is_asked_for_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "is_installed", lambda _: True)
    monkeypatch.setattr(peers, "import_module", lambda _: Mock())
    assert list(peers.binarizers()) == list(peers.BINARIZERS)
    assert list(peers.skew_finders()) == list(peers.SKEW_FINDERS)


def test_without_any_the_benchmarks_measure_ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "is_installed", lambda _: False)
    assert peers.skew_finders() == peers.flatteners() == {}
    assert list(peers.binarizers()) == ["Otsu (OpenCV)"]
