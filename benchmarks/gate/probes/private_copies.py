"""Copies without numbers: drawn forms whose numbers nobody may read on the copy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import side_by_side
from benchmarks.quality import private_copy
from benchmarks.text.readers import own_reader
from imgcore.fields import DocumentReader
from imgcore.privacy import Copier, UnreadablePage
from imgcore.text import TextReader
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.private_pages import make_private_page

_FIRST = 5000
"""Seed of the first page."""
_PAGES = 10
"""Number of pages."""


class _Readers(NamedTuple):
    copier: Copier
    text: TextReader


@cache
def _readers() -> _Readers:
    text = own_reader()
    return _Readers(Copier(text, DocumentReader(text, ModelCache().documents())), text)


def _cases() -> Sequence[Case]:
    return [Case(f"page {seed}", _FIRST + seed) for seed in range(_PAGES)]


def _judge(case: Case) -> Outcome:
    page = make_private_page(case.source)
    try:
        copy = _readers().copier.copy(page.picture, private_copy.KINDS).image
    except UnreadablePage:
        return Outcome({"refused as unreadable": 1.0})
    left = private_copy.left(copy, page, _readers().text)
    return Outcome({"refused as unreadable": 0.0, **left}, side_by_side(page.picture, copy))


PROBES = (
    Probe(
        "private copies",
        "made",
        (
            Figure("numbers left to the engine", Better.LOWER, 0),
            Figure("numbers left to Tesseract", Better.LOWER, 0),
            Figure("refused as unreadable", Better.LOWER, unit="%"),
        ),
        _cases,
        _judge,
        ("document_*",),
        "the fonts of a Chinese page, Tesseract",
        thin=5,
    ),
)
