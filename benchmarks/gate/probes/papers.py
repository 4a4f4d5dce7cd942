"""Papers that are read: zones of travel documents, invoices, cards."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.reading import is_lie, tally, wanted_fields
from benchmarks.text import real
from benchmarks.text.readers import own_reader
from imgcore.fields import DocumentReader
from server.services.pictures.model_cache import ModelCache


@cache
def _reader() -> DocumentReader:
    return DocumentReader(own_reader(), ModelCache().documents())


def _cases() -> Sequence[Case]:
    if not (real.FOLDER / "truth.json").is_file():
        return ()
    return [Case(one.name, one) for one in real.pictures() if "text" not in one.truth]


def _judge(case: Case) -> Outcome:
    wanted = wanted_fields(case.source.truth)
    found = _reader().read(case.source.image)
    counts = max((tally(wanted, one) for one in found), key=lambda one: one["right"], default=tally(wanted))
    kind = "zones" if "mrz" in case.source.truth else "other papers"
    return Outcome(
        {
            f"{kind}: fields right": counts["right"] / max(1, len(wanted)),
            f"{kind}: wrong fields": float(counts["wrong"]),
            "wrong or missing, and said to be valid": float(sum(is_lie(wanted, one) for one in found)),
        }
    )


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
        ),
        _cases,
        _judge,
        ("document_*",),
        "the real pictures to read",
        thin=12,
    ),
)
