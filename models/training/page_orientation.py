"""Train the net of ``imgcore.orientation`` on made pages, and write it: the role ``page-orientation``.

    python -m models.training.page_orientation [--pages 2400] [--steps 14000] [--fonts DIR] [--cache FILE]

Windows are cut from made pages (``synthetic.documents.prose``, ``business``), degraded and turned by up
to 15 degrees, by the very code that will cut them later. One net judges each of a window's four turns; the
softmax of its four answers is to favour the upright one. Windows of what is no text are to favour none.
Needs ``jax``, which nothing else does; an hour on one core.

The committed weights are those of two runs, for lack of time: one of 14,000 steps ended after 4000, then one
of 6000 that began with its weights, ended after 4000. Fonts were those that
`synthetic.text.typeface` names and, unpacked in DIR,
Debian 13's fonts-: arphic-ukai arphic-uming breip cantarell courier-prime crosextra-caladea
crosextra-carlito ebgaramond femkeklaver freefont-ttf gfs-didot hack humor-sans inconsolata junicode lato
liberation liberation-sans-narrow linuxlibertine lmodern lxgw-wenkai noto-mono open-sans roboto-unhinted
texgyre urw-base35 vollkorn wqy-microhei wqy-zenhei.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.orientation.net import CHANNELS, HIDDEN, KERNELS, STRIDES, OrientationNet, upright_log_odds
from imgcore.orientation.windows import SIDE, find_windows
from lab.fitting import Adam
from models.training.shipped import as_npz, path_of, write
from synthetic.datasets.skewed import QUALITIES, seen
from synthetic.datasets.textures import make_texture
from synthetic.documents.business import BUSINESS, business_page
from synthetic.documents.prose import KINDS, page
from synthetic.text.typeface import Faces, system_faces

Floats = npt.NDArray[np.float32]
Levels = npt.NDArray[np.uint8]
Random = np.random.Generator

FIRST = 100_000
BATCH = 128
RATE = 2e-3
DECAY = 1e-4
TEXTURES = 8
"""Every so manieth picture shows no text."""
ROLE = "page-orientation"


def main(arguments: Sequence[str]) -> int:
    """Gather, train, write."""
    parser = argparse.ArgumentParser(prog="page_orientation", description=__doc__)
    parser.add_argument("--pages", type=int, default=2400)
    parser.add_argument("--steps", type=int, default=14_000)
    parser.add_argument("--fonts", type=Path, help="a folder of further fonts")
    parser.add_argument("--cache", type=Path, help="keep the windows in this .npz for the next run")
    parser.add_argument("--start", type=Path, help="a net to begin with, at half the rate")
    parser.add_argument("--out", type=Path, default=path_of(ROLE), help="where the net goes")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    windows, text = gather(options.pages, options.fonts, options.cache)
    start = None if options.start is None else OrientationNet.unpacked(np.load(options.start))
    for net in train(windows, text, options.steps, start):
        write(options.out, as_npz(packed(net)))
    return 0


def gather(pages: int, fonts: Path | None, cache: Path | None) -> tuple[Levels, npt.NDArray[np.bool_]]:
    """Upright windows of so many pages, uint8 ``(n, SIDE, SIDE)`` in no order, and which show text."""
    if cache is not None and cache.exists():
        kept = np.load(cache)
        return kept["windows"], kept["text"]
    faces = system_faces(fonts)
    parts = []
    text = []
    for number in range(pages):
        blank = number % TEXTURES == 0
        picture = make_texture(FIRST + number) if blank else degraded(FIRST + number, faces)
        parts.append(np.rint(find_windows(picture) * 255).astype(np.uint8))
        text.append(np.full(len(parts[-1]), not blank))
        if number % 100 == 99:
            print(f"{number + 1} of {pages} pages", flush=True)
    order = np.random.default_rng(0).permutation(sum(map(len, text)))
    windows = np.concatenate(parts)[order]
    shows = np.concatenate(text)[order]
    if cache is not None:
        np.savez(cache, windows=windows, text=shows)
    return windows, shows


def degraded(seed: int, faces: Faces) -> Levels:
    """A made page, sharp or hard to read, in another size now and then, with thicker or thinner strokes."""
    random = np.random.default_rng([seed, 7])
    kind = str(random.choice([*KINDS, *BUSINESS, *BUSINESS]))
    quality = str(random.choice(QUALITIES, p=[0.2, 0.65, 0.15]))
    rows, cols = (750, 320) if kind == "slip" else (877, 620)
    factor = random.uniform(1.3, 2.0) * (1 if quality == "bilevel" else 2)
    size = (int(cols * factor), int(rows * factor))
    drawn = business_page(random, kind, size, faces) if kind in BUSINESS else page(random, kind, size, faces)
    degrees = random.uniform(-14.5, 14.5) if random.random() < 0.67 else random.uniform(-0.5, 0.5)
    return _worn(random, seen(random, drawn, degrees, quality))


def _worn(random: Random, picture: Levels) -> Levels:
    chance = random.random()
    if chance < 0.12:
        picture = np.asarray(cv2.erode(picture, np.ones((2, 2), np.uint8)), np.uint8)
    elif chance < 0.24:
        picture = np.asarray(cv2.dilate(picture, np.ones((2, 2), np.uint8)), np.uint8)
    elif chance < 0.4:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), random.uniform(0.6, 1.6)), np.uint8)
    if random.random() < 0.15:
        picture = np.asarray(
            cv2.resize(picture, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA), np.uint8
        )
    return picture


def train(
    windows: Levels, text: npt.NDArray[np.bool_], steps: int, start: OrientationNet | None = None
) -> Iterator[OrientationNet]:
    """Adam on the cross entropy of the four turns, the net so far every 2000 steps and at the end.

    A thirtieth is kept apart to see how well it does.
    """
    jax = import_module("jax")
    many = len(windows) // 30
    held = windows[:many]
    shown = text[:many]
    windows = windows[many:]
    text = text[many:]
    random = np.random.default_rng(3)
    values = _first(random) if start is None else (start.weights, start.offsets)
    most = RATE if start is None else RATE / 2
    adam = Adam(DECAY)
    slopes = jax.jit(jax.grad(_loss(jax)))
    for number in range(steps):
        chosen = random.integers(0, len(windows), BATCH)
        batch = _turns(_varied(random, windows[chosen]))
        rate = most * min(1, number / 500) * 0.5 * (1 + np.cos(np.pi * number / steps))
        found, shape = jax.tree.flatten(slopes(values, batch, text[chosen]))
        layers = adam.step(jax.tree.leaves(values), [np.asarray(slope) for slope in found], rate)
        values = jax.tree.unflatten(shape, layers)
        if number % 2000 == 1999 or number == steps - 1:
            net = OrientationNet(*(tuple(np.asarray(value) for value in part) for part in values))
            scores = upright_log_odds(net, _turns(np.asarray(held[shown] / 255, np.float32))).reshape(-1, 4)
            print(f"step {number + 1} of {steps}: {np.mean(scores.argmax(axis=1) == 0):.4f}", flush=True)
            yield net


def _loss(jax: Any) -> Any:
    """Return the loss of weights and offsets on windows, given which of them show text."""

    def loss(values: Any, batch: Any, text: Any) -> Any:
        logs = jax.nn.log_softmax(_scores(jax, values, batch).reshape(-1, 4), axis=1)
        even = logs.mean(axis=1)
        return -jax.numpy.where(text, 0.97 * logs[:, 0] + 0.03 * even, even).mean()

    return loss


def _scores(jax: Any, values: Any, windows: Any) -> Any:
    """Compute what `imgcore.orientation.net.upright_log_odds` does, so that it can be derived."""
    weights, offsets = values
    planes = windows[:, :, :, None]
    parts = zip(KERNELS, STRIDES, CHANNELS, CHANNELS[1:], weights, offsets, strict=False)
    for kernel, stride, before, after, weight, offset in parts:
        filters = weight.reshape(kernel, kernel, before, after)
        order = ("NHWC", "HWIO", "NHWC")
        planes = jax.lax.conv_general_dilated(
            planes, filters, (stride, stride), "VALID", dimension_numbers=order
        )
        planes = jax.numpy.maximum(planes + offset, 0)
    hidden = jax.numpy.maximum(planes.reshape(len(windows), -1) @ weights[-2] + offsets[-2], 0)
    return (hidden @ weights[-1] + offsets[-1])[:, 0]


def _varied(random: Random, batch: Levels) -> Floats:
    """A little larger or smaller, moved, sheared, blurred: as letters of another font or camera would be."""
    varied = np.empty(batch.shape, np.float32)
    for number, window in enumerate(batch):
        scale = random.uniform(0.8, 1.2)
        stretch = random.uniform(0.88, 1.12)
        middle = (SIDE - 1) / 2
        move = random.uniform(-1.5, 1.5, 2)
        shear = random.normal() * 0.08
        lean = random.normal() * 0.02
        turn = np.array([(scale * stretch, shear), (lean, scale / stretch)])
        shift = middle + move - turn @ np.array([middle, middle])
        drawn = cv2.warpAffine(window, np.column_stack([turn, shift]), (SIDE, SIDE))
        if random.random() < 0.25:
            drawn = cv2.GaussianBlur(drawn, (0, 0), random.uniform(0.5, 1.4))
        varied[number] = drawn
    strength = random.uniform(0.6, 1.0, (len(batch), 1, 1)) / 255
    return np.asarray(varied * strength, np.float32)


def _turns(batch: Floats) -> Floats:
    """Each window, then itself turned counter-clockwise by 90, 180 and 270 degrees."""
    turned = np.stack([np.rot90(batch, turns, axes=(1, 2)) for turns in range(4)], axis=1)
    return np.ascontiguousarray(turned.reshape(-1, SIDE, SIDE), np.float32)


def _first(random: Random) -> tuple[tuple[Floats, ...], tuple[Floats, ...]]:
    side = SIDE
    shapes = []
    for kernel, stride, before, after in zip(KERNELS, STRIDES, CHANNELS, CHANNELS[1:], strict=False):
        shapes.append((kernel * kernel * before, after))
        side = (side - kernel) // stride + 1
    shapes += [(side * side * CHANNELS[-1], HIDDEN), (HIDDEN, 1)]
    weights = tuple(
        (random.standard_normal(shape) * np.sqrt(2 / shape[0])).astype(np.float32) for shape in shapes
    )
    return weights, tuple(np.zeros(shape[1], np.float32) for shape in shapes)


def packed(net: OrientationNet) -> dict[str, npt.NDArray[Any]]:
    """Pack a net for `OrientationNet.unpacked`: each layer's weights in 127ths of the greatest."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    steps = np.array([np.abs(weight).max() for weight in net.weights], np.float32) / np.float32(127)
    for at, (weight, offset, step) in enumerate(zip(net.weights, net.offsets, steps, strict=True)):
        arrays[f"levels{at}"] = np.rint(weight / step).astype(np.int8)
        arrays[f"offset{at}"] = offset
    return {**arrays, "steps": steps}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
