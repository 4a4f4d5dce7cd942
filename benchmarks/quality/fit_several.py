"""Fit the network of ``imgcore.outline.net`` and print its module of weights.

    python -m benchmarks.quality.fit_several [--desks 240] [--cache FILE] > imgcore/outline/net_weights.py

Made desks (``benchmarks.synthetic.desks``, seeds apart from those that are measured), made pages and
empty desks (``scenes``), and the photographs where they are present give candidates whose overlap with
the truth is known.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.quality.photographs import load_photographs
from benchmarks.quality.scenes import make_full_page, make_scene
from benchmarks.synthetic.desks import LAYOUTS, make_desk
from imgcore.outline.frames import DESK_SIDE, search_frames
from imgcore.outline.overlap import likeness
from imgcore.outline.search import view

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

SIZES = ((1600, 1200), (1600, 900), (1200, 1600))
SEED = 500_000
RIGHT, WRONG = 0.82, 0.82
"""Overlap with a document from which a candidate is right, and up to which it is wrong."""
PHOTOGRAPH_WEIGHT, NOTHING_WEIGHT = 4.0, 2.0
HIDDEN, STEPS, BATCH, RATE, DECAY = 16, 2500, 4096, 0.01, 8e-4


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture's candidates: features, and overlap with the nearest document."""

    features: Floats
    overlap: Floats
    weight: float


def main(arguments: Sequence[str]) -> int:
    """Gather samples, fit, print."""
    parser = argparse.ArgumentParser(prog="fit_several", description=__doc__)
    parser.add_argument("--desks", type=int, default=240, help="made desks; pages and empty ones are added")
    parser.add_argument("--cache", type=Path, help="keep the samples in this file for the next run")
    options = parser.parse_args(arguments)
    if options.cache and options.cache.exists():
        samples = pickle.loads(options.cache.read_bytes())
    else:
        samples = [_sample(*each) for each in gather(options.desks)]
        if options.cache:
            options.cache.write_bytes(pickle.dumps(samples))
    print(module(fit(samples)))
    return 0


def gather(count: int) -> Iterator[tuple[Picture, tuple[Floats, ...], float]]:
    """Pictures, their documents, and how much they count."""
    for number in range(count):
        size = SIZES[number % len(SIZES)]
        desk = make_desk(SEED + number, LAYOUTS[number % len(LAYOUTS)], 2 + number // 4 % 11, size)
        yield desk.picture, desk.quads, 1.0
        if number % 4 == 0:
            alone = make_scene(SEED + 10_000 + number, number // 4 % 2, size)
            yield alone.picture, alone.quads, 1.0 if alone.quads else NOTHING_WEIGHT
        if number % 16 == 0:
            yield make_full_page(SEED + 20_000 + number, size).picture, (), NOTHING_WEIGHT
    for photograph in load_photographs(1600):
        yield photograph.picture, (photograph.quad,), PHOTOGRAPH_WEIGHT


def _sample(picture: Picture, quads: tuple[Floats, ...], weight: float) -> Sample:
    found = search_frames(view(picture, DESK_SIDE))
    overlap = [max((likeness(corners, quad) for quad in quads), default=0.0) for corners in found.corners]
    return Sample(found.features, np.array(overlap), weight)


def fit(samples: Sequence[Sample]) -> list[Floats]:
    """Mean, spread, weights and offsets of the two layers, by Adam with the usual constants."""
    random = np.random.default_rng(0)
    features = np.concatenate([sample.features for sample in samples])
    overlap = np.concatenate([sample.overlap for sample in samples])
    weight = np.concatenate([np.full(len(sample.overlap), sample.weight) for sample in samples])
    clear = (overlap > RIGHT) | (overlap < WRONG)
    features, right, weight = features[clear], overlap[clear] > RIGHT, weight[clear] / weight[clear].mean()
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    normal = np.clip((features - mean) / spread, -4, 4)
    count = normal.shape[1]
    layers = [
        random.normal(size=(count, HIDDEN)) / np.sqrt(count),
        np.zeros(HIDDEN),
        random.normal(size=HIDDEN) / (2 * np.sqrt(HIDDEN)),
        np.zeros(1),
    ]
    moments = [(np.zeros_like(layer), np.zeros_like(layer)) for layer in layers]
    for step in range(1, STEPS + 1):
        some = random.integers(0, len(normal), BATCH)
        slopes = _slopes(layers, normal[some], right[some], weight[some])
        for layer, (first, second), slope in zip(layers, moments, slopes, strict=True):
            first += 0.1 * (slope - first)
            second += 0.001 * (slope**2 - second)
            rate = RATE * (1 - step / (STEPS + 1))
            layer -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return [mean, spread, *layers]


def _slopes(
    layers: Sequence[Floats], normal: Floats, right: npt.NDArray[np.bool_], weight: Floats
) -> list[Floats]:
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


def module(parts: Sequence[Floats]) -> str:
    """The weights as a Python module."""
    numbers = [f"{number:.4g}" for part in parts for number in part.ravel()]
    lines, line = [], ""
    for number in numbers:
        if len(line) + len(number) > 105:
            lines.append(line.rstrip())
            line = ""
        line += number + " "
    text = "\n".join([*lines, line.rstrip()])
    return (
        '"""The weights of ``imgcore.outline.net``, as ``benchmarks.quality.fit_several`` prints them."""\n\n'
        f'HIDDEN = {HIDDEN}\nWEIGHTS = """\n{text}\n"""\n'
        '"""Mean and spread of the features, the hidden layer, its offsets, the last layer, its offset."""'
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
