"""Train the network of ``outline.judge.weights``, which rates candidates: role ``document-scoring``.

    python -m models.training.document_scoring FOLDER

To be run once the segmentation network is trained and its hash is in the manifest. Made pictures which
that has not seen (``counters`` of seeds kept in FOLDER by ``document_segmentation``, made desks apart from
those that are measured, pages that fill the picture) and the photographs where they are present give
candidates whose overlap with the truth is known.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from imgcore.outline.judge.weights import ScoringNet
from imgcore.outline.overlap import iou
from imgcore.outline.propose.candidates import SEARCH_SIDE, reduce_picture, search_documents
from imgcore.outline.propose.segmentation import segment_documents
from imgcore.types import Net
from lab.fitting import Course, begun_layers, fit_hidden_layer
from lab.photographs import load_photographs
from models.arrays import read_arrays
from models.locate import choose
from models.session import open_net
from models.training.document_segmentation import ROLE as SEGMENTATION
from models.training.document_segmentation import SHARD, SIZES, shard
from models.training.shipped import as_npz, path_of, write
from synthetic.datasets.tabletops import make_counter, make_desk, make_full_page, make_scene
from synthetic.datasets.tabletops import make_desks as made
from synthetic.scene.layout import LAYOUTS

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

ROLE = "document-scoring"
SMALLER = ((800, 600), (800, 450), (600, 800))
SHARDS = range(300, 305)
"""Of `document_segmentation`'s pictures, those that it does not train on."""
DESK_SEED = 170_000
COUNTER_SEED = 9_000_000
EMPTY_SEED = 500_000
SINGLE_SEED = 510_000
WRONG = 0.8
RIGHT = 0.95
"""Overlap with a document up to which a candidate is nothing, and from which it is all right."""
PHOTOGRAPH_WEIGHT = 3.0
NOTHING_WEIGHT = 2.0
HIDDEN = 32
COURSE = Course(steps=4000, batch=4096, rate=0.01, decay=8e-4)
"""Course of a fit from random weights."""
COURSE_BEGUN = replace(COURSE, steps=1500, rate=0.003)
"""Course of a fit from another net on."""


@dataclass(frozen=True, eq=False)
class ScoringSample:
    """One picture's candidates: features, and overlap with the nearest document."""

    features: Floats
    overlap: Floats
    weight: float


def main(arguments: Sequence[str]) -> int:
    """Gather samples, train, write."""
    parser = argparse.ArgumentParser(prog="document_scoring", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--begun", action="store_true", help="go on from the net in the tree")
    options = parser.parse_args(arguments)
    segmentation = open_net(choose(SEGMENTATION))
    begun = ScoringNet(**read_arrays(choose(ROLE))) if options.begun else None
    net = fit([sample(segmentation, *each) for each in gather(options.folder)], begun)
    write(path_of(ROLE), as_npz(asdict(net)))
    return 0


def gather(folder: Path) -> Iterator[tuple[Picture, Sequence[Floats], float]]:
    """Pictures, their documents, and how much they count."""
    for number in SHARDS:
        with np.load(shard(folder, number)) as kept:
            pictures = kept["p"]
            corners = kept["q"].astype(np.float64)
        for at, (picture, quads) in enumerate(zip(pictures, corners, strict=True)):
            rows = SIZES[(number * SHARD + at) % len(SIZES)][1]
            present = list(quads[~np.isnan(quads[:, 0, 0])])
            yield picture[:rows], present, 1.0 if present else NOTHING_WEIGHT
    for layout in LAYOUTS:
        for desk in made(layout, 6, DESK_SEED):
            yield desk.picture, desk.quads, 1.0
    for number in range(24):
        counter = make_counter(COUNTER_SEED + number, SMALLER[number % len(SMALLER)])
        yield counter.picture, counter.quads, 1.0
    for number in range(48):
        alone = make_scene(SINGLE_SEED + number, 1, SMALLER[number % len(SMALLER)])
        yield alone.picture, alone.quads, 1.0
    for number in range(36):
        seed = EMPTY_SEED + number
        size = SMALLER[number % len(SMALLER)]
        empty = make_desk(seed, LAYOUTS[0], 0, size) if number % 2 else make_scene(seed, 0, size)
        yield empty.picture, (), NOTHING_WEIGHT
    for number in range(8):
        yield make_full_page(EMPTY_SEED + number).picture, (), NOTHING_WEIGHT
    for photograph in load_photographs(1600):
        yield photograph.picture, (photograph.quad,), PHOTOGRAPH_WEIGHT


def sample(segmentation: Net, picture: Picture, quads: Sequence[Floats], weight: float) -> ScoringSample:
    """A picture's candidates."""
    reduced = reduce_picture(picture, SEARCH_SIDE)
    found = search_documents(reduced, segment_documents(segmentation, reduced.small, reduced.factor))
    overlap = [max((iou(corners, quad) for quad in quads), default=0.0) for corners in found.corners]
    return ScoringSample(found.features, np.array(overlap), weight)


def fit(
    samples: Sequence[ScoringSample], begun: ScoringNet | None = None, hidden: int = HIDDEN
) -> ScoringNet:
    """Train the network, from another one on where it is `begun`."""
    random = np.random.default_rng(0)
    features = np.concatenate([sample.features for sample in samples])
    overlap = np.concatenate([sample.overlap for sample in samples])
    weight = np.concatenate([np.full(len(sample.overlap), sample.weight) for sample in samples])
    right = np.clip((overlap - WRONG) / (RIGHT - WRONG), 0, 1)
    weight = weight / weight.mean()
    mean = features.mean(axis=0)
    spread = features.std(axis=0) + 1e-6
    if begun:
        mean = begun.mean
        spread = begun.spread
    normal = np.clip((features - mean) / spread, -4, 4)
    layers = begun_layers(random, normal.shape[1], hidden)
    course = COURSE
    if begun:
        layers = [begun.hidden, begun.hidden_offset, begun.output, begun.output_offset]
        course = COURSE_BEGUN
    return ScoringNet(mean, spread, *fit_hidden_layer(random, layers, normal, right, weight, course))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
