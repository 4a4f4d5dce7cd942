"""Faces: pairs of pictures of one person and of two, pictures without a face, and flat attacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.face import sets
from benchmarks.face.pairs import PREFERRED, REGISTRY, FaceModels, accepted_at_rate, compare
from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from imgcore.face import LivenessVerdict, detect, largest, still_liveness
from models.manifest import load_manifest
from server.services.faces.onnx_engine import load_detector, load_liveness_nets

_MATCH = 0.7
"""Similarity from which two faces match unless a threshold is given."""
_FACELESS = 200
"""Pictures without a face, spread over all sets."""
_FOUND = Figure("found", goal=0.995, unit="%")
_FALSE = Figure("pictures without a face: found", Better.LOWER, 0, "of")
_AT_RATE = "one person, accepted where one in 1000 of others is"
"""Name of the figure of verification, a mean over the sets."""


def _cases(models: FaceModels, *names: str) -> Callable[[], Sequence[Case]]:
    return lambda: (
        [Case(name, (name, models)) for name in names] if sets.available() and models.are_here() else ()
    )


def _judge(case: Case) -> Outcome:
    what, models = case.source
    return {"pairs": _pairs, "faceless": _faceless, "liveness": _liveness}[what](models)


def _pairs(models: FaceModels) -> Outcome:
    """Accepted pairs by the first picture: the share of its pairs of one person, and of others."""
    pairs = sets.load_pairs()
    results = compare(pairs, models)
    same: dict[str, list[float]] = {}
    others: dict[str, list[float]] = {}
    for first, alike, similarity in zip(pairs.first, pairs.same, results.similarities, strict=True):
        (same if alike else others).setdefault(pairs.files[first], []).append(float(similarity >= _MATCH))
    return Outcome(
        {
            "found": {name: float(seen) for name, seen in zip(pairs.files, results.found, strict=True)},
            "one person, accepted": {name: sum(some) / len(some) for name, some in same.items()},
            "two people, accepted": {name: sum(some) / len(some) for name, some in others.items()},
            _AT_RATE: accepted_at_rate(pairs, results.similarities),
        }
    )


def _faceless(models: FaceModels) -> Outcome:
    detector = load_detector(model=load_manifest()[models.detector])
    return Outcome(
        {
            _FALSE.name: {
                name: float(bool(detect(picture, detector))) for name, picture in sets.faceless(_FACELESS)
            }
        }
    )


def _liveness(models: FaceModels) -> Outcome:
    """Judge single pictures: so few are a check that the path works, and no rate."""
    detector = load_detector(model=load_manifest()[models.detector])
    judges = load_liveness_nets()
    attacks: dict[str, float] = {}
    people: dict[str, float] = {}
    for number, (picture, alive) in enumerate(sets.liveness_pictures()):
        face = largest(detect(picture, detector))
        verdict = still_liveness(picture, face, judges).verdict if face else LivenessVerdict.CANNOT_TELL
        if alive:
            people[f"person {number}"] = float(verdict is LivenessVerdict.NOT_LIVE)
        else:
            attacks[f"attack {number}"] = float(verdict is LivenessVerdict.LIVE)
    return Outcome({"flat attacks: accepted": attacks, "people: refused as not live": people})


_NEEDS = "the pictures of people, and the models of faces"
"""Data that both probes take."""

PROBES = (
    Probe(
        "faces",
        "shared",
        (
            _FOUND,
            Figure("one person, accepted", unit="%"),
            Figure("two people, accepted", Better.LOWER, unit="%"),
            Figure(_AT_RATE, goal=0.96, unit="%"),
            _FALSE,
            Figure("flat attacks: accepted", Better.LOWER, 0, "of"),
            Figure("people: refused as not live", Better.LOWER, 0, "of"),
        ),
        _cases(PREFERRED, "pairs", "faceless", "liveness"),
        _judge,
        needs=_NEEDS,
        thin=2,
    ),
    Probe(
        "faces with models of a registry",
        "shared",
        (_FOUND, Figure(_AT_RATE, goal=0.9, unit="%"), _FALSE),
        _cases(REGISTRY, "pairs", "faceless"),
        _judge,
        needs=_NEEDS,
        thin=2,
    ),
)
