"""Films of real desks that were seen empty, with real sheets laid on them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.quality.desk_films import Film, films, films_of_several
from benchmarks.quality.desk_memory import judge_film, judge_film_of_several
from lab.marked import FOLDER, load_marked

_STEP = 8
"""Every so many desks have a film."""
_SEVERAL = 4
"""Every so many of these have one of several sheets, too."""
_REMEMBERED = 1
"""Index of the finder that remembers the desk."""


def _cases() -> Sequence[Case]:
    desks = [
        one for one in load_marked(FOLDER / "desks.json", FOLDER) if one.category in ("single", "negative")
    ]
    count = len(desks[::_STEP])
    single = [Case(f"film {number}", number) for number in range(count)]
    return single + [Case(f"film of several {number}", number) for number in range(count)[::_SEVERAL]]


@cache
def _films(several: bool) -> Sequence[Film]:
    pictures = list(load_marked(FOLDER / "desks.json", FOLDER))
    return list((films_of_several if several else films)(pictures, _STEP))


def _judge(case: Case) -> Outcome:
    several = "several" in case.name
    film = _films(several)[case.source]
    if several:
        counted = judge_film_of_several(film)
        return Outcome(
            {
                "several: found": {
                    f"{case.name}, {number}": one.right[_REMEMBERED] / max(1, one.documents)
                    for number, one in enumerate(counted)
                },
                "several: cut": {
                    f"{case.name}, {number}": float(one.cut[_REMEMBERED])
                    for number, one in enumerate(counted)
                },
            }
        )
    judged = [(f"{case.name}, {number}", one) for number, one in enumerate(judge_film(film))]
    sheets = [(name, one) for name, one in judged if not one.empty]
    empty = [(name, one) for name, one in judged if one.empty]
    return Outcome(
        {
            "sheets right": {name: float(one.right(_REMEMBERED)) for name, one in sheets},
            "sheets cut": {name: float(one.cut(_REMEMBERED)) for name, one in sheets},
            "found on empty desks": {name: one.kept[_REMEMBERED] for name, one in empty},
        }
    )


PROBES = (
    Probe(
        "films",
        "shared",
        (
            Figure("sheets right", goal=0.97, unit="%"),
            Figure("sheets cut", Better.LOWER, 0, "of"),
            Figure("found on empty desks", Better.LOWER, 0, "of"),
            Figure("several: found", unit="%"),
            Figure("several: cut", Better.LOWER, 0, "of"),
        ),
        _cases,
        _judge,
        ("document_*",),
        "the marked pictures of desks",
        thin=7,
    ),
)
