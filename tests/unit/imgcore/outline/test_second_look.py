"""What no search trusts by itself is found by all that is known of it, and a page stays whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.quality.whole_pages import kept
from imgcore.outline import DocumentNets, find_documents, find_page, finder, second_look, several
from imgcore.outline.finder import Detection
from imgcore.outline.scoring.joint_score import NAMES, JointMeasures
from imgcore.outline.search.candidates import reduce_picture
from imgcore.outline.search.document_search import SEARCH_SIDE
from imgcore.outline.search.segmentation import segment_documents
from imgcore.outline.whole_page import Refusal
from imgcore.types import Image, Outline
from synthetic.datasets.whole_pages import make_whole_page
from tests.fakes.paper import PAGE, Corners, desk, overlap, page_on_desk


def detection(corners: Corners, score: float = 0.1) -> Detection:
    return Detection(corners.astype(np.float64), np.zeros(4, bool), score, 0.0, False)


def test_few_of_each_search_are_weighed_and_none_twice() -> None:
    lines = [detection(PAGE + shift) for shift in (0.0, 0.5, 20.0, 40.0, 60.0, 80.0)]
    weighed = second_look.weighed([lines, [detection(PAGE), detection(PAGE + 100)]])
    np.testing.assert_array_equal(
        [each.corners - PAGE for each in weighed],
        [np.full((4, 2), shift) for shift in (0.0, 20.0, 40.0, 60.0, 100.0)],
    )
    assert second_look.weighed([[], []]) == []


def test_a_document_has_higher_odds_than_its_parts_and_the_desk(documents: DocumentNets) -> None:
    picture = page_on_desk()
    larger = reduce_picture(picture, SEARCH_SIDE)
    maps = segment_documents(documents.segmentation, larger.small, larger.factor)
    measures = JointMeasures(reduce_picture(picture), maps)
    middle = PAGE.mean(axis=0)
    corners, rows = measures.cheap(
        np.array([PAGE, middle + 0.6 * (PAGE - middle), middle + 1.1 * (PAGE - middle)])
    )
    assert rows.shape == (3, len(NAMES))
    rows[:, 0] = [measures.page(quad) for quad in corners]
    odds = second_look.document_odds(rows, maps.agreement(corners))
    assert odds[0] > second_look.MIN_LOG_ODDS
    assert odds[1:].max() < second_look.MIN_LOG_ODDS


@pytest.mark.long
def test_a_document_that_one_check_alone_refuses_is_found(
    documents: DocumentNets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(small: Image, quads: Sequence[Corners], least: float = 0.0) -> list[Refusal]:
        return [Refusal.PRINT] * len(quads)

    monkeypatch.setattr(finder, "judge_whole_page", refuse)
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


def test_what_is_found_gives_way_to_what_is_far_likelier_alone(documents: DocumentNets) -> None:
    picture = page_on_desk()
    reduced = reduce_picture(picture)
    larger = reduce_picture(picture, SEARCH_SIDE)
    maps = segment_documents(documents.segmentation, larger.small, larger.factor)
    measures = JointMeasures(reduced, maps)
    middle = PAGE.mean(axis=0)

    def instead_of(quad: Corners) -> Outline | None:
        found = Outline(quad.astype(np.float32), 0.6)
        seen = second_look.look_again(picture, measures, [[detection(PAGE)]], 2.5, found)
        return None if seen is found else seen

    better = instead_of(middle + 0.6 * (PAGE - middle))
    assert better is not None and overlap(better.corners, PAGE) > 0.97
    assert instead_of(PAGE) is None
    assert instead_of(middle + 1.02 * (PAGE - middle)) is None


def test_nothing_comes_of_nothing(documents: DocumentNets) -> None:
    picture = desk(640, 480)
    reduced = reduce_picture(picture)
    larger = reduce_picture(picture, SEARCH_SIDE)
    maps = segment_documents(documents.segmentation, larger.small, larger.factor)
    assert second_look.look_again(picture, JointMeasures(reduced, maps), [[], []], 2.5) is None


def test_the_picture_itself_accepts_and_chooses(
    documents: DocumentNets, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = page_on_desk()
    reduced = reduce_picture(picture)
    larger = reduce_picture(picture, SEARCH_SIDE)
    measures = JointMeasures(reduced, segment_documents(documents.segmentation, larger.small, larger.factor))
    part = PAGE.mean(axis=0) + 0.6 * (PAGE - PAGE.mean(axis=0))

    def likeliest(*view: float) -> Outline | None:
        def told(views: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
            return [np.tile(np.array(view, np.float32)[: len(views) // 2], 2)]  # As they are, and mirrored.

        searches = [[detection(PAGE), detection(part)]]
        return second_look.look_again(picture, measures, searches, 2.5, None, told)

    page = likeliest(0, 0)
    assert page is not None and overlap(page.corners, PAGE) > 0.97
    monkeypatch.setattr(second_look, "MIN_LOG_ODDS", np.inf)
    assert likeliest(-4, -4) is None
    again = likeliest(4, -4)
    assert again is not None and overlap(again.corners, PAGE) > 0.97
    monkeypatch.setattr(second_look, "_VIEW", 10)
    other = likeliest(-3, 3)
    assert other is not None and overlap(other.corners, part) > 0.9
    monkeypatch.setattr(second_look, "MIN_LOG_ODDS", -np.inf)
    assert likeliest(-4, -4) is None  # Measures alone accept nothing that looks like none.


def test_what_is_found_and_looks_like_no_document_is_refused(
    documents: DocumentNets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(views: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        return [np.full(len(views), -4, np.float32)]

    unseen = replace(documents, verification=told)
    picture = page_on_desk()
    lines = find_page(picture).outline
    assert lines is not None and lines.score > several._SURE  # And the net is asked all the same.
    monkeypatch.setattr(second_look, "MIN_LOG_ODDS", np.inf)
    monkeypatch.setattr(second_look, "_NONE", -np.inf)
    kept = find_page(picture, unseen)
    assert kept.outline is not None and overlap(kept.outline.corners, PAGE) > 0.97
    monkeypatch.setattr(second_look, "_NONE", np.inf)
    # What a search and all measures trust stays, though the net sees none.
    assert find_page(picture, unseen).outlines
    monkeypatch.setattr(second_look, "_TRUSTED", np.inf)
    finding = find_page(picture, unseen)
    assert finding.outlines == ()
    assert finding.refused[0].outline is not None and isinstance(finding.refused[0].reason, Refusal)
    assert overlap(finding.refused[0].outline.corners, PAGE) > 0.97
