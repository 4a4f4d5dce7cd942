"""Train the network of ``outline.scoring.scoring_net``, which rates candidates: role ``document-scoring``.

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
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.quality.photographs import load_photographs
from benchmarks.quality.several import made
from imgcore.outline.overlap import iou
from imgcore.outline.scoring.scoring_net import ScoringNet
from imgcore.outline.search.candidates import reduce_picture
from imgcore.outline.search.document_search import SEARCH_SIDE, search_documents
from imgcore.outline.search.segmentation import segment_documents
from imgcore.types import Net
from models.arrays import read_arrays
from models.locate import choose
from models.session import open_net
from models.training.document_segmentation import ROLE as SEGMENTATION
from models.training.document_segmentation import SHARD, SIZES, shard
from models.training.shipped import as_npz, path_of, write
from synthetic.datasets.tabletops import make_counter, make_desk, make_full_page, make_scene
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
STEPS = 4000
BATCH = 4096
RATE = 0.01
DECAY = 8e-4
STEPS_BEGUN = 1500
RATE_BEGUN = 0.003


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
    """Train the network by Adam with the usual constants, from another one on where it is `begun`."""
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
    count = normal.shape[1]
    layers = [
        random.normal(size=(count, hidden)) / np.sqrt(count),
        np.zeros(hidden),
        random.normal(size=hidden) / (2 * np.sqrt(hidden)),
        np.zeros(1),
    ]
    if begun:
        layers = _layers(begun)
    moments = [(np.zeros_like(layer), np.zeros_like(layer)) for layer in layers]
    steps, fastest = (STEPS_BEGUN, RATE_BEGUN) if begun else (STEPS, RATE)
    for step in range(1, steps + 1):
        some = random.integers(0, len(normal), BATCH)
        slopes = _slopes(layers, normal[some], right[some], weight[some])
        for layer, (first, second), slope in zip(layers, moments, slopes, strict=True):
            first += 0.1 * (slope - first)
            second += 0.001 * (slope**2 - second)
            rate = fastest * (1 - step / (steps + 1))
            layer -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return ScoringNet(mean, spread, *layers)


def _layers(net: ScoringNet) -> list[Floats]:
    return [net.hidden.copy(), net.hidden_offset.copy(), net.output.copy(), net.output_offset.copy()]


def _slopes(layers: Sequence[Floats], normal: Floats, right: Floats, weight: Floats) -> list[Floats]:
    first, bias, second, offset = layers
    hidden = np.tanh(normal @ first + bias)
    chance = 1 / (1 + np.exp(-np.clip(hidden @ second + offset, -30, 30)))
    error = weight * (chance - right) / len(right)
    back = np.outer(error, second) * (1 - hidden**2)
    return [
        normal.T @ back + DECAY * first,
        back.sum(axis=0),
        hidden.T @ error + DECAY * second,
        error.sum(keepdims=True),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
