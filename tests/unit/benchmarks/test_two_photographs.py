"""Two photographs of one book agree by their printed pages."""

import cv2
import numpy as np
import pytest

from benchmarks.quality import two_photographs
from benchmarks.quality.two_photographs import is_blank

WORDS = ("counter", "paper", "camera", "ledger", "window", "stamp", "queue", "ticket")


def page(words=(), size=(600, 400)):
    drawn = np.full((*size, 3), 235, np.uint8)
    for row in range(80 if words else size[0], size[0] - 60, 24):
        line = f"{words[row // 24 % len(words)]} {row * row % 977} {words[row // 12 % len(words)]}"
        cv2.putText(drawn, line, (60, row), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (30, 30, 30), 1, cv2.LINE_AA)
    return drawn


def test_a_page_without_print_is_blank():
    assert is_blank(page()[:, :, 0])
    assert not is_blank(page(WORDS)[:, :, 0])


@pytest.mark.parametrize(
    ("one", "other", "agrees"),
    [
        ([page(), page(WORDS)], [page(), page(WORDS)], True),
        ([page(WORDS)], [page(WORDS)], True),
        ([page(), page()], [page(), page()], False),
        ([page(WORDS)], [page(), page(WORDS)], False),
        ([page(WORDS), page(WORDS)], [page(WORDS), page()], False),
    ],
)
def test_blank_pages_count_only_where_there_are_no_others(monkeypatch, one, other, agrees):
    monkeypatch.setattr(two_photographs, "_read", {"one": one, "other": other}.__getitem__)
    apart = two_photographs.pages_apart(lambda pages: pages, "one", "other")
    assert (apart < 0.5) if agrees else np.isnan(apart)
