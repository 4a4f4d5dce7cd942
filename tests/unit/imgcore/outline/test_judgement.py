"""Documents that no search trusts by itself are found by all that is known, and a page stays whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.outline import DocumentNets, Refusal, find_documents, find_page
from imgcore.outline.judge import judgement, whole_page
from imgcore.outline.judge.judgement import (
    NAMES,
    JointMeasures,
    certain_page,
    document_log_odds,
    judge,
    likeliest,
)
from imgcore.outline.propose.candidates import Proposal
from imgcore.outline.propose.segmentation import CELL, DocumentMaps
from imgcore.outline.scene import Scene, differing
from imgcore.types import Image
from lab.page_shares import kept
from synthetic.datasets.whole_pages import make_whole_page
from tests.fakes.paper import PAGE, Corners, desk, overlap, page_on_desk

View = Callable[[npt.NDArray[np.float32]], Sequence[npt.NDArray[np.float32]]]


def proposal(corners: Corners, score: float = 0.1, likely: bool = False) -> Proposal:
    return Proposal(corners.astype(np.float64), np.zeros(4, bool), score, likely)


def viewing(*odds: float) -> View:
    """Net that gives each find its odds, as it is and mirrored."""

    def told(views: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        return [np.tile(np.resize(np.array(odds, np.float32), len(views) // 2), 2)]

    return told


def inner(share: float) -> Corners:
    middle = PAGE.mean(axis=0)
    return np.asarray(middle + share * (PAGE - middle))


def scene_of(picture: Image, documents: DocumentNets, searches: dict[str, list[Proposal]]) -> Scene:
    scene = Scene(picture, documents)
    for name in ("by_lines", "by_coarse_lines", "by_regions", "by_segmentation"):
        setattr(scene, name, searches.get(name, []))
    return scene


def test_few_of_each_search_are_proposed_and_none_twice(documents: DocumentNets) -> None:
    lines = [proposal(PAGE + shift) for shift in (0.0, 0.5, 20.0, 40.0, 60.0, 80.0)]
    regions = [proposal(PAGE), proposal(PAGE + 100)]
    scene = scene_of(page_on_desk(), documents, {"by_lines": lines, "by_regions": regions})
    np.testing.assert_array_equal(
        [each.corners - PAGE for each in scene.proposals()],
        [np.full((4, 2), shift) for shift in (0.0, 20.0, 40.0, 60.0, 100.0)],
    )
    assert differing([]) == []


def test_a_document_has_higher_odds_than_its_parts_and_the_desk(documents: DocumentNets) -> None:
    scene = Scene(page_on_desk(), documents)
    assert scene.segmented is not None
    maps = scene.segmented.net_maps
    measures = JointMeasures(scene.reduced, maps)
    corners, rows, kept_ = measures.cheap(np.array([PAGE, inner(0.6), inner(1.1)]))
    assert rows.shape == (3, len(NAMES)) and kept_.tolist() == [0, 1, 2]
    rows[:, 0] = [measures.page(quad) for quad in corners]
    odds = document_log_odds(rows, maps.agreement(corners))
    assert odds[0] > 0
    assert odds[1:].max() < 0


def test_what_the_border_cuts_on_three_sides_is_no_proposal_that_can_be_judged(
    documents: DocumentNets,
) -> None:
    picture = page_on_desk()
    rows, cols = picture.shape[:2]
    frame = np.array([(0, 0), (cols - 1, 0), (cols - 1, rows - 1), (0, rows - 1)], np.float64)
    proposals = [proposal(frame), proposal(PAGE, 0.3)]
    judged = judge(Scene(picture, documents), proposals)
    assert judged.proposals == proposals[1:] and len(judged.corners) == len(judged.odds) == 1


@pytest.mark.long
def test_a_page_that_the_check_alone_takes_for_a_part_is_found_with_nets(
    documents: DocumentNets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(small: Image, quads: Sequence[Corners], least: float = 0.0) -> list[Refusal]:
        return [Refusal.PRINT] * len(quads)

    monkeypatch.setattr(whole_page, "judge_whole_page", refuse)
    picture = page_on_desk()
    assert find_page(picture).outlines == ()
    for found in (find_page(picture, documents), find_documents(picture, documents)):
        assert len(found.outlines) == 1
        assert overlap(found.outlines[0].corners, PAGE) > 0.97
        assert found.refused == ()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["form", "album", "certificate", "brochure"])
def test_of_a_page_nothing_is_cut_by_either_finder(kind: str, documents: DocumentNets) -> None:
    page = make_whole_page(9, kind)
    for finding in (find_page(page.picture, documents), find_documents(page.picture, documents)):
        assert not kept(page, [outline.corners.astype(np.float64) for outline in finding.outlines]).cut


def test_a_page_that_lines_and_the_view_are_sure_of_needs_no_other_search(documents: DocumentNets) -> None:
    lines = [proposal(PAGE, 0.9, True)]
    seen = scene_of(page_on_desk(), replace(documents, verification=viewing(4)), {"by_lines": lines})
    page = certain_page(seen)
    assert page is not None and overlap(page.corners, PAGE) > 0.97 and page.score == 0.9
    unseen = scene_of(page_on_desk(), replace(documents, verification=viewing(-4)), {"by_lines": lines})
    assert certain_page(unseen) is None
    blind = scene_of(page_on_desk(), replace(documents, verification=None), {"by_lines": lines})
    assert certain_page(blind) is not None


def test_the_likeliest_is_taken_and_what_one_search_alone_trusts_is_told(documents: DocumentNets) -> None:
    beside = PAGE.mean(axis=0) + (PAGE - PAGE.mean(axis=0)) * 0.1 - PAGE.mean(axis=0) + 40
    found = likeliest(
        scene_of(
            page_on_desk(),
            documents,
            {"by_lines": [proposal(PAGE), proposal(beside, 0.9, True)], "by_regions": [proposal(inner(0.6))]},
        )
    )
    assert found.outline is not None and overlap(found.outline.corners, PAGE) > 0.97
    assert len(found.refused) == 1 and isinstance(found.reason, Refusal)
    assert overlap(found.refused[0].outline.corners, beside) > 0.5


def test_nothing_comes_of_nothing(documents: DocumentNets) -> None:
    found = likeliest(scene_of(desk(640, 480), documents, {}))
    assert found.outlines == () and found.refused == ()


def test_the_picture_itself_chooses_and_measures_are_believed_without_it(
    documents: DocumentNets, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = inner(0.6)

    def likeliest_by(*odds: float) -> Corners | None:
        nets = replace(documents, verification=viewing(*odds))
        scene = scene_of(page_on_desk(), nets, {"by_lines": [proposal(PAGE), proposal(part)]})
        outline = likeliest(scene).outline
        return None if outline is None else outline.corners

    page = likeliest_by(-4, -4)
    assert page is not None and overlap(page, PAGE) > 0.97
    monkeypatch.setitem(judgement._WEIGHTS, "by_measures_offset", -np.inf)
    assert likeliest_by(-4, -4) is None
    monkeypatch.setitem(judgement._WEIGHTS, "view", 10)
    other = likeliest_by(-3, 3)
    assert other is not None and overlap(other, part) > 0.9


def test_a_part_of_a_page_is_none_unless_it_is_seen_clearly() -> None:
    measures = np.zeros((2, len(NAMES)))
    measures[:, NAMES.index("page")] = judgement._PART - 0.1
    agreement = np.ones(2)
    assert (document_log_odds(measures, agreement) <= judgement._PART - 0.1).all()
    seen = document_log_odds(measures, agreement, np.array([-4.0, 4.0]))
    assert seen[0] <= judgement._PART - 0.1 and seen[1] > 0


def test_agreement_is_the_overlap_with_what_is_document() -> None:
    size = (440, 330)
    leaving = np.array([(140, 90), (290, 96), (286, 330), (136, 330)], np.float64)
    output = np.zeros((10, size[1] // CELL + 1, size[0] // CELL), np.float32)
    output[3] = output[5] = 2.0
    output[8] = -6.0
    cv2.fillConvexPoly(output[8], np.rint((leaving - (CELL - 1) / 2) / CELL).astype(np.int32), 6.0)
    quads = np.stack([leaving, leaving - (140, 0), leaving * (1, 0.5)])
    same, beside, half = DocumentMaps(output, size, np.ones(2)).agreement(quads)
    assert same > 0.9 and beside < 0.25 and 0.1 < half < 0.6
