"""Train the net of ``imgcore.fingers.net`` and write it: the role ``finger-segmentation``.

    python -m venv apart && apart/bin/pip install tensorflow-cpu opencv-contrib-python-headless pillow
    export PYTHONPATH=.
    apart/bin/python -m models.training.finger_segmentation FOLDER --mirrors CLONES [--clone] [--steps 9000]

What pictures are composed of is kept in FOLDER for the next run: hands, which a public repository has under a
free licence (`HANDS`), in CLONES as `benchmarks.collected` has them; made pages; and pages of
``benchmarks/collected.json`` that are marked ``"fit": true``, where they were collected. None of them shows a
hand that holds a page: all those are composed, by `models.training.finger_pictures`, and real ones measure.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import collected
from benchmarks.quality.hands import cut_page
from imgcore.fingers.net import ADDED, LAYERS, SIDE, STRAIGHT, STRIDE, as_planes, connect
from models.training.finger_hands import Bank, Sprite, drawn_hand, photographed_hand
from models.training.finger_pictures import compose
from models.training.segmentation_layers import EPSILON, Values
from models.training.shipped import as_npz, path_of, write
from synthetic.documents.filled import any_page
from synthetic.documents.pages import make_page
from synthetic.scene.surfaces import plain_desk, worktop

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Random = np.random.Generator

ROLE = "finger-segmentation"
FIRST = 1_700_000
"""Seed of the first made page."""
PART, BATCH, KEPT = 256, 16, 1200
"""Side of the parts of pictures that the net is shown, their number in a batch, and pictures shown again."""
NEAR, EXTRA = 9, 3.0
"""Cells around a hand's edge that matter more, and by how much."""


class Source(NamedTuple):
    """Pictures of a public repository: all of a folder that one commit has."""

    repo: str
    commit: str
    folder: str
    licence: str


HANDS = Source(
    "ardamavi/Sign-Language-Digits-Dataset",
    "4b09433ef9d5c60602e8805bb54b8aa2428527f8",
    "Dataset",
    "Apache-2.0",
)
"""Hands of 218 pupils before a wall; no faces. A. Mavi and Z. Dikle, 2017; arXiv:2011.08927."""


def main(arguments: Sequence[str]) -> int:
    """Gather, train, write."""
    parser = argparse.ArgumentParser(prog="finger_segmentation", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mirrors", type=Path, required=True, help="folder with clones of the repositories")
    parser.add_argument("--clone", action="store_true", help="clone what is missing into --mirrors")
    parser.add_argument("--pages", type=int, default=160, help="made pages")
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--out", type=Path, help="where the net goes instead")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    options.folder.mkdir(parents=True, exist_ok=True)
    bank = gather(options.folder, options.mirrors, options.clone, options.pages)
    print(*(len(part) for part in (bank.pages, *bank.hands, bank.grounds, bank.photographs)), flush=True)
    # Loaded here, so that what pictures are composed of can be gathered without it.
    from models.training.segmentation_net import NetLayers, train  # noqa: PLC0415

    layers = tuple((name, *sizes) for name, sizes in LAYERS.items())
    net = NetLayers(layers, ADDED, STRAIGHT, connect)
    parameters = train(batches(bank), options.steps, options.rate, net=net, loss=_loss)
    write(options.out or path_of(ROLE), as_npz(packed(parameters)))
    return 0


def _loss(answers: Any, wanted: Any) -> Any:
    """Total, and the same of skin and of what is none: float32 ``(3,)``."""
    import tensorflow as tf  # type: ignore[import-untyped] # noqa: PLC0415

    logits, share, weight = answers[..., 0], wanted[..., 0], wanted[..., 1]
    cross = weight * (tf.nn.softplus(logits) - share * logits)
    told = tf.reduce_sum(cross) / tf.reduce_sum(weight)
    parts = [tf.reduce_sum(cross * of) / (tf.reduce_sum(weight * of) + 1) for of in (share, 1 - share)]
    return tf.stack([told, *parts])


# Sources of pictures -----------------------------------------------------------------------


def gather(folder: Path, mirrors: Path, clone: bool, pages: int) -> Bank:
    """Gather the parts; those made are kept in `folder`."""
    seen = list(photographs(mirrors, clone))
    sprites = [hand for picture in seen if (hand := photographed_hand(picture))]
    random = np.random.default_rng(FIRST)
    drawn = [drawn_hand(random) for _ in range(240)]
    made, grounds = _kept(folder / "pages.npz", lambda: _made(pages)), _kept(folder / "grounds.npz", _grounds)
    return Bank(
        [*made, *real_pages()],
        (sprites, drawn),
        grounds,
        [*seen[::4], *(_as_picture(hand) for hand in drawn[:60])],
    )


def photographs(mirrors: Path, clone: bool) -> Iterator[Picture]:
    """Pictures of `HANDS`, in the order of their names."""
    repository = collected.find_clone(mirrors, HANDS.repo, clone)
    if repository is None:
        raise SystemExit(f"no clone of {HANDS.repo} in {mirrors}; add --clone")
    listing = [
        "git",
        f"--git-dir={repository}",
        "ls-tree",
        "-r",
        "-z",
        "--name-only",
        HANDS.commit,
        HANDS.folder,
    ]
    names = subprocess.run(listing, capture_output=True, check=True, text=True).stdout.split("\0")
    for name in names:
        if name.lower().endswith(".jpg"):
            data = np.frombuffer(collected.read_blob(repository, HANDS.commit, name), np.uint8)
            yield np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _kept(path: Path, make: Any) -> list[Picture]:
    if not path.exists():
        np.savez(path, *make())
    with np.load(path) as file:
        return list(file.values())


def _made(count: int) -> Iterator[Picture]:
    """Made pages, `SIDE` long: prose with figures, forms, tables, cards."""
    drawn: set[int] = set()
    for number in range(count):
        seed = FIRST + number
        if number % 3 == 2:
            picture = any_page(np.random.default_rng([seed, 5]), drawn)
        else:
            picture = make_page(seed, (1240, 1754) if number % 3 else (880, 1240)).picture
        yield _reduced(picture)


def _grounds() -> Iterator[Picture]:
    for number in range(120):
        random = np.random.default_rng([FIRST, number, 7])
        surface = (plain_desk if number % 4 == 0 else worktop)(random, (SIDE, SIDE))
        yield np.clip(surface, 0, 255).astype(np.uint8)


def real_pages() -> Iterator[Picture]:
    """Pages of pictures whose licence allows it, as far as they were collected."""
    for entry in json.loads(collected.MANIFEST.read_text(encoding="utf-8")):
        path = collected.default_folder() / entry["file"]
        if not (entry["half"] == "open" and entry["fit"] and path.is_file() and entry["class"] != "negative"):
            continue
        picture = np.asarray(cv2.imread(str(path)), np.uint8)
        for document in entry["documents"]:
            yield _reduced(cut_page(picture, np.array(document["quad"], np.float32), 2 * SIDE)[0])
        if not entry["documents"]:
            yield _reduced(picture)


def _reduced(picture: Picture) -> Picture:
    factor = SIDE / max(picture.shape[:2])
    flags = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=flags), np.uint8)


def _as_picture(hand: Sprite) -> Picture:
    """A drawn hand before a pale ground."""
    cover = hand.cover[:, :, None]
    whole = np.clip(255 * hand.own * hand.colour * cover + 225 * (1 - cover), 0, 255)
    return np.asarray(whole, np.uint8)


# Training ----------------------------------------------------------------------------------


def batches(bank: Bank) -> Iterator[tuple[Floats, Floats]]:
    """Parts of pictures ``(n, rows, cols, 4)`` and what to answer, share and weight, without end."""
    random = np.random.default_rng(11)
    composed: list[tuple[Picture, Floats]] = []
    while True:
        parts: list[tuple[Floats, Floats]] = []
        while len(parts) < BATCH:
            picture, skin = _next(random, bank, composed)
            parts += _parts(random, as_planes(picture), skin)
        yield np.stack([seen for seen, _ in parts]), np.stack([wanted for _, wanted in parts])


def _next(random: Random, bank: Bank, composed: list[tuple[Picture, Floats]]) -> tuple[Floats, Floats]:
    """A new picture, or more often one of the last, turned and in other light: to compose takes longest."""
    if len(composed) < 200 or random.random() < 0.3:
        picture, skin = compose(random, bank)
        composed.append((picture.astype(np.uint8), skin))
        del composed[:-KEPT]
        return picture, skin
    old, skin = composed[random.integers(len(composed))]
    gain = random.uniform(0.8, 1.15) * random.uniform(0.94, 1.06, 3)
    picture = np.minimum(old * gain.astype(np.float32), np.float32(255))
    turns, mirrored = int(random.integers(4)), 1 if random.random() < 0.5 else -1
    picture, skin = (np.rot90(part, turns)[:, ::mirrored] for part in (picture, skin))
    return np.ascontiguousarray(picture), np.ascontiguousarray(skin)


def _parts(random: Random, planes: Floats, skin: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Four parts: two with the hand, if there is one, and any."""
    places = np.argwhere(skin > 0.5)
    for held in (True, True, False, False):
        place = random.uniform(0, 1, 2) * skin.shape
        if held and len(places):
            place = places[random.integers(len(places))] + random.uniform(-0.4, 0.4, 2) * PART
        top, left = (
            int(np.clip(round(middle - PART / 2), 0, side - PART)) // STRIDE * STRIDE
            for middle, side in zip(place, skin.shape, strict=True)
        )
        box = np.s_[top : top + PART, left : left + PART]
        share = cv2.resize(skin[box], None, fx=1 / STRIDE, fy=1 / STRIDE, interpolation=cv2.INTER_AREA)
        near = cv2.dilate((share > 0.5).astype(np.uint8), np.ones((NEAR, NEAR), np.uint8))
        yield planes[box], np.dstack([share, 1 + EXTRA * near]).astype(np.float32)


def packed(parameters: dict[str, Values]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of `FingerNet`, normalisation folded in, each output's weights in 127ths of the greatest."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, (_, _, _, after) in LAYERS.items():
        own = parameters[name]
        weight, offset = own["weight"].astype(np.float64).reshape(-1, after), own["offset"].astype(np.float64)
        if name != "answer":
            gain = own["scale"] / np.sqrt(own["variance"].astype(np.float64) + EPSILON)
            weight, offset = weight * gain, offset - own["mean"] * gain
        steps = np.abs(weight).max(axis=0) / 127 + 1e-12
        arrays[f"{name}.levels"] = np.ascontiguousarray(np.rint(weight / steps), np.int8)
        arrays[f"{name}.steps"], arrays[f"{name}.offset"] = (
            steps.astype(np.float32),
            offset.astype(np.float32),
        )
    return arrays


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
