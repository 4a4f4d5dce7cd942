"""Real pages are told apart by name, and turned as the skew counts."""

import cv2
import numpy as np

from benchmarks.quality import real_pages
from benchmarks.quality.pages import words_of
from imgcore.deskew import find_skew
from synthetic.datasets.skewed import make_skewed


def test_a_page_is_turned_the_way_that_skew_counts():
    page = make_skewed(3, 1.0, "clean").picture
    before = find_skew(page)
    after = find_skew(real_pages.turned(page, 2.5))
    assert abs(after.degrees - before.degrees - 2.5) < real_pages.NEAR


def test_rows_count_right_wrong_and_not_sure():
    assert real_pages._row("stage", [True, True, False, None]) == ("stage", "4", "0.500", "1", "1")


def test_words_are_counted_in_small_letters():
    assert words_of("Two TWO a 22") == {"two": 2, "22": 1}


def test_without_pictures_there_are_no_pages(tmp_path, monkeypatch):
    monkeypatch.setenv("GAOPAI_COLLECTED", str(tmp_path))
    monkeypatch.setattr(real_pages.real, "FOLDER", tmp_path)
    monkeypatch.setattr(real_pages, "FOLDER", tmp_path)
    assert not list(real_pages.load_pages())


def test_whole_pages_of_desks_count_and_held_ones_do_not(tmp_path, monkeypatch):
    monkeypatch.setenv("GAOPAI_COLLECTED", str(tmp_path / "none"))
    monkeypatch.setattr(real_pages.real, "FOLDER", tmp_path)
    monkeypatch.setattr(real_pages, "FOLDER", tmp_path)
    names = (f"{real_pages.HELD[0]}.png", "other.png")
    for name in names:
        cv2.imwrite(str(tmp_path / name), np.zeros((4, 5, 3), np.uint8))
    entries = ",".join(
        f'{{"file": "{name}", "class": "{kind}", "kind": "page", "documents": [], "width": 5, "height": 4}}'
        for name, kind in ((names[0], "whole"), (names[1], "whole"), (names[1], "negative"))
    )
    (tmp_path / "desks.json").write_text(f"[{entries}]", encoding="utf-8")
    pages = list(real_pages.load_pages())
    assert [page.name for page in pages] == list(names)
    assert [page.name for page in real_pages._without(pages, real_pages.HELD)] == ["other.png"]
