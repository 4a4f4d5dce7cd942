"""Pages are found where they lie, empty desks hold none, nothing crashes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.outline import (
    DocumentNets,
    Finding,
    find_documents,
    find_outline_fast,
    find_page,
    track_outline,
)
from imgcore.outline.finding import reading_order
from imgcore.outline.overlap import iou
from imgcore.outline.propose.lines import with_border
from imgcore.outline.propose.quads import enumerate_quads, with_own_lines
from imgcore.rotate import rotate
from imgcore.types import Image, Outline
from lab.photographs import load_photographs
from synthetic.datasets.tabletops import make_scene
from tests.extent import extent
from tests.fakes.paper import PAGE, Corners, desk, laid, overlap, page_on_desk, sheet, turned

SMALL = (640, 480)
Finders = dict[str, Callable[[Image], object]]


@pytest.fixture(scope="module")
def finders(documents: DocumentNets) -> Finders:
    several = partial(_found, find=partial(find_documents, nets=documents))
    return {"one": partial(_found, find=find_page), "fast": find_outline_fast, "several": several}


def _found(picture: Image, find: Callable[[Image], Finding]) -> tuple[Outline, ...]:
    return find(picture).outlines


@pytest.mark.long
@given(st.floats(-180, 180), st.floats(0.55, 1.0), st.integers(-60, 60))
@settings(max_examples=10)
def test_a_page_is_found_at_any_angle(
    documents: DocumentNets, degrees: float, scale: float, shift: int
) -> None:
    corners = turned(240 * scale, 339 * scale, (320 + shift, 240), degrees)
    outline = find_page(laid(sheet(), corners, desk()), documents).outline
    assert outline is not None
    assert overlap(outline.corners, corners) > 0.97
    assert 0.5 <= outline.score <= 1


def test_corners_are_clockwise_from_the_documents_top_left() -> None:
    outline = find_page(page_on_desk()).outline
    assert outline is not None
    assert outline.corners.dtype == np.float32
    np.testing.assert_allclose(outline.corners, PAGE, atol=1.5)


@pytest.mark.parametrize("clockwise", [90, 180, 270])
def test_turning_the_picture_turns_the_outline(clockwise: int) -> None:
    picture = page_on_desk()
    outline = find_page(rotate(picture, clockwise)).outline
    assert outline is not None
    assert overlap(outline.corners, turned_points(PAGE, clockwise, picture)) > 0.97


def turned_points(points: Corners, clockwise: int, picture: Image) -> Corners:
    rows, cols = picture.shape[:2]
    for _ in range(clockwise // 90):
        points = np.column_stack([rows - 1 - points[:, 1], points[:, 0]])
        rows, cols = cols, rows
    return points


def test_the_preview_sees_about_the_same() -> None:
    outline = find_outline_fast(page_on_desk())
    assert outline is not None
    assert overlap(outline.corners, PAGE) > 0.93


@pytest.mark.parametrize("shift", [(0, 0), (2.5, -1.5), (-3, 3)])
def test_a_page_is_followed_from_frame_to_frame(shift: tuple[float, float]) -> None:
    before = find_outline_fast(page_on_desk())
    moved = PAGE + np.array(shift)
    after = track_outline(page_on_desk(moved), before)
    assert after is not None
    # As exact as the finder, whose corners carry the page's own soft edges.
    assert np.abs(after.corners - before.corners - shift).max() < 0.3


def test_a_page_that_went_is_not_followed() -> None:
    before = find_outline_fast(page_on_desk())
    assert before is not None
    assert track_outline(page_on_desk(PAGE + 60), before) is None
    assert track_outline(np.full((480, 640, 3), 80, np.uint8), before) is None
    assert track_outline(np.full((9, 9), 80, np.uint8), before) is None


@pytest.mark.long
def test_an_empty_desk_holds_nothing_almost_always(documents: DocumentNets) -> None:
    """A rim or a mat is taken for a page on one desk in fifty, for one of several on one in ten."""
    pictures = [make_scene(700 + seed, 0, SMALL).picture for seed in range(extent(12, 40))]
    few, some = extent((1, 2), (2, 6))
    assert sum(find_page(picture).outline is not None for picture in pictures) <= few
    assert sum(find_outline_fast(picture) is not None for picture in pictures) <= few
    assert sum(find_documents(picture, documents).outlines != () for picture in pictures) <= some


@pytest.mark.long
def test_made_pages_are_found_almost_always() -> None:
    scenes = [make_scene(92 + seed, 1, SMALL) for seed in range(12)]
    found = [(find_page(scene.picture).outline, scene.quads[0]) for scene in scenes]
    right = [outline is not None and overlap(outline.corners, quad) > 0.9 for outline, quad in found]
    assert sum(right) >= 10


@pytest.mark.parametrize("name", ["one", "fast", "several"])
@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 30000), (30000, 1, 3), (16, 16), (16, 16, 3), (15, 400), (17, 2000, 3), (64, 64)]
)
def test_no_size_crashes(name: str, finders: Finders, shape: tuple[int, ...]) -> None:
    find = finders[name]
    picture = np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)
    before = picture.copy()
    find(picture)
    find(np.full(shape, 128, np.uint8))
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("name", ["one", "fast", "several"])
def test_one_colour_holds_nothing(name: str, finders: Finders) -> None:
    assert not finders[name](np.full((300, 400, 3), 200, np.uint8))


def test_grey_pictures_have_outlines_too() -> None:
    picture = np.ascontiguousarray(page_on_desk()[:, :, 1])
    outline = find_page(picture).outline
    assert outline is not None
    assert overlap(outline.corners, PAGE) > 0.97


def box(left: float, top: float) -> Outline:
    corners = np.array([(0, 0), (40, 0), (40, 50), (0, 50)]) + np.array((left, top))
    return Outline(corners.astype(np.float32), 1.0)


def test_documents_come_in_reading_order_though_rows_are_uneven() -> None:
    boxes = [box(0, 4), box(50, 0), box(100, 9), box(5, 70), box(60, 64)]
    shuffled = [boxes[place] for place in (4, 2, 0, 3, 1)]
    assert list(reading_order(shuffled)) == boxes


def slips() -> tuple[Image, list[Corners]]:
    """Two pages and a slip, a finger's breadth apart."""
    quads = [
        turned(170, 240, (110, 150), 3),
        turned(110, 250, (300, 170), -8),
        turned(170, 240, (500, 200), 2),
    ]
    picture = desk()
    for quad in quads:
        picture = laid(sheet(), quad, picture)
    return picture, quads


def test_several_documents_are_found_each_and_nothing_else(documents: DocumentNets) -> None:
    picture, quads = slips()
    outlines = find_documents(picture, documents).outlines
    assert len(outlines) == len(quads)
    for outline, quad in zip(outlines, quads, strict=True):
        assert overlap(outline.corners, quad) > 0.95


def test_two_pages_side_by_side_are_not_one_spread(documents: DocumentNets) -> None:
    picture = np.full((480, 640, 3), 40, np.uint8)
    quads = [turned(240, 360, (160 + 320 * column, 240), 0) for column in range(2)]
    for quad in quads:
        picture = laid(sheet(), quad, picture)
    assert [
        round(float(overlap(o.corners, q)), 1)
        for o, q in zip(find_documents(picture, documents).outlines, quads, strict=True)
    ] == [1, 1]


def test_a_single_page_is_one_document(documents: DocumentNets) -> None:
    (outline,) = find_documents(page_on_desk(), documents).outlines
    assert overlap(outline.corners, PAGE) > 0.97


@pytest.mark.long
def test_of_many_small_documents_most_finds_are_right(documents: DocumentNets) -> None:
    right = wrong = there = 0
    for seed in range(6):
        scene = make_scene(900 + seed, 3 + seed % 3, SMALL)
        found = find_documents(scene.picture, documents).outlines
        hits = [max(overlap(outline.corners, quad) for quad in scene.quads) > 0.85 for outline in found]
        right = right + sum(hits)
        wrong = wrong + len(hits) - sum(hits)
        there = there + len(scene.quads)
    assert right >= 0.4 * there
    assert wrong <= 0.2 * there


@pytest.mark.long
@pytest.mark.parametrize("side", [800, 1600, 2400])
def test_a_page_is_found_at_any_size_of_its_photograph(side: int) -> None:
    """White paper on a white desk, and a page with a dark bar, which is a region's border too."""
    hard = ("04777_color.jpg", "13668_bright.jpg")
    photographs = [each for each in load_photographs(side) if each.name in hard]
    if not photographs:
        pytest.skip("no photographs with known corners")
    for photograph in photographs:
        outline = find_page(photograph.picture).outline
        assert outline is not None
        assert iou(outline.corners.astype(float), photograph.quad) > 0.95


@pytest.mark.parametrize("degrees", [-55.0, -32.0, 32.0, 40.0])
def test_a_sheet_that_leaves_the_picture_aslant_is_among_the_candidates(degrees: float) -> None:
    shape = (480, 640)
    half = np.array([320.0, 240.0])
    corners = turned(300, 120, (40, 240), degrees) - half
    edges = np.roll(corners, -1, axis=0) - corners
    normals = np.column_stack([-edges[:, 1], edges[:, 0]]) / np.linalg.norm(edges, axis=1)[:, None]
    distances = (normals * corners).sum(axis=1)
    inside = int(corners[:, 0].argmax())
    seen = [k for k in range(4) if k not in _sides_beyond(corners, -half[0])]
    lines = with_border(np.column_stack([normals, distances])[seen], shape)
    quads = enumerate_quads(lines, shape)
    cut = [quad for quad in quads.corners if np.isclose(quad, corners[inside], atol=1e-6).all(axis=1).any()]
    assert any(np.isclose(quad[:, 0], -half[0]).sum() == 2 for quad in cut)


def _sides_beyond(corners: Corners, left: float) -> list[int]:
    """Sides both ends of which lie beyond the picture's left border."""
    return [k for k in range(4) if max(corners[k, 0], corners[(k + 1) % 4, 0]) < left]


def test_a_quadrilateral_two_corners_of_which_lie_on_one_of_the_pictures_has_no_line_for_that_side() -> None:
    whole = np.array([(-40, -30), (40, -30), (40, 30), (-40, 30)], np.float64)
    pinched = np.array([(-99, -49), (-98, -49), (40, 30), (-40, 30)], np.float64)
    quads, lines = with_own_lines(np.stack([whole, pinched]), (100, 200))
    assert len(quads) == 1
    assert np.abs(lines.table).max() < 1000
