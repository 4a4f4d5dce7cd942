"""Pictures of known text, and how what was read of one is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.gate.probe import Case, Figure, Outcome
from benchmarks.text import made, pages, real
from benchmarks.text.score import character_f1, f1, order
from imgcore.types import Image
from synthetic.text.passages import Language

Reader = Callable[[Image], Sequence[str]]
"""Returns the texts of the lines of a picture, in the order in which they are read."""

LANGUAGES: tuple[Language, ...] = ("zh", "ja", "en")
"""Languages of the made pages."""
_SEEDS = (0, 2)
"""Seeds of the made pages of each language."""
_MOST = 5
"""Real pictures of each set at most."""
_STEP = 3
"""Every so many of the turned and of the reduced pictures are taken."""
FIGURES = (
    Figure("characters"),
    Figure("pairs"),
    Figure("order"),
    Figure("turned: pairs"),
    Figure("low resolution: pairs"),
)
"""Figures of a reader of real pictures."""
MADE_FIGURES = (
    *(Figure(f"{language}, born digital: pairs", goal=0.97) for language in LANGUAGES),
    *(Figure(f"{language}, poor copy: pairs", goal=0.95) for language in LANGUAGES),
    Figure("columns: order"),
)
"""Figures of a reader of made pages."""


def real_cases() -> Sequence[Case]:
    """Return the real pictures on this machine, as they are, turned, and reduced."""
    if not (real.FOLDER / "truth.json").is_file():
        return ()
    known = [one for one in real.pictures() if "text" in one.truth]
    cases = []
    for name in dict.fromkeys(one.set for one in known):
        group = [one for one in known if one.set == name]
        cases += [Case(one.name, one) for one in group[:: -(-len(group) // _MOST)]]
    changed = [*made.turned(known), *made.reduced(known)]
    return cases + [Case(f"{one.name}, {one.set}", one) for one in changed[::_STEP]]


def real_outcome(case: Case, read: Reader) -> Outcome:
    """Judge what a reader says of a real picture."""
    said = read(case.source.image)
    lines = case.source.lines
    if case.source.set in (made.TURNED_SET, made.REDUCED_SET):
        return Outcome({f"{case.source.set}: pairs": f1(lines, said)})
    return Outcome(
        {"characters": character_f1(lines, said), "pairs": f1(lines, said), "order": order(lines, said)}
    )


def made_cases() -> Sequence[Case]:
    """Return the made pages of all languages, in columns, too."""
    found = [Case(f"{language} {seed}", (language, seed)) for language in LANGUAGES for seed in _SEEDS]
    return found + [Case(f"columns, {seed}", seed) for seed in made.COLUMNS]


def made_outcome(case: Case, read: Reader) -> Outcome:
    """Judge what a reader says of a made page, as it is and copied badly."""
    if case.source in made.COLUMNS:
        sample = made.columns(case.source)
        return Outcome({"columns: order": order(sample.lines, read(sample.image))})
    language, seed = case.source
    page = pages.page(seed, language)
    lines = [line.text for line in page.lines]
    copy = pages.poor_copy(np.random.default_rng([seed, 5]), page.picture)
    return Outcome(
        {
            f"{language}, born digital: pairs": f1(lines, read(page.picture)),
            f"{language}, poor copy: pairs": f1(lines, read(copy)),
        }
    )
