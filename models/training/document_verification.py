"""Train the net of ``imgcore.outline.measure.view`` and write it: the role ``document-verification``.

    python -m venv apart && apart/bin/pip install tensorflow-cpu
    python -m models.training.document_verification FOLDER --mirrors CLONES --gather [--pictures 6000]
    apart/bin/python -m models.training.document_verification FOLDER [--steps 6000]

The first gathers pictures and their candidates into FOLDER, with what the project needs; the second trains.
Candidates are the first of each search, as they are judged later, and the documents' own outlines moved by
known amounts; pictures are those of `models.training.verification_pictures`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.measure.view import CHANNELS, SIDE, as_planes, candidate_views, proportions
from models.onnx_writer import Graph
from models.training.onnx_reader import constants
from models.training.segmentation_layers import Values, folded, unfolded
from models.training.shipped import path_of, write

Floats = npt.NDArray[np.float32]

ROLE = "document-verification"
LAYERS: tuple[tuple[str, int, int, int, int], ...] = (
    # name, kernel, stride, channels in, channels out
    ("down2", 5, 2, CHANNELS, 16),
    ("down4", 3, 2, 16, 40),
    ("down8", 3, 2, 40, 64),
    ("at8", 3, 1, 64, 64),
    ("down16", 3, 2, 64, 96),
    ("at16", 3, 1, 96, 96),
    ("narrow", 1, 1, 96, 32),
    ("joined", SIDE // 16, SIDE // 16, 32, 64),
    ("answer", 1, 1, 64, 1),
)
ADDED = {"at8", "at16"}
STRAIGHT: set[str] = set()
SHARD = 100
BATCH = 128
EACH = 8
"""Candidates of a picture in a batch at most."""
JITTER = 0.004
NARROW = 0.12
SURE = 0.02
"""Spread of what corners are moved by, as a share of a side; share of candidates of which the near view
alone is shown; and the least doubt that is asked for."""
WRONG = 0.8
RIGHT = 0.92
"""Overlap with a document up to which a candidate counts as wrong, and from which it does as right."""


def main(arguments: Sequence[str]) -> int:
    """Gather, or train and write."""
    parser = argparse.ArgumentParser(prog="document_verification", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mirrors", type=Path, default=Path())
    parser.add_argument("--gather", action="store_true")
    parser.add_argument("--without", nargs="*", default=(), help="repositories of no use to this gathering")
    parser.add_argument("--pictures", type=int, default=6000)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--minutes", type=float, default=np.inf, help="to train at most")
    parser.add_argument("--begin", action="store_true", help="with the net that is there")
    parser.add_argument("--into", type=Path, default=path_of(ROLE), help="default: %(default)s")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.gather:
        from models.training.verification_candidates import gathered  # noqa: PLC0415 - the project's own needs
        from models.training.verification_stock import gather  # noqa: PLC0415 - likewise

        stock = gather(options.mirrors, lambda repository: repository not in options.without)
        gathered(options.folder, stock, options.pictures, SHARD)
        return 0
    from models.training.segmentation_net import NetLayers, train  # noqa: PLC0415 - TensorFlow

    net = NetLayers(LAYERS, ADDED, STRAIGHT, connect)
    begun = from_onnx(options.into.read_bytes()) if options.begin else None
    shards = sorted(options.folder.glob("*.npz"))
    limits = {"net": net, "loss": loss, "minutes": options.minutes}
    parameters = train(batches(shards), options.steps, options.rate, begun, **limits)
    write(options.into, as_onnx(parameters))
    return 0


def connect(layer: Any, doubled: Any, added: Any, views: Any) -> Any:
    """One layer after the other."""
    for name, *_ in LAYERS:
        views = layer(name, views)
    return views


def loss(answers: Any, wanted: Any) -> Any:
    """Weighted cross-entropy, and the share that is judged rightly: float32 ``(2,)``."""
    import tensorflow as tf  # type: ignore[import-untyped]  # noqa: PLC0415 - only where it trains

    odds = answers[:, 0, 0, 0]
    chance = wanted[:, 0]
    weight = wanted[:, 1]
    cross = tf.nn.softplus(odds) - chance * odds
    right = tf.cast((odds > 0) == (chance > 0.5), tf.float32)
    return tf.stack([tf.reduce_sum(weight * cross) / tf.reduce_sum(weight), tf.reduce_mean(right)])


def from_onnx(model: bytes) -> dict[str, Values]:
    """Parameters of a net that was written."""
    arrays = constants(model)
    return {name: unfolded(arrays, name) for name, *_ in LAYERS}


class _Candidates(NamedTuple):
    """A picture, corners ``(n, 4, 2)`` in it, and what to answer, chance and weight ``(n, 2)``."""

    picture: npt.NDArray[np.uint8]
    quads: npt.NDArray[np.float64]
    wanted: Floats


def batches(shards: Sequence[Path]) -> Iterator[tuple[Floats, Floats]]:
    """Views ``(n, SIDE, SIDE, CHANNELS)`` and what to answer, chance and weight ``(n, 2)``, without end."""
    random = np.random.default_rng(13)
    cv2.setNumThreads(1)
    pictures = [one for path in shards for one in _read(path)]
    views: list[npt.NDArray[np.uint8]] = []
    ratios: list[Floats] = []
    wanted: list[Floats] = []
    while True:
        for number in random.permutation(len(pictures)):
            one = pictures[number]
            some = random.permutation(len(one.quads))[:EACH]
            quads = _moved(random, one.quads[some])
            views.append(candidate_views(one.picture, quads))
            ratios.append(proportions(quads).astype(np.float32))
            wanted.append(one.wanted[some])
            if sum(len(each) for each in wanted) >= BATCH:
                seen = np.concatenate(views)
                told = np.concatenate(ratios)
                answers = np.concatenate(wanted)
                yield as_planes(changed(random, seen[:BATCH]), told[:BATCH]), answers[:BATCH]
                views = []
                ratios = []
                wanted = []


def _read(path: Path) -> Iterator[_Candidates]:
    with np.load(path) as shard:
        pixels, quads, overlaps, weights = (shard[key] for key in ("pixels", "quads", "overlaps", "weights"))
        ends = np.cumsum(shard["shapes"].prod(axis=1) * 3)
        parts = np.cumsum(shard["counts"])
        chances = np.clip((overlaps - WRONG) / (RIGHT - WRONG), SURE, 1 - SURE)
        wanted = np.column_stack([chances, weights]).astype(np.float32)
        for shape, end, last, count in zip(shard["shapes"], ends, parts, shard["counts"], strict=True):
            if count:
                picture = pixels[end - 3 * shape.prod() : end].reshape(*shape, 3)
                corners = quads[last - count : last].astype(np.float64)
                yield _Candidates(picture, corners, wanted[last - count : last])


def _moved(random: np.random.Generator, quads: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn and mirror views, and move corners a little."""
    sides = np.sqrt(np.ptp(quads, axis=1).prod(axis=1))[:, None, None]
    moved = quads + random.normal(size=quads.shape) * JITTER * sides
    for number, quad in enumerate(moved):
        moved[number] = np.roll(quad[:: int(random.choice([-1, 1]))], int(random.integers(4)), axis=0)
    return np.asarray(moved)


def changed(random: np.random.Generator, views: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Show views in other light, noise and blur, some of them grey; both of a candidate alike."""
    levels = np.arange(256, dtype=np.float64)[:, None] / 255
    grain = random.normal(size=(2 * SIDE, 2 * SIDE, 3)).astype(np.float32)
    shown = views.copy()
    for view in shown:
        gain = random.uniform(0.75, 1.35) * random.uniform(0.93, 1.07, 3)
        light = 255 * gain * levels ** np.exp(0.2 * random.normal()) + 10 * random.normal()
        table = np.rint(np.clip(light, 0, 255)).astype(np.uint8)[None]
        noise = random.uniform(0, 4)
        is_grey = random.random() < 0.1
        is_blurred = random.random() < 0.25
        for first in (0, 4):
            colour = np.asarray(
                cv2.LUT(np.ascontiguousarray(view[..., first : first + 3]), table), np.float32
            )
            y, x = random.integers(SIDE, size=2)
            colour += np.float32(noise) * grain[y : y + SIDE, x : x + SIDE]
            colour = np.asarray(cv2.GaussianBlur(colour, (3, 3), 0) if is_blurred else colour, np.float32)
            colour = colour.mean(axis=2, keepdims=True) if is_grey else colour
            there = view[..., first + 3 : first + 4] > 0
            view[..., first : first + 3] = np.clip(colour, 0, 255) * there
        if random.random() < NARROW:
            view[..., 4:] = 0
    return shown


def as_onnx(parameters: dict[str, Values]) -> bytes:
    """The net with its normalisation folded in and each channel's weights in 127ths of the greatest."""
    graph = Graph()
    result = "views"
    for name, kernel, stride, _, _ in LAYERS:
        levels, scale, offset = folded(name, parameters[name])
        graph.constant(f"{name}.levels", levels)
        graph.constant(f"{name}.scale", scale)
        graph.constant(f"{name}.offset", offset)
        graph.node("Cast", [f"{name}.levels"], f"{name}.float", to=1)
        graph.node("Mul", [f"{name}.float", f"{name}.scale"], f"{name}.weight")
        before = max(0, kernel - stride) // 2
        shape = {
            "kernel_shape": [kernel, kernel],
            "strides": [stride, stride],
            # As TensorFlow pads "SAME": of an even picture more at the far side.
            "pads": [before, before, max(0, kernel - stride) - before, max(0, kernel - stride) - before],
        }
        source = result
        result = graph.node("Conv", [source, f"{name}.weight", f"{name}.offset"], f"{name}.conv", **shape)
        if name in ADDED:
            result = graph.node("Add", [result, source], f"{name}.sum")
        if name != "answer":
            result = graph.node("Relu", [result], f"{name}.out")
    return graph.model(("views", ["views", CHANNELS, SIDE, SIDE]), (result, ["views", 1, 1, 1]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
