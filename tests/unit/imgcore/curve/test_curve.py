"""Bent pages come out flat, flat ones as a crop would cut them, and books in two pages."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.quality.pages import compared, ms_ssim
from imgcore.crop import crop
from imgcore.curve.bend import toward_plane
from imgcore.curve.border import find_border, warp_to_border
from imgcore.curve.flatten import MARGIN, flatten
from imgcore.curve.grid import (
    VIEW,
    Grid,
    dense_rows,
    is_plausible,
    perspective_grid,
    remap_grid,
    transform_grid,
    widened,
)
from imgcore.curve.gutter import find_gutter, gutter_of
from imgcore.curve.page_view import page_view, text_corners, text_runs_down
from imgcore.curve.text_lines import is_level, level_text, shift_rows
from imgcore.outline import Finding, Refusal, RefusedOutline, find_outline_fast, find_page
from imgcore.types import Image, Outline
from synthetic.datasets.curled import Scene, curled_page, open_book, text_page
from tests.fakes.paper import PAGE, Corners, laid, page_on_desk, sheet, turned

SQUARE = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)


@pytest.fixture(scope="module")
def book() -> Scene:
    return open_book(np.random.default_rng(4), 1200)


@pytest.fixture(scope="module")
def curled() -> Scene:
    return curled_page(np.random.default_rng(1), 1200)


def likeness(truth: Image, page: Image) -> float:
    return ms_ssim(*compared(truth[:, :, 0], page))


# Grids ---------------------------------------------------------------------------------


def test_a_plane_grid_is_a_plane_at_every_pixel() -> None:
    corners = np.array([(10, 20), (110, 20), (110, 220), (10, 220)], np.float64) - 0.5
    places = dense_rows(widened(perspective_grid(corners), 100), 200, 0, 200)
    y, x = np.mgrid[20:220, 10:110]
    assert np.abs(places - np.stack([x, y], axis=2)).max() < 1e-3


def test_an_upright_rectangle_is_laid_flat_pixel_by_pixel() -> None:
    page = sheet()
    corners = np.array([(30, 40), (130, 40), (130, 190), (30, 190)], np.float64) - 0.5
    flat = remap_grid(page, perspective_grid(corners), (100, 150))
    assert np.abs(flat.astype(int) - page[40:190, 30:130]).max() <= 1


def test_a_folded_a_tiny_and_an_infinite_grid_are_not_sound() -> None:
    whole = perspective_grid(SQUARE * VIEW)
    assert is_plausible(whole)
    assert not is_plausible(whole[:, ::-1])
    assert not is_plausible(whole * np.float32(0.3))
    assert not is_plausible(np.where(whole > 300, np.float32(np.nan), whole))


# Borders -------------------------------------------------------------------------------


def test_a_grid_off_its_place_is_drawn_onto_the_sheet() -> None:
    corners = np.array([(120, 60), (500, 70), (510, 430), (110, 420)], np.float64)
    picture = page_on_desk(corners)
    off = perspective_grid(corners + np.array([5, -6]))
    border = find_border(picture, off, 15)
    assert min(border.clear) > 0.8
    assert border.rough < 0.5
    moved = warp_to_border(off, border, smoothly=True)
    assert np.abs(moved - perspective_grid(corners)).max() < 1.6


def test_where_nothing_is_seen_the_grid_stays() -> None:
    grid = perspective_grid(np.array([(20, 20), (80, 20), (80, 80), (20, 80)], np.float64))
    border = find_border(np.full((100, 100, 3), 200, np.uint8), grid, 10)
    assert border.clear == (0, 0, 0, 0)
    assert np.abs(warp_to_border(grid, border, smoothly=False) - grid).max() < 1e-4


def bowed(corners: Corners) -> Grid:
    """A grid on a plane sheet whose rows lie too low in its middle."""
    down = 2 * np.sin(np.pi * np.linspace(0, 1, 45))
    return shift_rows(perspective_grid(corners), np.repeat(down[:, None], 31, axis=1))


def waves() -> Grid:
    """Offsets of a grid whose sides are as rough as a crumpled sheet's."""
    across, down = (6 * np.sin(6 * np.pi * np.linspace(0, 1, count)) for count in (31, 45))
    return np.stack(np.broadcast_arrays(down[:, None], across[None]), axis=2).astype(np.float32)


def test_rows_are_shifted_to_those_of_the_nearest_plane() -> None:
    plane = perspective_grid(PAGE)
    bent = bowed(PAGE)
    assert np.abs(toward_plane(plane, 1.0) - plane).max() < 0.1
    assert np.abs(toward_plane(bent, 1.0) - plane).mean() < 0.7 * np.abs(bent - plane).mean()
    assert np.abs((toward_plane(bent, 1.0) - bent)[[0, -1]]).max() < 0.1


# Text lines ----------------------------------------------------------------------------


def waved(page: Image, by: float) -> tuple[Image, Grid]:
    """A page whose lines run along a wave, and the plane grid on it."""
    rows, cols = page.shape[:2]
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    down = by * np.sin(2 * np.pi * x / cols) * np.sin(np.pi * y / rows)
    bent = cv2.remap(page, x, y - down.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bent, np.uint8), perspective_grid(SQUARE * (cols, rows) - 0.5)


def test_waving_lines_become_level() -> None:
    page = sheet(700, 1000)
    bent, grid = waved(page, 10.0)
    for _ in range(2):
        grid = level_text(remap_grid(bent, grid, (700, 1000)), grid)
    assert likeness(page, bent) < 0.6
    assert likeness(page, remap_grid(bent, grid, (700, 1000))) > 0.85


def test_level_lines_stay() -> None:
    page = text_page(np.random.default_rng(1), 700, 1000)
    grid = perspective_grid(SQUARE * (700, 1000) - 0.5)
    assert np.abs(level_text(page, grid) - grid).max() < 1.5


def test_a_blank_page_stays() -> None:
    grid = perspective_grid(SQUARE * (700, 1000) - 0.5)
    assert np.abs(level_text(np.full((1000, 700), 240, np.uint8), grid) - grid).max() < 1e-3


def test_level_text_is_told_from_waves_and_from_blank_paper() -> None:
    page = text_page(np.random.default_rng(1), 700, 1000)
    assert is_level(page)
    assert not is_level(waved(page, 6.0)[0])
    assert not is_level(np.full((1000, 700), 240, np.uint8))


# Views ---------------------------------------------------------------------------------


def test_text_tells_which_way_it_runs() -> None:
    page = text_page(np.random.default_rng(1), 640, 640)
    assert not text_runs_down(page)
    assert text_runs_down(np.ascontiguousarray(np.rot90(page)))


def test_a_page_aslant_is_taken_by_its_text() -> None:
    desk = np.full((1000, 1000, 3), (60, 80, 90), np.uint8)
    corners = turned(480, 680, (500, 500), -42)
    picture = laid(sheet(600, 850), corners, desk)
    for start in range(4):
        # Whichever side a finder takes for the top: this one leaves text lines in two directions.
        seen = text_corners(picture, np.roll(corners, start, axis=0))
        assert start in (1, 2, 3) or np.allclose(seen, corners)
    assert np.allclose(text_corners(picture, np.roll(corners, 1, axis=0)), corners)


def test_a_view_tells_where_its_points_are_seen() -> None:
    corners = np.array([(120, 60), (500, 70), (510, 430), (110, 420)], np.float64)
    view = page_view(page_on_desk(corners), corners, 0.05)
    seen = view.map(corners)
    assert view.picture.shape == (VIEW[1], VIEW[0], 3)
    assert (seen >= 0).all()
    assert (seen < VIEW).all()
    inside = view.picture[356, 244].mean()
    outside = view.picture[4, 4].mean()
    assert inside > outside + 40


# Gutters -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_the_gutter_of_a_book_is_found_in_a_thumbnail(seed: int) -> None:
    scene = open_book(np.random.default_rng(100 + seed), 400)
    line = find_gutter(scene.picture)
    assert line is not None
    assert scene.gutter is not None
    at = (scene.gutter[:, 1] - line[0, 1]) / (line[1, 1] - line[0, 1])
    assert np.abs(line[0, 0] + at * (line[1, 0] - line[0, 0]) - scene.gutter[:, 0]).max() < 4


@pytest.mark.parametrize("scale", [1, 2])
def test_with_the_outline_known_the_same_gutter_is_found(scale: int) -> None:
    picture = open_book(np.random.default_rng(101), 400 * scale).picture
    thumbnail = picture if scale == 1 else open_book(np.random.default_rng(101), 400).picture
    outline = find_outline_fast(picture)
    line = gutter_of(picture, outline)
    whole = find_gutter(thumbnail)
    assert outline is not None
    assert line is not None
    assert whole is not None
    assert np.abs(line - whole * scale).max() < 4 * scale


@pytest.mark.parametrize("seed", range(4))
def test_a_single_page_has_no_gutter(seed: int) -> None:
    picture = curled_page(np.random.default_rng(seed), 400).picture
    assert find_gutter(picture) is None
    assert find_gutter(np.ascontiguousarray(np.rot90(picture))) is None


def test_a_bar_of_print_across_a_sideways_page_is_no_gutter() -> None:
    page = sheet(400, 280)
    page[:, 190:206] = (60, 30, 30)
    desk = np.full((400, 560, 3), (60, 80, 90), np.uint8)
    assert find_gutter(laid(page, turned(440, 308, (280, 200), 1), desk)) is None


def test_a_fold_across_a_sideways_page_is_no_gutter() -> None:
    page = np.ascontiguousarray(np.rot90(text_page(np.random.default_rng(3), 400, 566))).astype(np.float64)
    page *= 1 - 0.3 * np.exp(-np.abs(np.arange(566) - 290) / 14)[None, :, None]
    desk = np.full((480, 660, 3), (60, 80, 90), np.uint8)
    folded = laid(page.astype(np.uint8), turned(566, 400, (330, 240), 1), desk)
    assert find_gutter(folded) is None


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_a_fold_that_print_runs_across_is_no_gutter(scale: float) -> None:
    """A sheet that lies across and is folded in the middle; with margins there it may be a book."""
    wide = round(566 * scale)
    high = round(400 * scale)
    shade = 1 - 0.3 * np.exp(-np.abs(np.arange(wide) - 290 * scale) / (14 * scale))
    desk = np.full((round(480 * scale), round(660 * scale), 3), (60, 80, 90), np.uint8)
    at = turned(wide, high, (330 * scale, 240 * scale), 1)
    text = text_page(np.random.default_rng(3), wide, high)
    margins = text.copy()
    margins[:, round(265 * scale) : round(315 * scale)] = text.max()
    for print_runs_across, page in ((True, text), (False, margins)):
        folded = laid((page * shade[None, :, None]).astype(np.uint8), at, desk)
        assert (find_gutter(folded) is None) == print_runs_across


# Flattening ----------------------------------------------------------------------------


def test_a_flat_page_is_cut_as_a_crop_would() -> None:
    picture = page_on_desk()
    outline = find_page(picture).outline
    assert outline is not None
    done = flatten(picture)
    assert [each.method for each in done.sheets] == ["perspective"]
    assert np.array_equal(done.pages[0], crop(picture, outline.corners))


@pytest.mark.parametrize(("words", "asked"), [(True, 0), (False, 1)])
def test_only_a_flat_page_of_level_text_needs_no_net(words: bool, asked: int) -> None:
    page = text_page(np.random.default_rng(1), 700, 1000)
    desk = np.full((1200, 1000, 3), (60, 90, 120), np.uint8)
    picture = laid(page if words else np.full_like(page, 240), turned(700, 1000, (500, 600), 2), desk)
    views: list[Image] = []

    def net(view: Image) -> Grid:
        views.append(view)
        return perspective_grid((SQUARE + MARGIN) / (1 + 2 * MARGIN) * VIEW)

    assert [each.method for each in flatten(picture, net).sheets] == ["perspective"]
    assert len(views) == asked


def test_a_curled_page_comes_out_flat(curled: Scene) -> None:
    done = flatten(curled.picture)
    assert [each.method for each in done.sheets] == ["border"]
    outline = find_page(curled.picture).outline
    assert outline is not None
    assert likeness(curled.pages[0], done.pages[0]) > 0.75
    assert likeness(curled.pages[0], crop(curled.picture, outline.corners)) < 0.6


@pytest.mark.long
def test_a_book_gives_its_pages_from_left_to_right(book: Scene) -> None:
    done = flatten(book.picture)
    assert len(done.pages) == 2
    assert done.gutter is not None
    for truth, page in zip(book.pages, done.pages, strict=True):
        assert likeness(truth, page) > 0.7
    swapped = [likeness(truth, page) for truth, page in zip(book.pages, done.pages[::-1], strict=True)]
    assert max(swapped) < 0.6


@pytest.mark.long
def test_pages_of_a_book_follow_a_right_net(book: Scene) -> None:
    outline = find_page(book.picture).outline
    assert outline is not None
    sheets = flatten(book.picture).sheets
    line = gutter_of(book.picture, outline)
    assert line is not None
    (left_top, right_top, right_bottom, left_bottom) = outline.corners
    (top, bottom) = line
    halves = ([left_top, top, bottom, left_bottom], [top, right_top, right_bottom, bottom])
    matrices = [page_view(book.picture, np.array(half, np.float64), MARGIN).matrix for half in halves]
    answers = [
        np.asarray(sheet.grid @ matrix[:2, :2].T + matrix[:2, 2], np.float32)
        for sheet, matrix in zip(sheets, matrices, strict=True)
    ]
    done = flatten(book.picture, lambda _: answers.pop(0))
    assert [each.method for each in done.sheets] == ["net", "net"]
    for truth, page in zip(book.pages, done.pages, strict=True):
        assert likeness(truth, page) > 0.65


@pytest.mark.long
@pytest.mark.parametrize(("here", "there"), [((1, 2), (0, 3)), ((0, 3), (1, 2))])
def test_a_book_of_which_one_page_was_found_gives_both(
    book: Scene, here: tuple[int, int], there: tuple[int, int]
) -> None:
    whole = find_page(book.picture).outline
    assert whole is not None
    assert book.gutter is not None
    page = whole.corners.copy()
    page[list(here)] = book.gutter[[0, -1]]
    finding = Finding((Outline(page, 0.9),))
    mirrored = page.copy()
    mirrored[list(here)] = 2 * page[list(here)] - page[list(there)]
    view = page_view(book.picture, mirrored.astype(np.float64), MARGIN)
    # The net sees the spread, and no shape of its pages: their edges tell it.
    nothing = np.zeros((45, 31, 2), np.float32)
    answers = [perspective_grid(view.map(whole.corners.astype(np.float64))), nothing, nothing]
    done = flatten(book.picture, lambda _: answers.pop(0), finding)
    assert len(done.pages) == 2
    for truth, flat in zip(book.pages, done.pages, strict=True):
        assert likeness(truth, flat) > 0.65
    assert len(flatten(book.picture, lambda _: nothing, finding).pages) == 1


@pytest.mark.long
def test_a_right_net_is_followed(curled: Scene) -> None:
    outline = find_page(curled.picture).outline
    assert outline is not None
    matrix = page_view(curled.picture, outline.corners.astype(np.float64), MARGIN).matrix
    grid = flatten(curled.picture).sheets[0].grid
    seen = np.asarray(grid @ matrix[:2, :2].T + matrix[:2, 2], np.float32)
    done = flatten(curled.picture, lambda view: seen)
    assert [each.method for each in done.sheets] == ["net"]
    assert likeness(curled.pages[0], done.pages[0]) > 0.75


@pytest.mark.long
@pytest.mark.parametrize(
    ("reason", "bent", "flattened"),
    [(Refusal.BARE, True, True), (Refusal.PRINT, True, False), (Refusal.BARE, False, False)],
)
def test_a_bent_sheet_refused_for_its_chord_is_flattened(
    reason: Refusal, bent: bool, flattened: bool
) -> None:
    """Of a bent side the chord lies on bare paper; a refused page that is flat is a part of a page."""
    scene = curled_page(np.random.default_rng(13), 700)
    outline = find_page(scene.picture).outline
    assert outline is not None
    view = page_view(scene.picture, outline.corners.astype(np.float64), MARGIN)
    grid = flatten(scene.picture).sheets[0].grid
    seen = np.asarray(grid @ view.matrix[:2, :2].T + view.matrix[:2, 2], np.float32)
    flat = perspective_grid(view.map(outline.corners.astype(np.float64)))
    # The whole picture comes first: there the net sees nothing.
    answers = [np.zeros((45, 31, 2), np.float32), seen if bent else flat]
    finding = Finding((), (RefusedOutline(outline, reason),))
    done = flatten(scene.picture, lambda _: answers.pop(0), finding)
    assert [each.method for each in done.sheets] == (["net"] if flattened else [])
    if flattened:
        assert likeness(scene.pages[0], done.pages[0]) > 0.7


@pytest.mark.long
@pytest.mark.parametrize(("seen", "whole"), [(True, True), (False, False)])
def test_a_sheet_that_goes_on_past_its_outline_is_looked_for_in_the_whole_picture(
    seen: bool, whole: bool
) -> None:
    """A bar of print may pass for the edge of a sheet: the net's page then comes to the rim of its view."""
    scene = curled_page(np.random.default_rng(13), 700)
    outline = find_page(scene.picture).outline
    assert outline is not None
    top_left, top_right, bottom_right, bottom_left = outline.corners.astype(np.float64)
    cut = np.array(
        [(2 * top_left + bottom_left) / 3, (2 * top_right + bottom_right) / 3, bottom_right, bottom_left]
    )
    near = page_view(scene.picture, cut, MARGIN).map(cut)
    near[:2, 1] = 3
    rows, cols = scene.picture.shape[:2]
    view = page_view(scene.picture, SQUARE * (cols, rows) - 0.5, 0.05)
    grid = flatten(scene.picture).sheets[0].grid
    truth = np.asarray(grid @ view.matrix[:2, :2].T + view.matrix[:2, 2], np.float32)
    answers = [perspective_grid(near), truth if seen else np.zeros_like(truth)]
    part = Finding((Outline(cut.astype(np.float32), 0.8),), ())
    page = flatten(scene.picture, lambda _: answers.pop(0), part).pages[0]
    assert (likeness(scene.pages[0], page) > 0.7) == whole


@pytest.mark.long
def test_a_sheet_on_which_lines_are_level_is_preferred(
    curled: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inside of a net's page lies too low, where its border is right."""
    outline = find_page(curled.picture).outline
    assert outline is not None
    view = page_view(curled.picture, outline.corners.astype(np.float64), MARGIN)
    right = flatten(curled.picture).sheets[0].grid
    across, down = np.meshgrid(np.linspace(0, 1, 31), np.linspace(0, 1, 45))
    low = 40 * np.sin(np.pi * across) * np.sin(np.pi * down)
    bowed = right + np.stack([np.zeros_like(low), low], axis=2)
    seen = np.asarray(bowed @ view.matrix[:2, :2].T + view.matrix[:2, 2], np.float32)

    def apart() -> float:
        grid = flatten(curled.picture, lambda _: seen).sheets[0].grid
        return float(np.linalg.norm(grid - right, axis=2).mean())

    chosen = apart()
    monkeypatch.setattr("imgcore.curve.flatten.level_deviation", lambda _: np.inf)
    assert chosen < 0.8 * apart()


def test_rows_of_a_crumpled_sheet_are_drawn_to_its_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page_on_desk()
    view = page_view(picture, PAGE, MARGIN)
    seen = transform_grid(bowed(PAGE), view.matrix) + waves()
    # The sheet in the picture is flat, and would be cut out as it is.
    monkeypatch.setattr("imgcore.curve.flatten.border_bend", lambda *_: 9.0)
    found = Finding((Outline(PAGE.astype(np.float32), 0.8),), ())

    def apart() -> float:
        grid = flatten(picture, lambda _: seen, found).sheets[0].grid
        return float(np.linalg.norm(grid - perspective_grid(PAGE), axis=2).mean())

    drawn = apart()
    monkeypatch.setattr("imgcore.curve.flatten._PLANE", 0.0)
    assert drawn < 0.9 * apart()


def test_a_grid_off_the_edge_is_looked_for_again_in_a_view_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page_on_desk()
    truth = perspective_grid(PAGE)
    view = page_view(picture, PAGE, MARGIN)
    first = transform_grid(truth, view.matrix) + waves()
    seen = transform_grid(first, np.asarray(np.linalg.inv(view.matrix), np.float64))
    around = np.concatenate([seen[[0, 0, -1, -1], [0, -1, -1, 0]], seen.reshape(-1, 2)])
    right = transform_grid(truth, page_view(picture, around.astype(np.float64), 0.05).matrix)
    monkeypatch.setattr("imgcore.curve.flatten.border_bend", lambda *_: 9.0)
    found = Finding((Outline(PAGE.astype(np.float32), 0.8),), ())

    def apart(*answers: Grid) -> float:
        left = list(answers)
        grid = flatten(picture, lambda _: left.pop(0), found).sheets[0].grid
        return float(np.linalg.norm(grid - truth, axis=2).mean())

    assert apart(first, right) < 0.5 * apart(first, right + waves())


@pytest.mark.parametrize(
    "wrong",
    [
        np.full((45, 31, 2), np.nan, np.float32),
        np.zeros((45, 31, 2), np.float32),
        np.ascontiguousarray(perspective_grid(SQUARE * VIEW)[::-1]),
        perspective_grid(SQUARE * (200, 300)),
    ],
)
def test_a_net_that_sees_no_page_or_another_is_not_followed(curled: Scene, wrong: Grid) -> None:
    done = flatten(curled.picture, lambda view: wrong)
    assert [each.method for each in done.sheets] == ["border"]


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (20, 20), (15, 400), (64, 64), (300, 17)])
@pytest.mark.parametrize("depth", [(), (3,)])
def test_pictures_without_a_page_come_back(shape: tuple[int, int], depth: tuple[int, ...]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (*shape, *depth), np.uint8)
    before = noise.copy()
    whole = perspective_grid(SQUARE * VIEW)
    for done in (flatten(noise), flatten(noise, lambda view: whole)):
        assert done.pages[0].size
    assert find_gutter(noise) is None
    assert np.array_equal(noise, before)


def test_an_empty_desk_comes_back_as_it_is() -> None:
    desk = np.full((480, 640, 3), (60, 80, 90), np.uint8)
    done = flatten(desk, lambda view: perspective_grid(SQUARE * (400, 600) + 40))
    assert done.sheets == ()
    assert done.pages[0] is desk


def test_grey_is_laid_flat_too(curled: Scene) -> None:
    grey = np.asarray(cv2.cvtColor(curled.picture, cv2.COLOR_BGR2GRAY), np.uint8)
    done = flatten(grey)
    assert done.pages[0].ndim == 2
    assert likeness(curled.pages[0], done.pages[0]) > 0.7
