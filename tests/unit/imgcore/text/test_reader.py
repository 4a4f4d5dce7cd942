"""Pages are read: with nets that only pretend, and with the real ones where they are here."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.text import TextReader, read_document
from imgcore.text.crops import levelled, slope_of
from imgcore.text.detection import detect_lines
from imgcore.types import ImageError
from synthetic.documents.text_pages import make_text_page
from tests.fakes.text import printed, real_reader

pytestmark = pytest.mark.long

CHARSET = ("x",)


def drawn(*boxes: tuple[tuple[float, float], tuple[float, float], float]) -> Any:
    """A detector that sees these rectangles, of OpenCV's form."""

    def run(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        mask = np.zeros(values.shape[2:], np.float32)
        for box in boxes:
            cv2.fillPoly(mask, [cv2.boxPoints(box).astype(np.int32)], 1.0)
        return [mask[None, None]]

    return run


def sure(score: float = 0.9, narrow: float | None = None) -> Any:
    """A recogniser that reads an x in every line; with another score in lines narrower than its first."""

    def run(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        widths.extend([values.shape[3]] * len(values))
        answer = np.zeros((len(values), 4, 3), np.float32)
        answer[:, 0, 1] = score if narrow is None or values.shape[3] >= widths[0] else narrow
        return [answer]

    widths: list[int] = []
    run.widths = widths  # type: ignore[attr-defined]
    return run


def test_a_line_is_larger_than_it_is_drawn_and_clockwise_from_its_top_left() -> None:
    picture = np.zeros((320, 640, 3), np.uint8)
    (corners,) = detect_lines(drawn(((320, 160), (300, 20), 5)), picture, 640).lines
    assert cv2.contourArea(corners) > 300 * 20
    first, second, third, fourth = corners
    assert first[0] < second[0] and first[1] < fourth[1] and second[1] < third[1]
    assert np.degrees(np.arctan2(*(second - first)[::-1])) == pytest.approx(5, abs=1)


def test_lines_lie_in_pixels_of_a_picture_that_was_reduced() -> None:
    picture = np.zeros((1280, 2560, 3), np.uint8)
    (corners,) = detect_lines(drawn(((320, 160), (300, 20), 0)), picture, 640).lines
    assert corners.mean(axis=0) == pytest.approx([1280, 640], abs=4)


def test_specks_and_faint_places_are_no_lines() -> None:
    faint = lambda values: [0.35 * drawn(((320, 160), (300, 20), 0))(values)[0]]  # noqa: E731
    picture = np.zeros((320, 640, 3), np.uint8)
    assert detect_lines(faint, picture, 640).lines == []
    assert detect_lines(drawn(((320, 160), (2, 1), 0)), picture, 640).lines == []


def test_blank_parts_are_not_shown_to_the_net_and_lines_lie_where_they_are() -> None:
    """Margins and wide gaps between rows of print are most of a form."""
    picture = np.full((1280, 960, 3), 255, np.uint8)
    for top in (100, 1100):
        cv2.rectangle(picture, (200, top), (700, top + 20), (0, 0, 0), -1)
    shapes = []

    def dark(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        shapes.append(values.shape[2:])
        return [np.asarray(values.mean(axis=1, keepdims=True) < 0, np.float32)]

    lines = detect_lines(dark, picture, 1280).lines
    assert np.prod(shapes[0]) < 0.2 * 1280 * 960
    centres = sorted(tuple(corners.mean(axis=0)) for corners in lines)
    assert np.allclose(centres, [(450, 110), (450, 1110)], atol=2)
    noisy = np.random.default_rng(0).integers(0, 255, picture.shape, np.uint8)
    detect_lines(dark, noisy, 1280)
    assert shapes[1] == (1280, 960)


def test_a_careful_reader_reads_lines_at_their_full_width_and_another_those_it_is_unsure_of() -> None:
    picture = np.zeros((320, 640, 3), np.uint8)
    line = drawn(((320, 160), (500, 20), 0))
    usual = sure()
    careful = sure()
    unsure = sure(0.6)
    TextReader(line, usual, CHARSET).read(picture)
    TextReader(line, careful, CHARSET).read(picture, careful=True)
    assert len(usual.widths) == len(careful.widths) == 1
    assert careful.widths[0] > 1.2 * usual.widths[0]
    TextReader(line, unsure, CHARSET).read(picture)
    assert unsure.widths == usual.widths + careful.widths


def test_long_lines_of_a_clear_page_are_squeezed_and_doubtful_ones_read_again() -> None:
    picture = np.zeros((960, 640, 3), np.uint8)
    page = drawn(*(((320, 60 + 60 * row), (500, 20), 0) for row in range(14)))
    doubtful = sure()
    certain = sure(0.99)
    unsure_if_narrow = sure(0.99, narrow=0.9)
    assert len(TextReader(page, doubtful, CHARSET).read(picture)) == 14
    usual = doubtful.widths[0]
    assert doubtful.widths == [usual] * 14
    TextReader(page, certain, CHARSET).read(picture)
    # Seven of the fourteen are tried first.
    narrow = min(certain.widths)
    assert narrow < 0.7 * usual and sorted(certain.widths) == [narrow] * 7 + [usual] * 7
    TextReader(page, unsure_if_narrow, CHARSET).read(picture)
    assert sorted(unsure_if_narrow.widths) == [narrow] * 7 + [usual] * 14


def test_what_cannot_be_read_is_no_text() -> None:
    picture = np.zeros((320, 640, 3), np.uint8)
    line = drawn(((320, 160), (100, 20), 0))
    assert TextReader(line, sure(0.3), CHARSET).read(picture) == []


@pytest.mark.parametrize("shape", [(0, 0, 3), (5, 5, 4), (5,), (2, 5, 5, 3)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError):
        TextReader(drawn(), sure(), CHARSET).read(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(1, 1), (1, 900, 3), (900, 1), (3, 3, 3)])
def test_tiny_pictures_have_no_text(shape: tuple[int, ...]) -> None:
    reader = TextReader(drawn(), sure(), CHARSET)
    assert reader.read(np.zeros(shape, np.uint8)) == [] == read_document(reader, np.zeros(shape, np.uint8))


@pytest.mark.parametrize(("language", "layout"), [("zh", "form"), ("ja", "vertical"), ("en", "prose")])
def test_made_pages_are_read(language: Any, layout: str) -> None:
    page = make_text_page(7, language, layout, (1000, 700))
    lines = real_reader().read(page.picture, careful=True)
    true = "".join("".join(line.text.split()) for line in page.lines)
    got = "".join("".join(line.text.split()) for line in lines)
    shared = sum((np.unique(list(true)) == letter).any() for letter in got)
    assert abs(len(got) - len(true)) < 0.05 * len(true) and shared > 0.95 * len(got)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_may_lie_any_way_up(quarters: int) -> None:
    page = make_text_page(5, "en", "prose", (900, 700)).picture
    lines = real_reader().read(np.ascontiguousarray(np.rot90(page, quarters)))
    whole = " ".join(line.text for line in lines)
    assert sum(word in whole for word in ("the", "of", "and")) >= 2
    edges = np.sum([line.corners[1] - line.corners[0] for line in lines], axis=0)
    along = [(1, 0), (0, -1), (-1, 0), (0, 1)][quarters]
    assert edges @ along > 0.99 * np.hypot(*edges)


def test_a_part_of_a_line_lies_where_its_letters_are() -> None:
    (line,) = real_reader().read(printed("Number 12345"))
    start = line.text.index("12345")
    left = line.part(start, start + 5)[:, 0].min()
    right = line.part(start, start + 5)[:, 0].max()
    dark = np.flatnonzero(printed("Number 12345").min(axis=(0, 2)) < 128)
    gap = dark[np.argmax(np.diff(dark)) + 1]
    assert abs(left - gap) < 40 and abs(right - dark[-1]) < 40


@pytest.mark.parametrize("degrees", [20, 70, -45])
def test_text_far_from_level_is_turned_and_lies_where_it_is(degrees: float) -> None:
    page = printed("SEVENTY DEGREES", "IS NEARLY UPRIGHT", "BUT NOT DOWNWARDS", "AS THIS IS READ")
    turned, matrix = levelled(page, degrees)
    found = real_reader().read(turned)
    wanted = {line.text: line for line in real_reader().read(page)}
    assert len(found) == 4
    for line in found:
        corners = wanted[line.text].corners @ matrix[:, :2].T + matrix[:, 2]
        # Boxes of letters that are 70 pixels high differ by some.
        assert np.abs(line.corners - corners).max() < 16


def test_lines_without_a_direction_have_no_slope() -> None:
    boxes = [cv2.boxPoints(((400, 100), (300, 20), angle)).astype(np.float32) for angle in (30, -40, 80, 10)]
    assert slope_of(boxes) == 0.0 and slope_of(boxes[:1] * 2) == 0.0
    assert slope_of(boxes[:1] * 3) == pytest.approx(30, abs=0.1)
    upright = [cv2.boxPoints(((400, 100), (300, 20), 88)).astype(np.float32)] * 3
    assert slope_of(upright) == 0.0


def test_small_pictures_are_read_enlarged_and_lie_where_they_are() -> None:
    small = cv2.resize(printed("SMALL"), None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    (line,) = real_reader().read(small)
    assert line.text == "SMALL"
    assert 0 < line.corners[:, 0].min() < 60 and 15 < line.corners[:, 1].mean() < 50
