"""Judgement of finds on real pictures."""

import json

import cv2
import numpy as np
import pytest

from benchmarks.quality.desks import judge, overlap_of
from imgcore.outline import Finding
from imgcore.types import Outline
from lab.marked import crop_through, load_marked

SHAPE = (100, 200, 3)


def rectangle(left, top, right, bottom):
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


@pytest.fixture
def marked(tmp_path):
    """Return a function that loads one picture of a manifest with these documents."""
    cv2.imwrite(str(tmp_path / "desk.png"), np.zeros(SHAPE, np.uint8))

    def load(category, *documents, kind="letter"):
        entry = {"file": "desk.png", "class": category, "kind": kind, "documents": documents}
        entry |= {"width": SHAPE[1], "height": SHAPE[0]}
        manifest = tmp_path / "desks.json"
        manifest.write_text(json.dumps([entry, entry | {"file": "missing.png"}]), encoding="utf-8")
        (picture,) = load_marked(manifest, tmp_path)
        return picture

    return load


def finding(*quads):
    return Finding(tuple(Outline(quad.astype(np.float32), 1.0) for quad in quads))


def test_a_missing_manifest_has_no_pictures(tmp_path):
    assert not list(load_marked(tmp_path / "desks.json", tmp_path))


def test_a_damaged_picture_is_named(marked):
    picture = marked("negative")
    picture.path.write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"desk\.png"):
        picture.read()


@pytest.mark.parametrize(
    ("kind", "group"),
    [("business card", "business card"), ("bank card", "other card"), ("letter", "sheet, form, letter")],
)
def test_the_first_group_that_fits_a_kind_counts(marked, kind, group):
    assert marked("negative", kind=kind).group == group


def test_overlap_knows_no_order_of_corners():
    one = rectangle(0, 0, 10, 10)
    assert overlap_of(one, np.roll(one, 2, axis=0)[::-1]) == pytest.approx(1.0)
    assert overlap_of(one, rectangle(5, 0, 15, 10)) == pytest.approx(1 / 3)


def test_the_best_find_counts_for_one_document(marked):
    picture = marked("single", {"quad": rectangle(0, 0, 100, 50).tolist()})
    near = rectangle(0, 0, 95, 50)
    far = rectangle(120, 0, 160, 50)
    assert judge(picture, finding(far, near), SHAPE).overlap == pytest.approx(0.95)
    assert judge(picture, finding(), SHAPE).overlap == 0


def test_a_document_that_leaves_the_picture_is_its_visible_part(marked):
    visible = rectangle(0, 0, 200, 50)
    picture = marked("cut", {"quad": (visible * (2, 1)).tolist(), "polygon": visible.tolist()})
    assert judge(picture, finding(visible), SHAPE).overlap == pytest.approx(1.0)


def test_each_of_several_documents_takes_one_find(marked):
    here = rectangle(0, 0, 50, 50)
    there = rectangle(100, 0, 150, 50)
    picture = marked("several", {"quad": here.tolist()}, {"quad": there.tolist()})
    outcome = judge(picture, finding(here, rectangle(2, 0, 52, 50), rectangle(60, 60, 90, 90)), SHAPE)
    assert (outcome.pairs, outcome.f1) == (1, pytest.approx(2 / 5))


@pytest.mark.parametrize(("share", "cut"), [(0.98, False), (0.9, True)])
def test_a_page_is_cut_by_what_keeps_too_little_of_the_picture(marked, share, cut):
    assert judge(marked("whole"), finding(rectangle(0, 0, 200 * share, 100)), SHAPE).false is cut


def test_a_picture_is_cropped_through_its_document(marked):
    document = rectangle(20, 10, 180, 90)
    cropped = crop_through(marked("single", {"quad": document.tolist()}))
    left, top, right, bottom = cropped.frame
    shown = cropped.read()
    (visible,) = cropped.documents
    assert shown.shape == (bottom - top, right - left, 3)
    assert sum(np.array(cropped.frame) != (0, 0, SHAPE[1], SHAPE[0])) == 1
    assert 0.5 < cv2.contourArea(visible.astype(np.float32)) / (160 * 80) < 0.9
    assert visible.min() >= -0.5
    assert (visible.max(axis=0) <= (right - left - 0.5, bottom - top - 0.5)).all()
