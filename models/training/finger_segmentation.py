"""Train the net of ``imgcore.fingers.net`` and write it: the role ``finger-segmentation``.

    python -m venv apart && apart/bin/pip install tensorflow-cpu opencv-contrib-python-headless pillow
    export PYTHONPATH=.
    apart/bin/python -m models.training.finger_segmentation FOLDER --mirrors CLONES [--clone] [--steps 12020]

Pictures are composed by `models.training.finger_pictures` of what `models.training.finger_stock` has; what is
made is kept in FOLDER for the next run, and CLONES are those of `lab.collected`. Photographs of hands
that hold something are shown as they are, too. Four times the net is shown pages without a hand, those on
which it sees one are shown again and again, and FOLDER gets the net as it is then. The hands of the last
pupils are kept apart, and tell what it has learned.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.fingers.net import (
    ADDED,
    LAYERS,
    STRAIGHT,
    STRIDE,
    FingerNet,
    as_planes,
    connect,
    skin_probability,
)
from models.training.finger_hands import Bank
from models.training.finger_pictures import HELD, compose
from models.training.finger_stock import FIRST, gather
from models.training.finger_weights import packed, parameters_of
from models.training.segmentation_layers import Values
from models.training.shipped import as_npz, path_of, write

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Random = np.random.Generator

ROLE = "finger-segmentation"
PART = 256
BATCH = 8
"""Side of the parts of pictures that the net is shown, and their number in a batch."""
FIRSTS = 600
NEW = 0.08
KEPT = 5000
"""Pictures before the first is shown again, then the share of new ones, and how many are shown again."""
PHOTOGRAPHED = 0.25
SIZES = (0.6, 1.1)
"""Share of photographs of hands that hold something, and their sides as shares of what is seen."""
NEAR = 9
EXTRA = 3.0
"""Cells around a hand's edge that matter more, and by how much."""
SMALL = 80
MOST = 4.0
"""Cells of a hand from which its edge matters no more than that, and how much more that of a tip does."""
TRIALS = 100
"""Pictures composed of hands that are kept apart."""
ROUNDS = (0.02, 0.3, 0.5, 0.75)
"""Shares of the steps after which pages without a hand are mined."""
SHOWN = 400
MINED = 150
AGAIN = 0.2
"""Such pages, those on which most is drawn, and their share from then on."""


class TrainingExample(NamedTuple):
    """A composed picture, uint8 BGR, and what to answer in its cells, ``(rows, cols, 2)``: share, weight."""

    picture: Picture
    wanted: Floats


def main(arguments: Sequence[str]) -> int:
    """Gather, train, write."""
    parser = argparse.ArgumentParser(prog="finger_segmentation", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mirrors", type=Path, required=True, help="folder with clones of the repositories")
    parser.add_argument("--clone", action="store_true", help="clone what is missing into --mirrors")
    parser.add_argument("--pages", type=int, default=160, help="made pages")
    parser.add_argument("--steps", type=int, default=12020)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--minutes", type=float, default=np.inf, help="after which it ends at the latest")
    parser.add_argument("--begun", type=Path, help="go on from this net, which may be narrower")
    parser.add_argument("--out", type=Path, help="where the net goes instead")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    options.folder.mkdir(parents=True, exist_ok=True)
    bank, apart = gather(options.folder, options.mirrors, options.clone, options.pages)
    parts = (bank.pages, *bank.hands, bank.grounds, bank.photographs, bank.held, bank.holding)
    print(*map(len, parts), flush=True)
    # Loaded here, so that what pictures are composed of can be gathered without it.
    from models.training.segmentation_net import NetLayers, train  # noqa: PLC0415

    layers = tuple((name, *sizes) for name, sizes in LAYERS.items())
    net = NetLayers(layers, ADDED, STRAIGHT, connect)
    hard: list[TrainingExample] = []

    def mine(number: int, values: Callable[[], dict[str, Values]]) -> None:
        if number in (round(share * options.steps) for share in ROUNDS):
            known = FingerNet.unpacked(packed(values()))
            hard.extend(mined(known, bank, number))
            print(told(known, apart), flush=True)
            write(options.folder / f"{number}.npz", as_npz(packed(values())))

    begun = parameters_of(np.load(options.begun)) if options.begun else None
    parameters = train(
        batches(bank, hard), options.steps, options.rate, begun, net, _loss, mine, options.minutes
    )
    arrays = packed(parameters)
    print(told(FingerNet.unpacked(arrays), apart), flush=True)
    write(options.out or path_of(ROLE), as_npz(arrays))
    return 0


def _loss(answers: Any, wanted: Any) -> Any:
    """Total, and the same of skin and of what is none: float32 ``(3,)``."""
    import tensorflow as tf  # type: ignore[import-untyped] # noqa: PLC0415

    logits = answers[..., 0]
    share = wanted[..., 0]
    weight = wanted[..., 1]
    cross = weight * (tf.nn.softplus(logits) - share * logits)
    told = tf.reduce_sum(cross) / tf.reduce_sum(weight)
    parts = [tf.reduce_sum(cross * of) / (tf.reduce_sum(weight * of) + 1) for of in (share, 1 - share)]
    return tf.stack([told, *parts])


# Training ----------------------------------------------------------------------------------


def batches(bank: Bank, hard: Sequence[TrainingExample] = ()) -> Iterator[tuple[Floats, Floats]]:
    """Parts of pictures ``(n, rows, cols, 6)`` and what to answer, share and weight, without end.

    Pages without a hand that are `hard`, more of them with time, are among them. Most is shown again and
    again, in other light: to compose takes longest.
    """
    random = np.random.default_rng(11)
    composed: list[TrainingExample] = []
    while True:
        parts: list[tuple[Floats, Floats]] = []
        while len(parts) < BATCH:
            if hard and random.random() < AGAIN:
                known = hard[int(random.integers(len(hard)))]
            else:
                known = _next(random, bank, composed)
            parts += _parts(random, *_varied(random, *known))
        yield np.stack([seen for seen, _ in parts]), np.stack([wanted for _, wanted in parts])


def _next(random: Random, bank: Bank, composed: list[TrainingExample]) -> TrainingExample:
    if len(composed) < FIRSTS or random.random() < NEW:
        composed.append(example(random, bank))
        del composed[:-KEPT]
        return composed[-1]
    return composed[int(random.integers(len(composed)))]


def example(random: Random, bank: Bank, held: float = HELD) -> TrainingExample:
    """Compose a picture, or take a photograph of a hand that holds something."""
    if bank.held and random.random() < PHOTOGRAPHED * held:
        page = bank.held[int(random.integers(len(bank.held)))]
        sides = [max(256, round(side * random.uniform(*SIZES) / 16) * 16) for side in page.skin.shape[::-1]]
        picture, skin = (cv2.resize(each, sides, interpolation=cv2.INTER_AREA) for each in page)
    else:
        picture, skin = compose(random, bank, held)
    cells = cv2.resize(skin, None, fx=1 / STRIDE, fy=1 / STRIDE, interpolation=cv2.INTER_AREA)
    share = np.asarray(cells, np.float32)
    wanted = np.dstack([share, 1 + EXTRA * _nearness(share)])
    return TrainingExample(picture.astype(np.uint8), wanted.astype(np.float32))


def _varied(random: Random, picture: Picture, wanted: Floats) -> TrainingExample:
    curves = random.uniform(0.85, 1.18) * random.uniform(0.97, 1.03, 3)
    levels = np.linspace(0, 1, 256)[:, None]
    table = np.clip(255 * random.uniform(0.9, 1.1) * levels**curves, 0, 255)
    seen = np.asarray(cv2.LUT(picture, np.rint(table).astype(np.uint8)[None]), np.uint8)
    turns = int(random.integers(4))
    mirrored = 1 if random.random() < 0.5 else -1
    seen = np.rot90(seen, turns)[:, ::mirrored]
    wanted = np.rot90(wanted, turns)[:, ::mirrored]
    return TrainingExample(np.ascontiguousarray(seen), np.ascontiguousarray(wanted))


def mined(net: FingerNet, bank: Bank, number: int) -> list[TrainingExample]:
    """Pages without a hand on which the net draws most of one, with desks, clips and all the rest."""
    random = np.random.default_rng([FIRST, 13, number])
    pages = [example(random, bank, 0) for _ in range(SHOWN)]
    drawn = [int((skin_probability(net, page.picture) > 0.3).sum()) for page in pages]
    worst = sorted(range(SHOWN), key=lambda page: -drawn[page])[:MINED]
    print("drawn where there is none:", sum(count > 60 for count in drawn), "of", SHOWN, flush=True)
    return [pages[page] for page in worst]


def told(net: FingerNet, apart: Bank) -> str:
    """Mean probability on hands that are kept apart, by size, and pages on which it draws beside them."""
    random = np.random.default_rng([FIRST, 17])
    depths: dict[str, list[float]] = {"tips": [], "fingers": [], "hands": [], "shaded": []}
    beside = 0
    for _ in range(TRIALS):
        picture, skin = compose(random, apart)
        drawn = skin_probability(net, picture.astype(np.uint8))
        _, labels, stats, _ = cv2.connectedComponentsWithStats((skin > 0.5).astype(np.uint8))
        for number, (*_, area) in enumerate(stats.tolist()):
            if number and area >= 30:
                size = "tips" if area < 200 else "fingers" if area < 2000 else "hands"
                depths[size].append(float(drawn[labels == number].mean()))
                if picture[labels == number].mean() < 0.35 * np.percentile(picture, 75):
                    depths["shaded"].append(depths[size][-1])
        far = cv2.dilate((skin > 0.1).astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
        beside += int((drawn[far] > 0.5).sum() > 60)
    means = [
        f"{name} {np.mean(some):.2f} ({np.mean(np.array(some) > 0.5):.2f} of {len(some)})"
        for name, some in depths.items()
    ]
    return ", ".join([*means, f"beside: {beside} of {TRIALS}"])


def _parts(random: Random, picture: Picture, wanted: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Two parts: one with a hand, if there is one, and any."""
    cells = wanted.shape[:2]
    side = PART // STRIDE
    near = wanted[:, :, 1].ravel() - 1
    for held in (True, False):
        place = random.uniform(0, 1, 2) * cells
        if held and near.any():
            chosen = int(random.choice(near.size, p=near / near.sum()))
            place = np.array(np.unravel_index(chosen, cells)) + random.uniform(-0.4, 0.4, 2) * side
        top, left = (
            int(np.clip(round(middle - side / 2), 0, all_cells - side))
            for middle, all_cells in zip(place, cells, strict=True)
        )
        box = np.s_[STRIDE * top : STRIDE * top + PART, STRIDE * left : STRIDE * left + PART]
        yield as_planes(picture, box), wanted[top : top + side, left : left + side]


def _nearness(share: Floats) -> Floats:
    """Weight of the cells around each hand: of a tip, which has few of them, more."""
    weight = np.zeros(share.shape, np.float32)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((share > 0.4).astype(np.uint8))
    for number, (*_, area) in enumerate(stats.tolist()):
        if number:
            near = cv2.dilate((labels == number).astype(np.uint8), np.ones((NEAR, NEAR), np.uint8))
            weight = np.maximum(weight, near * np.float32(np.clip(np.sqrt(SMALL / area), 1, MOST)))
    return weight


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
