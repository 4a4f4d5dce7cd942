"""Evidence is finite for any picture, says what it measures, and its score knows every measure."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.outline.judge.scores import USUAL, page_log_odds
from imgcore.outline.measure.page_evidence import NAMES, measure_evidence
from tests.fakes.paper import PAGE, Corners, page_on_desk, turned


def of(name: str, picture: np.ndarray, quad: Corners) -> float:
    corners = np.asarray(quad, np.float64)
    return float(measure_evidence(picture, [corners])[0, NAMES.index(name)])


@pytest.mark.parametrize("shape", [(16, 16), (16, 16, 1), (20, 400, 3), (300, 220, 3)])
def test_evidence_is_finite(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(5).integers(0, 256, shape, dtype=np.uint8)
    rows, cols = shape[:2]
    whole = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float64) - 0.5
    for quad in (whole, whole / 3 + 4, 3 * whole - 40):
        evidence = measure_evidence(picture, [quad, quad])
        assert evidence.shape == (2, len(NAMES))
        assert np.isfinite(evidence).all()
        assert np.isfinite(page_log_odds(evidence)).all()


def test_a_sheet_on_a_desk_has_clear_sides() -> None:
    picture = page_on_desk()
    assert of("bare_side", picture, PAGE) < 0.1
    assert of("weakest_step", picture, PAGE) > 1.5
    middle = PAGE.mean(axis=0)
    assert of("bare_side", picture, middle + 0.97 * (PAGE - middle)) > of("bare_side", picture, PAGE)


def test_a_step_is_of_the_colours_on_both_sides() -> None:
    picture = np.full((300, 400, 3), 100, np.uint8)
    picture[50:250, 60:340] = 160
    quad = np.array([(59.5, 49.5), (339.5, 49.5), (339.5, 249.5), (59.5, 249.5)])
    expected = np.log1p(np.sqrt(3) * 60 / 6)
    assert of("step", picture, quad) == pytest.approx(expected, abs=0.05)
    assert of("brighter", picture, quad) == pytest.approx(60 / 50, abs=0.05)
    assert of("visible", picture, quad) == 1


def test_an_edge_follows_a_sheet_up_to_its_corners_and_no_disc() -> None:
    sheet, disc = (np.full((300, 400, 3), 100, np.uint8) for _ in range(2))
    cv2.rectangle(sheet, (60, 50), (339, 249), (160, 160, 160), -1)
    cv2.ellipse(disc, (200, 150), (140, 100), 0, 0, 360, (160, 160, 160), -1)
    quad = np.array([(59.5, 49.5), (339.5, 49.5), (339.5, 249.5), (59.5, 249.5)])
    for name, least in (("followed", 0.9), ("end", 0.9), ("agreed", 0.9)):
        assert of(name, sheet, quad) > least
        assert of(name, disc, quad) < 0.6


def test_sides_along_another_document_do_not_count() -> None:
    picture = np.full((300, 400, 3), 100, np.uint8)
    picture[50:250, 60:340] = 160
    left, right = (
        np.array([(x, 49.5), (x + 140, 49.5), (x + 140, 249.5), (x, 249.5)]) for x in (59.5, 199.5)
    )
    evidence = measure_evidence(picture, [left, right])
    assert evidence[:, NAMES.index("visible")].tolist() == [0.75, 0.75]
    assert evidence[:, NAMES.index("followed")].min() > 0.9


def test_edges_along_the_sides_are_told_from_others() -> None:
    quad = turned(140, 100, (200, 150), 0)
    found = []
    for degrees in (0, 45):
        picture = np.full((300, 400, 3), 200, np.uint8)
        for at in ((60, 50), (340, 50), (60, 250), (340, 250)):
            cv2.fillPoly(picture, [np.rint(turned(50, 50, at, degrees)).astype(np.int32)], (20, 20, 20))
        found.append(of("aligned", picture, quad))
    assert found[0] > 0.8
    assert found[1] < -0.5


def test_what_is_usual_for_documents_counts_as_one() -> None:
    assert page_log_odds(USUAL[None])[0] > 2
