"""What an attack costs is computed from what the honest page noticed, and each attack is whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.reliability import under_attack
from benchmarks.reliability.attacks import ATTACKS
from benchmarks.reliability.hostile_files import (
    code_sheet,
    finder_tiling,
    long_picture,
    lying_jpeg,
    nested_pdf,
    slow_pdf,
    white_picture,
)
from benchmarks.reliability.under_attack import Cost, HonestPage, section
from imgcore.barcode import read_codes
from server.documents import pdf


def test_gaps_count_at_both_ends() -> None:
    page = HonestPage(frames=[9.0, 10.5, 11.0, 13.0, 20.0])
    assert page.gap(10.0, 14.0) == 2.0
    assert page.gap(10.0, 16.0) == 3.0
    assert page.gap(14.0, 19.0) == 5.0
    assert page.rate(10.0, 14.0) == 3 / 4


@pytest.mark.parametrize(("alive", "shown"), [(True, "+12 MiB"), (False, "the service ended")])
def test_the_table_says_what_was_survived(alive: bool, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_attack, "measure", lambda *_: Cost(0.25, 0.5, 0.1, None, 12.0, alive))
    monkeypatch.setattr("shutil.which", lambda _: None)
    texts, ended = section(quick=True, names=("pdf", "consent"))
    assert ended is not alive
    row, skipped = texts.en.splitlines()[2:]
    assert row.endswith(f"| 25% | 500 ms | 100 ms | - | {shown} |")
    assert "not staged: no desktop that asks" in skipped
    assert len(texts.zh.splitlines()) == 4


def test_attacks_have_names_in_both_languages() -> None:
    for kind in ATTACKS.values():
        assert kind.en.isascii()
        assert not kind.zh.isascii()


def test_hostile_files_are_what_they_claim() -> None:
    tiling = cv2.imdecode(np.frombuffer(finder_tiling(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert tiling is not None
    assert tiling.shape == (1000, 1000)
    assert len(finder_tiling()) < 10_000
    assert len(lying_jpeg()) < 2000
    assert bytes.fromhex("5dc05dc0") in lying_jpeg()
    needle = cv2.imdecode(np.frombuffer(long_picture(20, 60_000), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert needle is not None and needle.shape == (60_000, 20)
    assert len(long_picture(20, 60_000)) < 100_000
    sheet = cv2.imdecode(np.frombuffer(code_sheet(400), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert sheet is not None and len(read_codes(sheet)) > 30
    assert len(white_picture()) < 300_000
    for data in (slow_pdf(), nested_pdf()):
        assert len(data) < 4000
        assert len(pdf.open_complete(data).pages) == 1
