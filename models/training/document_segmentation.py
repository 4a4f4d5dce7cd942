"""Train the net of ``imgcore.outline.propose.segmentation`` and write it: the role ``document-segmentation``.

    python -m venv apart && apart/bin/pip install tensorflow-cpu opencv-contrib-python-headless
    export PYTHONPATH=.
    apart/bin/python -m models.training.document_segmentation FOLDER [--pictures 3000] [--steps 9000]

Pictures are made pictures alone (`synthetic.datasets.tabletops`, seeds apart from those that are measured)
and are kept in FOLDER for the next run. On two cores: pictures take ten a second, a step of eight pictures
a fifth of one; the net in use is the running mean of the trained one. The weights in the tree took some
9200 steps over 3000 pictures, in four runs one after the other (1400, 3000, 1700 and 3100 steps), each with
a rate that falls; the last began at 1.2e-3, and the loss still fell, to 1.8. When cards got bands and floors
patterns, it went on (``--begun``) for 900 steps over 720 new pictures, at 5e-4 and at last 3e-4; the net in
the tree is the mean of that one and of the one before, which keeps what the few new pictures do not show.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.training.segmentation_layers import Values, as_onnx, from_onnx
from models.training.segmentation_targets import STRIDE, changed, targets
from models.training.shipped import path_of, write
from synthetic.datasets.tabletops import make_counter

Doubles = npt.NDArray[np.float64]
Batch = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]

SEED = 1_000_000
SIZES = ((576, 324), (576, 432), (576, 432), (576, 432), (576, 432))
SHARD = 60
SEEN = (384, 288)
"""Columns and rows of what the net is trained on: a picture, or a part of one."""
BATCH = 8
ROLE = "document-segmentation"


def main(arguments: Sequence[str]) -> int:
    """Make the pictures that are not there yet, train, and write."""
    parser = argparse.ArgumentParser(prog="document_segmentation", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=3000)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--begun", action="store_true", help="go on from the net in the tree; write the mean")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    shards = [shard(options.folder, number) for number in range(-(-options.pictures // SHARD))]
    # Loaded here, so that pictures can be made without it.
    from models.training.segmentation_net import train  # noqa: PLC0415

    begun = from_onnx(path_of(ROLE).read_bytes()) if options.begun else None
    parameters = train(batches(shards), options.steps, options.rate, begun)
    write(path_of(ROLE), as_onnx(averaged(begun, parameters) if begun else parameters))
    return 0


def averaged(one: dict[str, Values], other: dict[str, Values]) -> dict[str, Values]:
    """Mean of the parameters of two nets of which one went on from the other."""
    return {
        name: {key: (value + other[name][key]) / 2 for key, value in own.items()} for name, own in one.items()
    }


def shard(folder: Path, number: int) -> Path:
    """A file of `SHARD` pictures ``p`` and their corners ``q``, made where it is missing."""
    path = folder / f"{number:04d}.npz"
    if path.exists():
        return path
    pictures = np.zeros((SHARD, max(rows for _, rows in SIZES), SIZES[0][0], 3), np.uint8)
    quads = np.full((SHARD, 24, 4, 2), np.nan, np.float32)
    for at in range(SHARD):
        seed = SEED + number * SHARD + at
        made = make_counter(seed, SIZES[seed % len(SIZES)])
        pictures[at, : made.picture.shape[0]] = made.picture
        quads[at, : len(made.quads)] = np.reshape(made.quads[:24], (-1, 4, 2))
    np.savez(path, p=pictures, q=quads)
    return path


def batches(shards: Sequence[Path]) -> Iterator[Batch]:
    """Pictures float32 ``(8, rows, cols, 3)`` about -1..1 and what to answer, without end."""
    random = np.random.default_rng(5)
    cv2.setNumThreads(1)
    loaded = [np.load(path) for path in shards]
    pictures, quads = (np.concatenate([each[key] for each in loaded]) for key in ("p", "q"))
    while True:
        order = random.permutation(len(pictures))
        for begin in range(0, len(order) - BATCH + 1, BATCH):
            some = [_sample(random, pictures[at], quads[at]) for at in order[begin : begin + BATCH]]
            seen = (np.stack([picture for picture, _ in some]) - 128) / 64
            yield np.asarray(seen, np.float32), np.stack([wanted for _, wanted in some])


def _sample(
    random: np.random.Generator, picture: npt.NDArray[np.uint8], quads: npt.NDArray[np.float32]
) -> Batch:
    present = quads[~np.isnan(quads[:, 0, 0])].astype(np.float64)
    seen, moved = changed(random, picture, present, SEEN)
    return seen, targets(moved, (SEEN[1] // STRIDE, SEEN[0] // STRIDE))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
