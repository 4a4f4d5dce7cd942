"""Several documents on one desk: rows, touching ones, a desk drawn for the benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.several import matches
from imgcore.outline import DocumentNets, find_documents
from imgcore.outline.overlap import PairwiseOverlap, iou, overlap_coefficient
from synthetic.datasets.tabletops import make_desk
from synthetic.scene.layout import LAYOUTS
from tests.fakes.paper import desk, laid, overlap, sheet, turned

WIDE = (1280, 960)


@pytest.mark.long
def test_twelve_slips_are_found_each_in_reading_order(documents: DocumentNets) -> None:
    quads = [
        turned(150, 250, (180 + 300 * column, 170 + 310 * row), 4 * (column - row))
        for row in range(3)
        for column in range(4)
    ]
    picture = desk(*WIDE)
    for quad in quads:
        picture = laid(sheet(), quad, picture)
    outlines = find_documents(picture, documents).outlines
    assert len(outlines) == len(quads)
    for outline, quad in zip(outlines, quads, strict=True):
        assert overlap(outline.corners, quad) > 0.85


@pytest.mark.long
def test_of_made_desks_where_documents_touch_more_than_half_are_found(documents: DocumentNets) -> None:
    desks = [make_desk(30 + seed, "touching", 4, (1024, 768)) for seed in range(4)]
    finds = [
        [outline.corners for outline in find_documents(desk.picture, documents).outlines] for desk in desks
    ]
    right = sum(matches(found, desk.quads) for found, desk in zip(finds, desks, strict=True))
    assert right > 0.5 * sum(len(desk.quads) for desk in desks)
    assert right > 0.5 * sum(len(found) for found in finds)


@pytest.mark.long
@pytest.mark.parametrize("layout", LAYOUTS)
def test_made_desks_are_seeded_and_hold_what_they_say(layout: str) -> None:
    one, other = (make_desk(7, layout, 5, (640, 480)) for _ in range(2))
    np.testing.assert_array_equal(one.picture, other.picture)
    assert 1 <= len(one.quads) <= 5
    touching = max(
        (overlap_coefficient(a, b) for number, a in enumerate(one.quads) for b in one.quads[:number]),
        default=0.0,
    )
    assert touching <= (0.16 if layout == "overlapping" else 0.02)


def test_a_find_counts_once() -> None:
    square = np.array([(0, 0), (9, 0), (9, 9), (0, 9)], float)
    assert matches([square], [square, square]) == 1
    assert matches([square + 3], [square]) == 0


def test_packing_compares_as_pairs_do() -> None:
    quads = np.random.default_rng(2).uniform(0, 60, (9, 1, 2)) + np.array([turned(40, 25, (0, 0), 20)])
    overlaps = PairwiseOverlap(quads)
    for one in range(len(quads)):
        for other in range(one):
            assert overlaps.iou(one, other) == pytest.approx(iou(quads[one], quads[other]), abs=1e-4)
            assert overlaps.overlap_coefficient(one, other) == pytest.approx(
                overlap_coefficient(quads[one], quads[other]), abs=1e-4
            )
