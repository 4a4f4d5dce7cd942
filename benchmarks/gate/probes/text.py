"""Text that is read: real pictures of known text, made pages in three languages, and cells of tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from benchmarks.gate.probe import Case, Figure, Outcome, Probe
from benchmarks.text import judging, pages
from benchmarks.text.cells import cells_right
from benchmarks.text.readers import own_reader
from imgcore.tables import find_tables
from imgcore.text import TextReader
from imgcore.types import Image
from synthetic.documents.data_tables import make_table_page

_TABLES = (500, 501)
"""Seeds of the made tables of each kind: one in Chinese, one in English."""


@cache
def _reader() -> TextReader:
    return own_reader()


def _read(picture: Image) -> Sequence[str]:
    return [line.text for line in _reader().read(picture)]


def _judge_real(case: Case) -> Outcome:
    return judging.real_outcome(case, _read)


def _judge_made(case: Case) -> Outcome:
    return judging.made_outcome(case, _read)


def _tables() -> Sequence[Case]:
    kinds = {"ruled": True, "unruled": False}
    return [Case(f"{kind} {seed}", (kind, ruled, seed)) for kind, ruled in kinds.items() for seed in _TABLES]


def _judge_table(case: Case) -> Outcome:
    kind, ruled, seed = case.source
    page = make_table_page(seed, "zh" if seed % 2 else "en", ruled)
    copy = pages.poor_copy(np.random.default_rng(seed), page.picture)
    found = find_tables(copy, _reader().read(copy))
    return Outcome({f"{kind}: cells right": cells_right(page.cells, found) / len(page.cells)})


_FONTS = "the fonts of a Chinese and a Japanese page"
"""Programs that made pages take."""

PROBES = (
    Probe(
        "text", "shared", judging.FIGURES, judging.real_cases, _judge_real,
        needs="the real pictures to read", thin=8,
    ),
    Probe(
        "text", "made", judging.MADE_FIGURES, judging.made_cases, _judge_made, needs=_FONTS, thin=4,
    ),
    Probe(
        "tables", "made",
        (Figure("ruled: cells right", unit="%"), Figure("unruled: cells right", unit="%")),
        _tables, _judge_table, needs=_FONTS, thin=4,
    ),
)  # fmt: skip
