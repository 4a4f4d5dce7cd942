"""Fit the network of ``outline.judge.scores`` that tells devices from documents.

    python -m models.training.device_judge [--counters 1200] [--desks 400] [--devices 450]

To be run once the networks of several documents are trained and ``candidate_context`` has fitted its own.
Documents are the true ones of made counters and desks, the candidates that agree with them, and, where they
are present, those of photographs whose licence allows it; devices are drawn ones, and candidates that hold no
document.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline import DocumentNets
from imgcore.outline.judge.scores import odds_in_context
from imgcore.outline.judge.weights import ScoringNet
from imgcore.outline.measure.device_evidence import NAMES, measure_devices
from imgcore.outline.overlap import PairwiseOverlap, overlap_coefficient
from imgcore.outline.propose.candidates import SEARCH_SIDE, reduce_picture, search_documents
from imgcore.outline.propose.segmentation import segment_documents
from imgcore.outline.select import without_duplicates
from lab.collected import MANIFEST, default_folder
from lab.marked import FOLDER
from lab.photographs import load_photographs
from models.arrays import read_arrays
from models.locate import choose
from models.session import open_net
from models.training.candidate_context import subjects
from models.training.document_scoring import ROLE as SCORING
from models.training.document_scoring import ScoringSample, fit
from models.training.document_segmentation import ROLE as SEGMENTATION
from models.training.document_segmentation import SIZES
from models.training.shipped import write_weights
from synthetic.datasets.tabletops import make_counter, make_devices

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

SEED = 1_024_000
DEVICE_SEED = 1_600_000
DEVICE_SIZES = ((533, 400), (533, 300), (400, 533))
LIKELY = -2.5
MOST = 14
"""Odds from which candidates are taken, and how many of a picture."""
RIGHT = 0.85
WRONG = 0.4
HELD = 0.25
"""Overlap with a document from which a candidate is one; that and the common share up to which it is none."""
SMALLEST = 8.0
"""Pixels of the reduced picture below which nothing is to be seen of a side."""
HIDDEN = 12
ALLOWED = ("MIT", "Apache-2.0", "MPL-2.0")
"""Licences of photographs that are learnt from."""
VIEWS = 4
PHOTOGRAPH_SIDE = 1600


def main(arguments: Sequence[str]) -> int:
    """Gather, fit, write."""
    parser = argparse.ArgumentParser(prog="device_judge", description=__doc__)
    for name, number in (("counters", 1200), ("desks", 400), ("devices", 450)):
        parser.add_argument(f"--{name}", type=int, default=number)
    options = parser.parse_args(arguments)
    nets = DocumentNets(ScoringNet(**read_arrays(choose(SCORING))), open_net(choose(SEGMENTATION)))
    samples = [gathered(nets, *subject) for subject in _pictures(options.counters, options.desks)]
    samples += [drawn(DEVICE_SEED + number) for number in range(options.devices)]
    real = [photographed(*subject) for subject in _photographs()]
    net = fit(balanced(samples) + balanced(real)[1:], hidden=HIDDEN)
    write_weights("device", NAMES, asdict(net))
    return 0


def _pictures(counters: int, desks: int) -> Iterator[tuple[Picture, Sequence[Floats]]]:
    for seed in range(SEED, SEED + counters):
        counter = make_counter(seed, SIZES[seed % len(SIZES)])
        yield counter.picture, counter.quads
    # Parts of whole pages are judged elsewhere, and look like documents.
    yield from islice(((picture, quads) for picture, quads, _ in subjects() if quads), desks)


def gathered(nets: DocumentNets, picture: Picture, quads: Sequence[Floats]) -> ScoringSample:
    """Return the documents and the likelier candidates of a picture, measured."""
    reduced = reduce_picture(picture, SEARCH_SIDE)
    net_maps = segment_documents(nets.segmentation, reduced.small, reduced.factor)
    found = search_documents(reduced, net_maps)
    alone = nets.scoring.log_odds(found.features)
    odds = odds_in_context(found.corners, alone, picture.shape, net_maps)
    chosen = found.corners[without_duplicates(found.corners, odds, LIKELY)[:MOST]]
    both = np.concatenate([chosen, np.reshape(quads, (-1, 4, 2))])
    overlaps = PairwiseOverlap(both)
    documents = range(len(chosen), len(both))
    right = np.array(
        [max((overlaps.iou(at, it) for it in documents), default=0.0) for at in range(len(both))]
    )
    held = [max((overlap_coefficient(quad, it) for it in quads), default=0.0) for quad in both]
    clear = (right > RIGHT) | ((right < WRONG) & (np.array(held) < HELD))
    clear &= np.ptp(reduced.to_small(both), axis=1).min(axis=1) > SMALLEST
    return _sample(reduced.small, reduced.to_small(both[clear]), (right[clear] > RIGHT).astype(float))


def drawn(seed: int) -> ScoringSample:
    """Return devices as candidates would lie on them, measured."""
    scene = make_devices(seed, DEVICE_SIZES[seed % len(DEVICE_SIZES)])
    random = np.random.default_rng(seed)
    size = np.array(scene.picture.shape[1::-1])
    inside = [quad for quad in scene.quads if (quad > -4).all() and (quad < size + 4).all()]
    quads = [quad.mean(axis=0) + random.uniform(0.95, 1.01) * (quad - quad.mean(axis=0)) for quad in inside]
    moved = np.reshape(quads, (-1, 4, 2)) + 0.8 * random.normal(size=(len(quads), 4, 2))
    return _sample(scene.picture, moved, np.zeros(len(quads)))


def photographed(picture: Picture, quads: Sequence[Floats], seed: int) -> ScoringSample:
    """Return the documents of a photograph, and how they look in other light and not quite met, measured."""
    random = np.random.default_rng(seed)
    reduced = reduce_picture(picture, SEARCH_SIDE)
    exact = reduced.to_small(np.reshape(quads, (-1, 4, 2)))
    middle = exact.mean(axis=1, keepdims=True)
    parts = [_sample(reduced.small, exact, np.ones(len(exact)))]
    for view in range(VIEWS):
        light = random.uniform(0.75, 1.2) if view % 2 else 1.0
        seen = np.clip(light * reduced.small, 0, 255).astype(np.uint8)
        moved = middle + random.uniform(0.97, 1.0) * (exact - middle) + 0.6 * random.normal(size=exact.shape)
        parts.append(_sample(seen, moved, np.ones(len(exact))))
    return ScoringSample(
        np.concatenate([part.features for part in parts]), np.ones(len(parts) * len(exact)), 1.0
    )


def _photographs() -> Iterator[tuple[Picture, Sequence[Floats], int]]:
    """Yield photographs that may be learnt from, their documents, and a seed."""
    for manifest, folder in ((FOLDER / "desks.json", FOLDER), (MANIFEST, default_folder())):
        entries = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else ()
        for seed, entry in enumerate(entries):
            allowed = entry.get("fit", entry["licence"].split()[0] in ALLOWED)
            if allowed and entry["documents"] and (folder / entry["file"]).is_file():
                picture = np.asarray(cv2.imread(str(folder / entry["file"])), np.uint8)
                yield picture, [np.array(each["quad"]) for each in entry["documents"]], seed
    for seed, photograph in enumerate(islice(load_photographs(PHOTOGRAPH_SIDE), 0, None, 2)):
        yield photograph.picture, [photograph.quad], seed


def _sample(small: Picture, quads: Floats, right: Floats) -> ScoringSample:
    measures = measure_devices(small, quads) if len(quads) else np.empty((0, len(NAMES)))
    return ScoringSample(measures, right, 1.0)


def balanced(samples: Sequence[ScoringSample]) -> list[ScoringSample]:
    """Return documents and devices apart, which count the same in all."""
    measures, right = (
        np.concatenate([getattr(it, key) for it in samples]) for key in ("features", "overlap")
    )
    parts = [(measures[right == kind], float(kind)) for kind in (0, 1)]
    return [ScoringSample(part, np.full(len(part), kind), 1 / max(1, len(part))) for part, kind in parts]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
