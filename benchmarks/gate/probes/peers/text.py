"""Text by others: RapidOCR, and Tesseract on the made pages, whose language is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from benchmarks.gate.probe import Case, Outcome, Probe
from benchmarks.text import judging, other_readers
from benchmarks.text.judging import Reader
from benchmarks.text.made import COLUMNS
from synthetic.text.passages import Language

_RAPIDOCR = "RapidOCR"
"""Name of the peer that reads all languages."""


@cache
def _rapidocr() -> Reader:
    return other_readers.rapidocr()


def _judge_real(case: Case) -> Outcome:
    return judging.real_outcome(case, _rapidocr())


def _judge_made(case: Case) -> Outcome:
    return judging.made_outcome(case, _rapidocr())


def _by_tesseract(case: Case) -> Outcome:
    reader = other_readers.tesseract(_language(case))
    assert reader is not None
    return judging.made_outcome(case, reader)


def _language(case: Case) -> Language:
    language: Language = COLUMNS[case.source] if case.source in COLUMNS else case.source[0]
    return language


def _of_tesseract() -> Sequence[Case]:
    """Return the pages in the languages whose data Tesseract has here."""
    known = {language for language in judging.LANGUAGES if other_readers.tesseract(language) is not None}
    return [case for case in judging.made_cases() if _language(case) in known]


def _of_rapidocr(cases: Callable[[], Sequence[Case]]) -> Callable[[], Sequence[Case]]:
    return lambda: cases() if other_readers.has_rapidocr() else ()


_FONTS = "the fonts of a Chinese and a Japanese page"
"""Programs that made pages take."""
PROBES = (
    Probe(
        "text", "made", judging.MADE_FIGURES, _of_tesseract, _by_tesseract,
        needs=f"{_FONTS}, Tesseract with their languages", peer="Tesseract",
    ),
    Probe(
        "text", "shared", judging.FIGURES, _of_rapidocr(judging.real_cases), _judge_real,
        needs="the real pictures to read, pip install rapidocr", peer=_RAPIDOCR,
    ),
    Probe(
        "text", "made", judging.MADE_FIGURES, _of_rapidocr(judging.made_cases), _judge_made,
        needs=f"{_FONTS}, pip install rapidocr", peer=_RAPIDOCR,
    ),
)  # fmt: skip
