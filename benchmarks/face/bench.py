"""The whole table: detection, verification, calibration, liveness, milliseconds and memory."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks import report
from benchmarks.face import chain, preview, sets
from imgcore.face import Embedder, LivenessVerdict, Net, detect, embed, largest, still_liveness
from imgcore.face.embed import calibrated
from models.locate import ModelMissing
from models.manifest import load_manifest
from server.services.faces.onnx_engine import load_detector, load_embedder, load_liveness_nets

RATES = (1e-2, 1e-3, 1e-4)
SIMILARITIES = (0.5, 0.6, 0.7, 0.8, 0.9)
FACELESS = 400
PREFERRED = ("yunet-n", "reid-0095")
REGISTRY = ("yunet-s", "dlib-resnet-v1")
TEXT = """
{machine}

Models: {models}; rows of "registry only": {registry}, which a package index carries.

Three sets: `orl` (Olivetti Research Laboratory, 200 grey pictures of 20 people), `lfw100` (200 tight grey
crops of about 100 px, of 100 people of LFW), `johns` (55 web photographs of 5 people); all pairs within each
set, {different} of different people. They are small, their people are likely in the nets' training sets,
and the scale was read off them: what they say of other people is less than the digits suggest.

Found: a face of 30 px or more in each picture, pictures as they are. Faceless: pages, forms and barcodes.

{detection}

Share of pairs of one person that are accepted where that share of all pairs of different people is, the
threshold being one for all sets. Pooled: mean of the sets.

{verification}

The scale: what share of all pairs of different people reaches a similarity, and of each set's pairs of one
person.

{scale}

Liveness, single pictures, as a check that the path works and never as a rate: with {attacks} flat attacks and
{people} people nothing can be said of the next one. There are no masks and no cut-outs among them; most of
those pass.

{live}

A person in a frame of 1280 x 720, everything on one thread; medians, and the most memory of a process that
does nothing else.

{pace}

A preview of 1280 x 720 at 30 frames a second over a WebSocket, without and with liveness, of one run; the gap
between frames is the 99th percentile. No frame waits for a look.

{preview}
"""

Cosines = npt.NDArray[np.float64]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="face", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few faceless pictures, and nothing is written")
    options = parser.parse_args(arguments)
    if not sets.available():
        print("face: it takes pictures of people, whose folder GAOPAI_SHARED names", file=sys.stderr)
        return 1
    try:
        body = _body(40 if options.quick else FACELESS, options.quick)
    except ModelMissing as missing:
        print(f"face: {missing}", file=sys.stderr)
        return 1
    report.publish("face", "Faces", body, options.quick)
    return 0


@dataclass(frozen=True, slots=True, eq=False)
class PairResults:
    """Detections and similarities of all pairs, by one detector and one embedder.

    Attributes
    ----------
    note
        Added to the names of its rows.
    found
        bool ``(pictures,)``: True where a face was found.
    cosines
        ``(pairs,)``; -1 where one of the two has none.
    """

    note: str
    detector: Net
    embedder: Embedder
    found: npt.NDArray[np.bool_]
    cosines: Cosines


def _run(pairs: sets.FacePairs, names: tuple[str, str], note: str = "") -> PairResults:
    known = load_manifest()
    detector = load_detector(model=known[names[0]])
    embedder = load_embedder(model=known[names[1]])
    vectors, found = _vectors(pairs.files, detector, embedder)
    # Nothing is said of a picture without a face: it matches nobody.
    cosines = np.einsum("ij,ij->i", vectors[pairs.first], vectors[pairs.second]).astype(np.float64)
    cosines[~(found[pairs.first] & found[pairs.second])] = -1
    return PairResults(note, detector, embedder, found, cosines)


def pair_similarities(
    pairs: sets.FacePairs, names: tuple[str, str]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Return the pictures in which a face was found, and the similarity of each pair, by two models."""
    run = _run(pairs, names)
    return run.found, np.asarray(calibrated(run.cosines, run.embedder.calibration), np.float64)


def _body(faceless: int, quick: bool) -> str:
    pairs = sets.load_pairs()
    runs = (_run(pairs, PREFERRED), _run(pairs, REGISTRY, ", registry only"))
    answers = _liveness(runs[0].detector)
    return TEXT.format(
        machine=report.machine(("numpy", "opencv-contrib-python", "onnxruntime")),
        models=", ".join(PREFERRED),
        registry=", ".join(REGISTRY),
        different=int((~pairs.same).sum()),
        detection=report.table(
            ("set", "pictures with a face found", "share"),
            [row for run in runs for row in _detection(pairs.files, run, faceless)],
        ),
        verification=report.table(
            ("accepted of different people", *sets.SETS, "pooled"),
            [row for run in runs for row in _rates(pairs, run)],
        ),
        scale=report.table(
            ("similarity", "different people", *sets.SETS),
            [row for run in runs for row in _scale(pairs, run)],
        ),
        attacks=sum(not alive for alive, _ in answers),
        people=sum(alive for alive, _ in answers),
        live=_liveness_table(answers),
        pace=_pace(),
        preview=_preview(quick),
    )


def _vectors(
    files: Sequence[str], detector: Net, embedder: Embedder
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Return the embedding of the largest face of each picture, and a mask of the pictures that have one."""
    vectors = []
    for name in files:
        image = sets.picture(name)
        faces = detect(image, detector)
        vectors.append(embed(image, faces[0], embedder) if faces else None)
    length = next(len(vector) for vector in vectors if vector is not None)
    filled = [np.zeros(length, np.float32) if vector is None else vector for vector in vectors]
    return np.array(filled), np.array([vector is not None for vector in vectors])


def _detection(files: Sequence[str], run: PairResults, count: int) -> Iterator[list[str]]:
    folders = np.array([name.partition("/")[0] for name in files])
    for name in sets.SETS:
        yield [f"{name}{run.note}", *_share(run.found[folders == name])]
    yield [f"all{run.note}", *_share(run.found)]
    false = [len(detect(image, run.detector)) > 0 for _, image in sets.faceless(count)]
    share = f"{np.mean(false):.1%}" if false else "-"
    yield [f"faceless{run.note}", f"{sum(false)} of {len(false)}", share]


def _share(found: npt.NDArray[np.bool_]) -> tuple[str, str]:
    return f"{int(found.sum())} of {len(found)}", f"{found.mean():.2%}"


def _rates(pairs: sets.FacePairs, run: PairResults) -> Iterator[list[str]]:
    ranked = np.sort(run.cosines[~pairs.same])[::-1]
    for rate in RATES:
        threshold = ranked[int(rate * len(ranked))]
        shares = [
            float(np.mean(run.cosines[pairs.same & (pairs.sets == name)] > threshold)) for name in sets.SETS
        ]
        yield [
            f"{rate:.2%}{run.note}",
            *(f"{share:.1%}" for share in [*shares, float(np.mean(shares))]),
        ]


def _scale(pairs: sets.FacePairs, run: PairResults) -> Iterator[list[str]]:
    similarities = calibrated(run.cosines, run.embedder.calibration)
    different = similarities[~pairs.same]
    for value in SIMILARITIES:
        false = int((different >= value).sum())
        same = [np.mean(similarities[pairs.same & (pairs.sets == name)] >= value) for name in sets.SETS]
        yield [
            f"{value:g}{run.note}",
            f"{false / len(different):.4%} ({false})",
            *(f"{share:.1%}" for share in same),
        ]


def _liveness(detector: Net) -> list[tuple[bool, LivenessVerdict]]:
    """Return a pair for each picture: True if it shows a person, and the liveness verdict."""
    judges = load_liveness_nets()
    return [
        (alive, still_liveness(image, face, judges).verdict if face else LivenessVerdict.CANNOT_TELL)
        for image, alive in sets.liveness_pictures()
        for face in [largest(detect(image, detector))]
    ]


def _liveness_table(answers: Sequence[tuple[bool, LivenessVerdict]]) -> str:
    rows = []
    for name, alive in (("flat attacks", False), ("people", True)):
        said = [verdict for is_alive, verdict in answers if is_alive is alive]
        rows.append([name, *(f"{said.count(verdict)} of {len(said)}" for verdict in LivenessVerdict)])
    return report.table(("pictures", *LivenessVerdict), rows)


def _pace() -> str:
    pace = chain.measure()
    steps = (pace.detect, pace.live, pace.embed, pace.whole)
    row = ["one thread, 720p", *(f"{step:.1f}" for step in steps), f"{pace.mebibytes:.0f}"]
    return report.table(("ms", "find", "live", "embed", "whole chain", "MiB"), [row])


def _preview(quick: bool) -> str:
    names = ("without liveness", "with liveness")
    rows = [
        [name, f"{stats.rate:.1f}", f"{stats.gap:.0f}", f"{stats.detections:.1f}"]
        for name, stats in zip(names, preview.measure(quick), strict=True)
    ]
    return report.table(("preview", "frames a second", "gap, ms", "looks a second"), rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
