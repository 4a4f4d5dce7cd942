"""Words that Tesseract reads after a page was enhanced: real sheets and receipts, and clean scans."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from functools import cache

from benchmarks.gate.probe import Case, Figure, Outcome, Probe
from benchmarks.gate.show import reduced
from benchmarks.quality import real_pages, scans
from benchmarks.quality.pages import word_f1, words
from benchmarks.quality.processed import processed
from benchmarks.quality.real_pages import RealPage
from imgcore.settings import ImageType, Settings

_TYPES = (ImageType.GREY, ImageType.BLACK_WHITE, ImageType.COLOUR, ImageType.RECEIPT)
"""Image types whose words are read."""
_SCANS = 6
"""Clean scans of each kind."""


def _name(image_type: ImageType) -> str:
    return image_type.name.lower().replace("_", " ")


@cache
def _pages() -> dict[str, RealPage]:
    return {page.name: page for page in real_pages.load_pages() if page.column}


def _cases() -> Sequence[Case]:
    return [Case(name, name) for name in _pages()] if shutil.which("tesseract") else ()


def _judge(case: Case) -> Outcome:
    page = _pages()[case.source]
    values = {f"{page.column}, untouched": word_f1(page.words, words(page.picture) or Counter())}
    shown = None
    for image_type in _TYPES:
        enhanced = processed(page.picture, Settings(image_type=image_type))
        values[f"{page.column}, {_name(image_type)}"] = word_f1(page.words, words(enhanced) or Counter())
        shown = enhanced if image_type is ImageType.COLOUR else shown
    return Outcome(values, None if shown is None else reduced(shown))


def _scan_cases() -> Sequence[Case]:
    if shutil.which("tesseract") is None:
        return ()
    found = [*scans.load_scans(_SCANS), *scans.made(_SCANS)]
    return [Case(f"scan {number}", scan) for number, scan in enumerate(found)]


def _judge_scan(case: Case) -> Outcome:
    gains = scans.gains(case.source, _TYPES)
    if gains is None:
        return Outcome({})
    return Outcome({f"gain, {name.lower().replace('_', ' ')}": gain for name, gain in gains.items()})


_COLUMNS = real_pages.COLUMNS
PROBES = (
    Probe(
        "words",
        "shared",
        [Figure(f"{column}, {name}") for column in _COLUMNS for name in ("untouched", *map(_name, _TYPES))],
        _cases,
        _judge,
        ("page_layers.npz",),
        "the real pages to read, and Tesseract",
        thin=9,
    ),
    Probe(
        "words of clean scans",
        "made",
        [Figure(f"gain, {_name(image_type)}", goal=-0.01) for image_type in _TYPES],
        _scan_cases,
        _judge_scan,
        ("document_*", "page_layers.npz"),
        "Tesseract",
        thin=6,
    ),
)
