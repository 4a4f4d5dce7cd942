"""Taught forms: made copies of 20 kinds are told, laid onto their forms and read; and foreign ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from imgcore.forms import Form, FormZone, Tick, ZoneKind, find_form, taught
from imgcore.forms.reading import FilledZone, text_zones, with_texts
from synthetic.datasets.form_copies import KINDS, SCALE, DrawnZone, FormCopy, draw_copy, draw_form

_COPIES = range(42_000, 43_000)
"""Seeds of the copies; the stage was tuned on none of them."""
_FOREIGN = range(62_000, 62_200)
"""Seeds of copies of forms that were not taught."""
_FOREIGN_KINDS = 40
"""Number of kinds that were not taught, after those that were."""
_NEAR = 2.0
"""Distance from its place up to which a corner of a zone counts as there, in millimetres."""
_TOLD = "told which form"
_MISTAKEN = "taken for another form"
_PLACED = "corners of zones within 2 mm"
_FARTHEST = "farthest corner"
_TICKS = "ticks right"
_WRONG_TICKS = "ticks wrong, not said to be unsure"
_PRESENCE = "signatures and portraits right"
_WRONG_PRESENCE = "signatures and portraits wrong, not said to be unsure"
_FIGURES = (
    Figure(_TOLD, goal=0.99, unit="%"),
    Figure(_MISTAKEN, Better.LOWER, 0.0, "%"),
    Figure(_PLACED, goal=0.98, unit="%"),
    Figure(_FARTHEST, Better.LOWER, unit=" mm"),
    Figure(_TICKS, goal=0.995, unit="%"),
    Figure(_WRONG_TICKS, Better.LOWER, 0.001, "%"),
    Figure(_PRESENCE, unit="%"),
    Figure(_WRONG_PRESENCE, Better.LOWER, unit="%"),
)


@cache
def _forms() -> tuple[Form, ...]:
    return tuple(_form(kind) for kind in range(KINDS))


def _form(kind: int) -> Form:
    drawn = draw_form(kind)
    return Form(str(kind), 1, taught(drawn.sample, [_zone(zone) for zone in drawn.zones]))


def _zone(zone: DrawnZone) -> FormZone:
    return FormZone(
        zone.name,
        ZoneKind(zone.kind),
        SCALE * zone.left,
        SCALE * zone.top,
        SCALE * zone.right,
        SCALE * zone.bottom,
    )


def _cases() -> Sequence[Case]:
    own = [Case(f"copy {seed}", (seed, seed % KINDS)) for seed in _COPIES]
    foreign = [Case(f"foreign {seed}", (seed, KINDS + seed % _FOREIGN_KINDS)) for seed in _FOREIGN]
    return [*own, *foreign]


def _judge(case: Case) -> Outcome:
    seed, kind = case.source
    copy = draw_copy(seed, kind)
    found = find_form(copy.picture, _forms())
    told = found is not None and found.form.name == str(kind)
    mistaken = {_MISTAKEN: float(found is not None and not told)}
    if kind >= KINDS:
        return Outcome(mistaken)
    if found is None or not told:
        return Outcome({_TOLD: 0.0, **mistaken}, copy.picture)
    read = with_texts(copy.picture, found, [[] for _ in text_zones(found.form)])
    values = {_TOLD: 1.0, **mistaken, **_judged(copy, read.zones)}
    return Outcome(values, copy.picture if values[_WRONG_TICKS] > 0 else None)


def _judged(copy: FormCopy, zones: Sequence[FilledZone]) -> Mapping[str, float]:
    """Return the shares of a copy's zones; each share is a copy's, as kinds have about as many zones."""
    away = np.array([_millimetres(copy, zone) for zone in zones])
    marked = [zone for zone in zones if zone.zone.kind is ZoneKind.TICK]
    right = [zone.value == copy.ticks[zone.zone.name] for zone in marked]
    unsure = [zone.value == Tick.UNSURE for zone in marked]
    truths = {ZoneKind.SIGNATURE: copy.signed, ZoneKind.PORTRAIT: copy.portrayed}
    seen = [(zone.value, str(truths[zone.zone.kind]).lower()) for zone in zones if zone.zone.kind in truths]
    return {
        _PLACED: float(np.mean(away <= _NEAR)),
        _FARTHEST: float(away.max()),
        _TICKS: float(np.mean(right)),
        _WRONG_TICKS: float(np.mean([not a and not b for a, b in zip(right, unsure, strict=True)])),
        _PRESENCE: float(np.mean([said == true for said, true in seen])),
        _WRONG_PRESENCE: float(np.mean([said not in ("", true) for said, true in seen])),
    }


def _millimetres(copy: FormCopy, zone: FilledZone) -> float:
    """Return how far the farthest corner of a zone is from its place, in millimetres of the sheet."""
    true = copy.places[zone.zone.name]
    pixels = np.linalg.norm(true[1] - true[0]) * SCALE / (zone.zone.right - zone.zone.left)
    return float(np.linalg.norm(zone.corners - true, axis=1).max() / pixels)


PROBES = (Probe("forms", "made", _FIGURES, _cases, _judge, thin=61, needs="the fonts of a Chinese page"),)
