"""Train the net of ``imgcore.outline.scoring.view_score`` and write it: the role ``document-verification``.

    python -m venv apart && apart/bin/pip install tensorflow-cpu
    python -m models.training.document_verification FOLDER --mirrors CLONES --gather [--pictures 6000]
    apart/bin/python -m models.training.document_verification FOLDER [--steps 6000]

The first gathers views of candidates into FOLDER, with what the project needs; the second trains. Candidates
are the first of each search, as they are judged later, and the documents' own outlines moved by known
amounts; pictures are those of `models.training.verification_pictures`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.scoring.view_score import CHANNELS, SIDE, as_planes
from models.onnx_writer import Graph
from models.training.onnx_reader import constants
from models.training.segmentation_layers import Values, folded, unfolded
from models.training.shipped import path_of, write

Floats = npt.NDArray[np.float32]

ROLE = "document-verification"
LAYERS: tuple[tuple[str, int, int, int, int], ...] = (
    # name, kernel, stride, channels in, channels out
    ("down2", 5, 2, CHANNELS, 16),
    ("down4", 3, 2, 16, 32),
    ("down8", 3, 2, 32, 48),
    ("at8", 3, 1, 48, 48),
    ("down16", 3, 2, 48, 64),
    ("at16", 3, 1, 64, 64),
    ("narrow", 1, 1, 64, 24),
    ("joined", SIDE // 16, SIDE // 16, 24, 48),
    ("answer", 1, 1, 48, 1),
)
ADDED = {"at8", "at16"}
STRAIGHT: set[str] = set()
SHARD, BATCH = 100, 128
WRONG, RIGHT = 0.8, 0.92
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

    odds, chance, weight = answers[:, 0, 0, 0], wanted[:, 0], wanted[:, 1]
    cross = tf.nn.softplus(odds) - chance * odds
    right = tf.cast((odds > 0) == (chance > 0.5), tf.float32)
    return tf.stack([tf.reduce_sum(weight * cross) / tf.reduce_sum(weight), tf.reduce_mean(right)])


def from_onnx(model: bytes) -> dict[str, Values]:
    """Parameters of a net that was written."""
    arrays = constants(model)
    return {name: unfolded(arrays, name) for name, *_ in LAYERS}


def batches(shards: Sequence[Path]) -> Iterator[tuple[Floats, Floats]]:
    """Views ``(n, SIDE, SIDE, CHANNELS)`` and what to answer, chance and weight ``(n, 2)``, without end."""
    random = np.random.default_rng(13)
    cv2.setNumThreads(1)
    ratios, overlaps, weights = (
        np.concatenate([np.load(path)[key] for path in shards]) for key in ("ratios", "overlaps", "weights")
    )
    views = np.empty((len(ratios), SIDE, SIDE, 4), np.uint8)
    begin = 0
    for path in shards:
        # One after the other into its place: gigabytes fit once.
        own = np.load(path)["views"]
        views[begin : begin + len(own)] = own
        begin += len(own)
    chances = np.clip((overlaps - WRONG) / (RIGHT - WRONG), 0, 1)
    while True:
        order = random.permutation(len(views))
        for begin in range(0, len(order) - BATCH + 1, BATCH):
            some = order[begin : begin + BATCH]
            yield changed(random, views[some], ratios[some]), np.column_stack([chances[some], weights[some]])


def changed(random: np.random.Generator, views: npt.NDArray[np.uint8], ratios: Floats) -> Floats:
    """Turn and mirror views, and show them in other light; the input of the net."""
    shown, turned = np.empty(views.shape, np.float32), ratios.copy()
    for number, view in enumerate(views):
        quarters, mirrored = int(random.integers(4)), int(random.choice([-1, 1]))
        shown[number] = np.rot90(view, quarters)[:, ::mirrored]
        turned[number] *= -1 if quarters % 2 else 1
    gains = random.uniform(0.8, 1.2, (len(views), 1, 1, 1)) * random.uniform(
        0.93, 1.07, (len(views), 1, 1, 3)
    )
    lifts = random.normal(size=(len(views), 1, 1, 1)) * 10
    colour = shown[..., :3] * gains.astype(np.float32) + lifts.astype(np.float32) * shown[..., 3:] / 255
    grey = random.random(len(views)) < 0.1
    colour[grey] = colour[grey].mean(axis=3, keepdims=True)
    shown[..., :3] = np.clip(colour, 0, 255)
    return as_planes(shown, turned)


def as_onnx(parameters: dict[str, Values]) -> bytes:
    """The net with its normalisation folded in and each channel's weights in 127ths of the greatest."""
    graph, result = Graph(), "views"
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
