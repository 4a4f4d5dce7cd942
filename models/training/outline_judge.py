"""Fit the weights of features in ``imgcore.outline.judge.scores``.

    python -m models.training.outline_judge [--scenes 260] [--cache FILE]

Made scenes (``scenes``), and the photographs with known corners where they are present, give
candidates whose overlap with the truth is known. Three linear models are fitted to them, each
with a little weight decay:

rank
    within one picture, the right candidates of the line search against all others (softmax);
page
    over all pictures, the right ones among the few that rank highest against the wrong ones;
region
    over all pictures, right regions against wrong ones.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.judge.scores import ranking_score as rank_before
from imgcore.outline.propose.candidates import Candidates, reduce_picture, search_quads, search_regions
from imgcore.outline.propose.features import NAMES
from lab.fitting import Adam, logistic
from lab.photographs import load_photographs
from models.training.shipped import write_weights
from synthetic.datasets.tabletops import Scene, make_full_page, make_scene

Floats = npt.NDArray[np.float64]

SIZES = ((1024, 576), (960, 720), (720, 960))
DOCUMENTS = (1, 1, 1, 1, 0, 0, 2, 3, 5, 7)
RIGHT = 0.88
WRONG = 0.65
"""Overlap with a document from which a candidate is right, and up to which it is wrong."""
FIRST = 5
"""So many of those that rank highest in a picture teach what a page is."""
PHOTOGRAPH_WEIGHT = 4.0
NOTHING_WEIGHT = 2.0
"""Pictures in which no candidate is a document count more: there nothing must be found."""
DECAY = 1e-3
"""Half of it times the square of each weight is added to the loss."""
STEPS = 600
"""Steps of Adam by which the rank is fitted."""
RATE = 0.03
"""Rate of the first step; it falls evenly to 0."""


@dataclass(frozen=True, eq=False)
class OutlineSample:
    """One picture's candidates: features, and overlap with the nearest document."""

    features: Floats
    overlap: Floats
    lines: int
    """So many, the first, come from the line search."""
    weight: float


def main(arguments: Sequence[str]) -> int:
    """Gather samples, fit, write."""
    parser = argparse.ArgumentParser(prog="outline_judge", description=__doc__)
    parser.add_argument("--scenes", type=int, default=260)
    parser.add_argument("--cache", type=Path, help="keep the samples in this file for the next run")
    options = parser.parse_args(arguments)
    samples = _cached(options.cache, lambda: list(gather(options.scenes)))
    rank = fit_rank(samples)
    page, page_offset = fit_page(samples, rank)
    region, region_offset = fit_region(samples)
    write_weights("features", NAMES, {"rank": rank})
    write_weights("features", NAMES, {"page": page, "page_offset": page_offset})
    write_weights("features", NAMES, {"region": region, "region_offset": region_offset})
    return 0


def gather(count: int) -> Iterator[OutlineSample]:
    """Candidates of made scenes, then of photographs."""
    for number in range(count):
        size = SIZES[number % len(SIZES)]
        scene = make_scene(50_000 + number, DOCUMENTS[number % len(DOCUMENTS)], size)
        yield _sample(scene, 1.0)
        if number % 4 == 0:
            yield _sample(make_full_page(60_000 + number, size), 1.0)
    for photograph in load_photographs(1600):
        yield _sample(Scene(photograph.picture, (photograph.quad,)), PHOTOGRAPH_WEIGHT)


def _sample(scene: Scene, weight: float) -> OutlineSample:
    seen = reduce_picture(scene.picture)
    lines = search_quads(seen)
    regions = search_regions(seen)
    features = np.concatenate([lines.features, regions.features])
    overlap = np.concatenate([_overlaps(found, scene) for found in (lines, regions)])
    keep = np.concatenate(
        [_informative(lines.features, overlap[: len(lines.features)]), np.ones(len(regions.features), bool)]
    )
    return OutlineSample(features[keep], overlap[keep], int(keep[: len(lines.features)].sum()), weight)


def _informative(features: Floats, overlap: Floats) -> npt.NDArray[np.bool_]:
    """All right ones, and those that ranked highest so far."""
    best = np.argsort(-rank_before(features))[:150]
    return (overlap > RIGHT) | np.isin(np.arange(len(overlap)), best)


def _overlaps(found: Candidates, scene: Scene) -> Floats:
    rows, cols = scene.picture.shape[:2]
    frame = np.array([(-0.5, -0.5), (cols, -0.5), (cols, rows), (-0.5, rows)], np.float32)
    truths = [_within(quad, frame) for quad in scene.quads]
    return np.array(
        [
            max((_overlap(_within(quad, frame), truth) for truth in truths), default=0)
            for quad in found.corners
        ]
    )


def _within(quad: Floats, frame: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Clip a quadrilateral to the picture."""
    shown = cv2.intersectConvexConvex(cv2.convexHull(quad.astype(np.float32)), frame)[1]
    return np.zeros((1, 1, 2), np.float32) if shown is None else np.asarray(shown, np.float32)


def _overlap(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    if len(one) < 3 or len(other) < 3:
        return 0.0
    common = cv2.intersectConvexConvex(one, other)[0]
    return float(common / (cv2.contourArea(one) + cv2.contourArea(other) - common))


def _cached(path: Path | None, make: Callable[[], list[OutlineSample]]) -> list[OutlineSample]:
    if path is not None and path.exists():
        return list(pickle.loads(path.read_bytes()))
    samples = make()
    if path is not None:
        path.write_bytes(pickle.dumps(samples))
    return samples


def fit_rank(samples: Sequence[OutlineSample]) -> Floats:
    """Weights whose largest sum in each picture is a right candidate's."""
    every = np.concatenate([sample.features[: sample.lines] for sample in samples])
    mean = every.mean(axis=0)
    spread = every.std(axis=0) + 1e-6
    lists = []
    for sample in samples:
        overlap = sample.overlap[: sample.lines]
        if sample.lines and overlap.max() > 0.9:
            z = (sample.features[: sample.lines] - mean) / spread
            lists.append((z, overlap > max(0.9, overlap.max() - 0.03), sample.weight))

    def slope(weights: Floats) -> Floats:
        total = np.zeros_like(weights)
        for z, right, weight in lists:
            power = z @ weights
            share = np.exp(power - power.max())
            good = share * right
            total += weight * (share / share.sum() - good / good.sum()) @ z
        return np.asarray(total / len(lists))

    adam = Adam()
    weights = np.zeros_like(mean)
    for step in range(1, STEPS + 1):
        rate = RATE * (1 - step / (STEPS + 1))
        (moved,) = adam.step([weights], [slope(weights) + DECAY * weights], rate)
        weights = np.asarray(moved, np.float64)
    return np.asarray(weights / spread)


def fit_page(samples: Sequence[OutlineSample], rank: Floats) -> tuple[Floats, float]:
    """Weights and offset of the odds that what ranks highest is a document."""
    parts = []
    for sample in samples:
        features = sample.features[: sample.lines]
        overlap = sample.overlap[: sample.lines]
        first = np.argsort(-(features @ rank), kind="stable")[:FIRST]
        parts.append((features[first], overlap[first], np.full(len(first), _weight(sample))))
    return _odds(parts)


def fit_region(samples: Sequence[OutlineSample]) -> tuple[Floats, float]:
    """Weights and offset of the odds that a region is a document."""
    parts = []
    for sample in samples:
        features = sample.features[sample.lines :]
        overlap = sample.overlap[sample.lines :]
        parts.append((features, overlap, np.full(len(features), _weight(sample))))
    return _odds(parts)


def _weight(sample: OutlineSample) -> float:
    return sample.weight if sample.overlap.max(initial=0) > RIGHT else sample.weight * NOTHING_WEIGHT


def _odds(parts: Sequence[tuple[Floats, Floats, Floats]]) -> tuple[Floats, float]:
    """Logistic regression, on features of mean 0 and spread 1."""
    features, overlap, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    clear = (overlap > RIGHT) | (overlap < WRONG)
    features = features[clear]
    right = (overlap[clear] > RIGHT).astype(float)
    mean = features.mean(axis=0)
    spread = features.std(axis=0) + 1e-6
    inputs = np.column_stack([(features - mean) / spread, np.ones(len(features))])
    share = weight[clear] / weight[clear].sum()
    weights = logistic(inputs, right, share, np.full(inputs.shape[1], DECAY))
    scaled = weights[:-1] / spread
    return scaled, float(weights[-1] - scaled @ mean)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
