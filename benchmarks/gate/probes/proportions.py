"""The true proportions of a sheet: made views of known sheets, and sides on a desk that was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.quality.proportions import A4, SheetView, cropped, desk_errors, view
from imgcore.crop import page_size

_FIRST = 9000
"""Seed of the first view."""
_VIEWS = 150
"""Views of each sheet."""
_CLOSE = 0.015
"""Greatest relative error that counts as right."""
_SHEETS = {
    "A4": A4,
    "ID-1 card": 85.6 / 53.98,
    "US letter": 8.5 / 11,
    "invoice 240 x 140": 240 / 140,
    "receipt 80 x 190": 80 / 190,
}
"""Width over height, by sheet."""
_RULERS = {"an A4 sheet": (297.0, 210.0), "an ID-1 card": (85.6, 53.98)}
"""Sides in millimetres of the sheets that a desk is measured by."""


def _cropped(seed: int, aspect: float) -> SheetView:
    return cropped(seed, view(seed, aspect))


def _error(seed: int, aspect: float, seen: Callable[[int, float], SheetView]) -> float:
    """Return the error of the logarithm of a side ratio; long over short, as sheets lie either way."""
    shown = seen(seed, aspect)
    width, height = page_size(shown.quad, shown.picture)
    return abs(abs(float(np.log(width / height))) - abs(float(np.log(aspect))))


_ERRORS: dict[str, Callable[[int], float]] = {
    **{
        f"{name}{of}": partial(_error, aspect=aspect, seen=seen)
        for name, aspect in _SHEETS.items()
        for of, seen in (("", view), (", picture cropped", _cropped))
    },
    **{
        f"A4 on a desk measured by {name}": partial(desk_errors, ruler=sides)
        for name, sides in _RULERS.items()
    },
}
"""Relative error of a view, by kind."""


def _cases() -> Sequence[Case]:
    return [Case(name, name) for name in _ERRORS]


def _judge(case: Case) -> Outcome:
    errors = {f"{case.name}, {n}": _ERRORS[case.source](_FIRST + n) for n in range(_VIEWS)}
    return Outcome(
        {f"{case.name}: within 1.5 %": {name: float(error < _CLOSE) for name, error in errors.items()}}
    )


PROBES = (
    Probe(
        "proportions",
        "made",
        [
            Figure(f"{name}: within 1.5 %", Better.HIGHER, 0.95 if name == "A4" else None, "%")
            for name in _ERRORS
        ],
        _cases,
        _judge,
        thin=4,
    ),
)
