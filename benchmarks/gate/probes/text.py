"""Text that is read: real pictures of known text, and made pages in three languages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from benchmarks.gate.probe import Case, Figure, Outcome, Probe
from benchmarks.text import pages, real
from benchmarks.text.readers import own_reader
from benchmarks.text.score import character_f1, f1, order
from imgcore.text import TextReader

_LANGUAGES = ("zh", "ja", "en")
_SEEDS = (0, 2)
"""Seeds of the made pages of each language."""
_MOST = 5
"""Real pictures of each set at most."""


@cache
def _reader() -> TextReader:
    return own_reader()


def _real() -> Sequence[Case]:
    if not (real.FOLDER / "truth.json").is_file():
        return ()
    known = [one for one in real.pictures() if "text" in one.truth]
    cases = []
    for name in dict.fromkeys(one.set for one in known):
        group = [one for one in known if one.set == name]
        cases += [Case(one.name, one) for one in group[:: -(-len(group) // _MOST)]]
    return cases


def _judge_real(case: Case) -> Outcome:
    said = [line.text for line in _reader().read(case.source.image)]
    lines = case.source.lines
    return Outcome(
        {"characters": character_f1(lines, said), "pairs": f1(lines, said), "order": order(lines, said)}
    )


def _made() -> Sequence[Case]:
    return [Case(f"{language} {seed}", (language, seed)) for language in _LANGUAGES for seed in _SEEDS]


def _judge_made(case: Case) -> Outcome:
    language, seed = case.source
    page = pages.page(seed, language)
    copy = pages.poor_copy(np.random.default_rng([seed, 5]), page.picture)
    said = [line.text for line in _reader().read(copy)]
    return Outcome({f"{language}, poor copy: pairs": f1([line.text for line in page.lines], said)})


PROBES = (
    Probe(
        "text",
        "shared",
        (Figure("characters"), Figure("pairs"), Figure("order")),
        _real,
        _judge_real,
        needs="the real pictures to read",
        thin=8,
    ),
    Probe(
        "text",
        "made",
        [Figure(f"{language}, poor copy: pairs", goal=0.95) for language in _LANGUAGES],
        _made,
        _judge_made,
        needs="the fonts of a Chinese and a Japanese page",
        thin=3,
    ),
)
