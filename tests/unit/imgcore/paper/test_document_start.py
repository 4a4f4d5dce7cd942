"""A change of document is proposed where the picture tells, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.document_starts import DOTS, KINDS, make_pile
from imgcore.paper.document_start import document_starts, look_at

pytestmark = pytest.mark.long


@pytest.mark.parametrize("kind", KINDS)
def test_documents_of_a_made_pile_are_told_apart(kind: str) -> None:
    scans, begins = make_pile(7, kind, pages=8)
    found = {start.page for start in document_starts(look_at(scan, DOTS) for scan in scans)}
    assert len(found & begins) >= 0.8 * len(begins)
    assert len(found - begins) <= 1


def test_a_pile_of_one_document_is_whole() -> None:
    scans, begins = make_pile(7, "letters", pages=8)
    last = min(begins)
    assert document_starts(look_at(scan, DOTS) for scan in scans[:last]) == []
    assert document_starts([]) == []


def test_blank_tiny_and_grey_pages_have_a_look() -> None:
    for shape in ((1, 1, 3), (30, 20), (300, 200, 3)):
        look = look_at(np.full(shape, 250, np.uint8))
        assert (look.titled, look.end) == (False, 0.0)
