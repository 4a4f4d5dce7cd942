"""Faces: pairs of pictures of one person and of two, and pictures without a face."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.face import sets
from benchmarks.face.bench import PREFERRED, pair_similarities
from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from imgcore.face import detect
from models.locate import ModelMissing
from models.manifest import load_manifest
from server.services.faces.onnx_engine import load_detector

_MATCH = 0.7
"""Similarity from which two faces match unless a threshold is given."""
_FACELESS = 200
"""Pictures without a face, spread over all sets."""


def _cases() -> Sequence[Case]:
    if not sets.available() or not _has_models():
        return ()
    return [Case("pairs", "pairs"), Case("faceless", "faceless")]


def _has_models() -> bool:
    try:
        load_detector(model=load_manifest()[PREFERRED[0]])
    except ModelMissing:
        return False
    return True


def _judge(case: Case) -> Outcome:
    return _pairs() if case.source == "pairs" else _faceless()


def _pairs() -> Outcome:
    """Accepted pairs by the first picture: the share of its pairs of one person, and of others."""
    pairs = sets.load_pairs()
    found, similar = pair_similarities(pairs, PREFERRED)
    same: dict[str, list[float]] = {}
    others: dict[str, list[float]] = {}
    for first, alike, similarity in zip(pairs.first, pairs.same, similar, strict=True):
        (same if alike else others).setdefault(pairs.files[first], []).append(float(similarity >= _MATCH))
    return Outcome(
        {
            "found": {name: float(seen) for name, seen in zip(pairs.files, found, strict=True)},
            "one person, accepted": {name: sum(some) / len(some) for name, some in same.items()},
            "two people, accepted": {name: sum(some) / len(some) for name, some in others.items()},
        }
    )


def _faceless() -> Outcome:
    detector = load_detector(model=load_manifest()[PREFERRED[0]])
    return Outcome(
        {
            "pictures without a face: found": {
                name: float(bool(detect(picture, detector))) for name, picture in sets.faceless(_FACELESS)
            }
        }
    )


PROBES = (
    Probe(
        "faces",
        "shared",
        (
            Figure("found", goal=0.995, unit="%"),
            Figure("one person, accepted", unit="%"),
            Figure("two people, accepted", Better.LOWER, unit="%"),
            Figure("pictures without a face: found", Better.LOWER, 0, "of"),
        ),
        _cases,
        _judge,
        needs="the pictures of people, and the models of faces",
        thin=2,
    ),
)
