"""A picture that is a page stays whole, and a document on a desk is cut out all the same."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from imgcore.models import Models
from imgcore.outline import (
    DocumentNets,
    Refusal,
    find,
    find_documents,
    find_outline_fast,
    find_page,
)
from imgcore.outline.judge import whole_page
from imgcore.outline.judge.whole_page import WholePageJudge, judge_whole_page
from imgcore.outline.overlap import overlap_coefficient
from imgcore.outline.propose.candidates import Proposal
from imgcore.pipeline import process
from imgcore.settings import Crop, Settings
from imgcore.types import Image
from synthetic.datasets.whole_pages import make_whole_page
from tests.fakes.paper import INK, PAGE, WORDS, Corners, desk, laid, overlap, page_on_desk, sheet, turned

PAPER = (240, 242, 244)


def page() -> Image:
    return np.full((440, 330, 3), PAPER, np.uint8)


def box(left: float, top: float, right: float, bottom: float) -> Corners:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


def printed(picture: Image, top: int, bottom: int) -> Image:
    """Print lines of small words."""
    for number, y in enumerate(range(top, bottom, 11)):
        line = " ".join(WORDS[(3 * number + place) % len(WORDS)] for place in range(6))
        cv2.putText(picture, line, (40, y), cv2.FONT_HERSHEY_SIMPLEX, 0.3, INK, 1, cv2.LINE_AA)
    return picture


def picture_in_text() -> tuple[Image, Corners]:
    picture = printed(page(), 40, 200)
    cv2.rectangle(picture, (60, 220), (270, 380), (90, 120, 60), -1)
    return picture, box(59.5, 219.5, 270.5, 380.5)


def blank_margins() -> tuple[Image, Corners]:
    return printed(page(), 120, 320), box(20, 90, 310, 345)


def certificate() -> tuple[Image, Corners]:
    picture = printed(page(), 120, 320)
    cv2.rectangle(picture, (25, 30), (305, 410), (60, 110, 60), 3)
    return picture, box(24, 29, 306, 411)


def folded_receipt() -> tuple[Image, Corners]:
    picture = desk(330, 440)
    picture[20:420, 100:230] = PAPER
    printed(picture[:, 70:230], 40, 190)
    picture[200:203, 100:230] = 190
    return picture, box(99.5, 19.5, 229.5, 200)


def window() -> tuple[Image, Corners]:
    picture = np.full((440, 330, 3), 30, np.uint8)
    picture[:40] = 90
    picture[40:, :70] = 60
    picture[46:300, 76:300] = 110
    for left, top, bottom in ((4, 60, 430), (84, 70, 290), (84, 334, 430)):
        for y in range(top, bottom, 14):
            cv2.putText(picture, "words on it", (left, y), cv2.FONT_HERSHEY_SIMPLEX, 0.3, (230, 230, 230), 1)
    return picture, box(75.5, 45.5, 299.5, 299.5)


PARTS: dict[Refusal, Callable[[], tuple[Image, Corners]]] = {
    Refusal.PRINT: picture_in_text,
    Refusal.BARE: blank_margins,
    Refusal.FRAME: certificate,
    Refusal.CONTINUED: folded_receipt,
    Refusal.DRAWN: window,
}


@pytest.mark.parametrize("reason", PARTS)
def test_a_part_of_a_page_is_refused(reason: Refusal) -> None:
    picture, quad = PARTS[reason]()
    assert judge_whole_page(picture, [quad])[0] is not None


@pytest.mark.parametrize("reason", [Refusal.PRINT, Refusal.FRAME, Refusal.CONTINUED])
def test_the_reason_is_what_speaks_most_against_a_document(reason: Refusal) -> None:
    picture, quad = PARTS[reason]()
    assert judge_whole_page(picture, [quad]) == [reason]


def test_several_figures_of_one_page_are_refused() -> None:
    picture = printed(page(), 40, 200)
    cv2.rectangle(picture, (40, 220), (150, 380), (90, 120, 60), -1)
    cv2.rectangle(picture, (180, 220), (290, 380), (60, 90, 120), -1)
    figures = [box(39.5, 219.5, 150.5, 380.5), box(179.5, 219.5, 290.5, 380.5)]
    assert None not in judge_whole_page(picture, figures)


def test_documents_on_a_desk_are_no_parts() -> None:
    assert judge_whole_page(page_on_desk(), [PAGE]) == [None]
    quads = [turned(170, 240, (150, 200), 3), turned(170, 240, (480, 240), -8)]
    assert judge_whole_page(laid(sheet(), quads[1], laid(sheet(), quads[0], desk())), quads) == [None, None]


def test_a_receipt_is_no_part_though_it_is_folded() -> None:
    picture, _ = folded_receipt()
    assert judge_whole_page(picture, [box(99.5, 19.5, 229.5, 419.5)]) == [None]


def test_a_page_goes_on_to_where_its_sides_end() -> None:
    picture, part = folded_receipt()
    page = box(99.5, 19.5, 229.5, 419.5)
    likely = [
        (part, True),
        (box(99.5, 19.5, 229.5, 205), True),
        (box(10, 300, 90, 390), False),
        (page, False),
    ]
    judge = WholePageJudge(picture, picture, np.ones(2), 1.5)
    found = judge.first(Proposal(quad, np.zeros(4, bool), 0.9, likely) for quad, likely in likely)
    assert found is not None
    assert overlap(found.outline.corners, page) > 0.98
    assert [refused.reason for refused in judge.refused] == [Refusal.CONTINUED]


def test_of_what_is_refused_no_part_is_tried() -> None:
    picture, quad = certificate()
    judge = WholePageJudge(picture, picture, np.ones(2), 1.5)
    quads = quad, box(60, 100, 280, 330), box(28, 34, 302, 406)
    assert judge.first(Proposal(it, np.zeros(4, bool), 0.9, True) for it in quads) is None
    assert len(judge.refused) == 1


def test_a_document_on_what_was_refused_is_none_of_its_parts() -> None:
    picture = page_on_desk()
    tray = box(40, 20, 620, 470)
    judge = WholePageJudge(picture, picture, np.ones(2), 1.5)
    proposals = [Proposal(quad, np.zeros(4, bool), 0.9, True) for quad in (tray, PAGE)]
    found = judge.first(proposals)
    assert [overlap(refused.outline.corners, tray) > 0.95 for refused in judge.refused] == [True]
    assert found is not None
    assert overlap(found.outline.corners, PAGE) > 0.95


def test_grey_pictures_are_judged_alike() -> None:
    picture, quad = picture_in_text()
    grey = np.ascontiguousarray(picture[:, :, 1])
    assert judge_whole_page(grey, [quad]) != [None]
    assert judge_whole_page(np.ascontiguousarray(page_on_desk()[:, :, 1]), [PAGE]) == [None]


@pytest.mark.parametrize("shape", [(16, 16), (16, 16, 3), (20, 400, 3), (400, 20)])
def test_no_size_crashes(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(5).integers(0, 256, shape, dtype=np.uint8)
    rows, cols = shape[:2]
    for quad in (box(0, 0, cols, rows), box(3, 3, 9, 9), box(-50, -50, 2 * cols, 2 * rows)):
        judge_whole_page(picture, [quad])


@pytest.mark.long
@pytest.mark.parametrize(("kind", "seed"), [("form", 41), ("album", 9), ("dark window", 33)])
def test_whole_pages_stay_whole(
    kind: str, seed: int, documents: DocumentNets, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = make_whole_page(seed, kind).picture
    found = find_page(picture), find_documents(picture, documents)
    assert [each.outlines for each in found] == [(), ()]
    assert all(each.refused and each.reason is each.refused[0].reason for each in found)
    assert find_outline_fast(picture) is None
    monkeypatch.setattr(whole_page, "judge_whole_page", lambda small, quads: [None] * len(quads))
    monkeypatch.setattr(find, "are_drawn", lambda image, quads: [False] * len(quads))
    trusted = find_page(picture).outlines
    assert trusted, "nothing was found that could have been refused"
    refused = found[0].refused[0].outline.corners
    taken = trusted[0].corners
    assert overlap_coefficient(refused.astype(float), taken.astype(float)) > 0.95


@pytest.mark.long
@pytest.mark.parametrize("crop", [Crop.SINGLE, Crop.MULTI])
def test_the_report_tells_what_was_refused(crop: Crop, documents: DocumentNets) -> None:
    picture = make_whole_page(41, "form").picture
    result = process(picture, Settings(crop=crop), models=Models(documents=documents))
    stage = next(stage for stage in result.report.stages if stage.name == "crop")
    assert not stage.applied
    refused = stage.values["refused"]
    assert refused and all(each["reason"] in list(Refusal) for each in refused)
    assert refused[0]["reason"] in stage.note
    np.testing.assert_array_equal(result.pictures[0], picture)
