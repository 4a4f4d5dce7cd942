"""Papers that are read: zones of travel documents, invoices, cards; and drawn ones of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.text import made, real
from benchmarks.text.papers import scores, wanted_fields
from benchmarks.text.readers import own_reader
from imgcore.fields import DocumentReader
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.specimens import make_photograph

_NO_PAPERS = 8
"""Pictures of print that are asked for papers, of which there are none on them."""
_FIRST = 30_000
"""Seed of the first drawn paper."""
_DRAWN = {
    "id-card-front": 0.95,
    "id-card-back": 0.97,
    "bank-card": 0.97,
    "TD1": 0.99,
    "TD3": 0.99,
    "invoice": 0.95,
}
"""Goals of the share of drawn papers whose fields are all exact, by kind."""
_EACH = 6
"""Drawn papers of each kind."""


@cache
def _reader() -> DocumentReader:
    return DocumentReader(own_reader(), ModelCache().documents())


def _cases() -> Sequence[Case]:
    if not (real.FOLDER / "truth.json").is_file():
        return ()
    pictures = list(real.pictures())
    papers = [one for one in pictures if "text" not in one.truth]
    prints = [one for one in pictures if "text" in one.truth]
    return [Case(one.name, one) for one in [*papers, *prints[:: max(1, len(prints) // _NO_PAPERS)]]]


def _judge(case: Case) -> Outcome:
    found = _reader().read(case.source.image)
    if "text" in case.source.truth:
        return Outcome({"no paper: said to be one": float(bool(found))})
    kind = "zones" if "mrz" in case.source.truth else "other papers"
    return Outcome(scores(kind, wanted_fields(case.source.truth), found))


def _drawn() -> Sequence[Case]:
    cases = [Case(f"{kind} {seed}", (kind, _FIRST + seed)) for kind in _DRAWN for seed in range(_EACH)]
    return cases + [Case(f"faint bank card {seed}", ("faint", seed)) for seed in made.CONTRASTS]


def _judge_drawn(case: Case) -> Outcome:
    kind, seed = case.source
    seen = made.faint_bank_card(seed) if kind == "faint" else make_photograph(seed, kind)
    # Embossed numbers lose their colour: of a faint card the number alone counts.
    names = ("number",) if kind == "faint" else tuple(seen.specimen.fields)
    wanted = {name: seen.specimen.fields[name] for name in names if seen.specimen.fields[name]}
    judged = scores(kind, wanted, _reader().read(seen.picture))
    exact = float(judged[f"{kind}: fields right"] == 1 and judged[f"{kind}: wrong fields"] == 0)
    what = "faint bank cards: number right" if kind == "faint" else f"{kind}: all fields exact"
    lie = "wrong or missing, and said to be valid"
    return Outcome({what: exact, lie: judged[lie]})


PROBES = (
    Probe(
        "papers",
        "shared",
        (
            Figure("zones: fields right", unit="%"),
            Figure("zones: wrong fields", Better.LOWER),
            Figure("other papers: fields right", unit="%"),
            Figure("other papers: wrong fields", Better.LOWER),
            Figure("wrong or missing, and said to be valid", Better.LOWER, 0, "of"),
            Figure("no paper: said to be one", Better.LOWER, 0, "of"),
        ),
        _cases,
        _judge,
        ("document_*",),
        "the real pictures to read",
        thin=12,
    ),
    Probe(
        "papers",
        "made",
        (
            *(Figure(f"{kind}: all fields exact", goal=goal, unit="%") for kind, goal in _DRAWN.items()),
            Figure("faint bank cards: number right", unit="%"),
            Figure("wrong or missing, and said to be valid", Better.LOWER, 0, "of"),
        ),
        _drawn,
        _judge_drawn,
        ("document_*",),
        "the fonts of a Chinese page",
        thin=12,
    ),
)
