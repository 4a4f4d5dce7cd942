"""Train the net of ``imgcore.upright`` on made pages, and write its weights.

    python -m benchmarks.quality.fit_upright [--pages 700] [--epochs 5] [--cache FILE]

Windows are cut from made pages (``benchmarks.synthetic.prose``), degraded and turned by up to 15
degrees, by the very code that will cut them later. One net judges each of a window's four turns; the
softmax of its four answers is to favour the upright one. A run takes a quarter of an hour on one core.
"""

from __future__ import annotations

import argparse
import base64
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.synthetic.skewed import make_skewed
from imgcore.upright.net import CHANNELS, HIDDEN, KERNELS, STRIDE, Net, patches, uprightness
from imgcore.upright.windows import SIDE, find_windows

Floats = npt.NDArray[np.float32]

HEAD = '''"""Trained weights of the net for uprightness: written by ``benchmarks.quality.fit_upright``.

The project's own work, fitted to made pages alone. Each layer has a scale, its weights in 127ths of it,
int8 as base64, and its offsets.
"""

from __future__ import annotations

LAYERS: tuple[tuple[float, str, tuple[float, ...]], ...] = (
'''

FIRST, BATCH, RATE, DECAY = 100_000, 128, 2e-3, 1e-5
WEIGHTS = Path(__file__).parents[2] / "imgcore" / "upright" / "weights.py"


def main(arguments: Sequence[str]) -> int:
    """Gather, train, write."""
    parser = argparse.ArgumentParser(prog="fit_upright", description=__doc__)
    parser.add_argument("--pages", type=int, default=700)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--cache", type=Path, help="keep the windows in this .npz for the next run")
    options = parser.parse_args(arguments)
    windows = gather(options.pages, options.cache)
    net = train(windows, options.epochs)
    WEIGHTS.write_text(packed(net), encoding="utf-8")
    return 0


def gather(pages: int, cache: Path | None) -> Floats:
    """Upright windows of so many pages, ``(n, SIDE, SIDE)``, in no order."""
    if cache is not None and cache.exists():
        return np.asarray(np.load(cache)["windows"], np.float32)
    parts = [find_windows(degraded(FIRST + number)) for number in range(pages)]
    windows = np.concatenate(parts)
    windows = windows[np.random.default_rng(0).permutation(len(windows))]
    if cache is not None:
        np.savez_compressed(cache, windows=windows.astype(np.float16))
    return windows


def degraded(seed: int) -> npt.NDArray[np.uint8]:
    """A made page, in another size now and then, with thicker or thinner strokes."""
    random = np.random.default_rng([seed, 7])
    picture = make_skewed(seed).picture
    if random.random() < 0.5:
        factor = random.uniform(0.6, 1.3)
        picture = np.asarray(
            cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
        )
    chance = random.random()
    if chance < 0.12:
        picture = np.asarray(cv2.erode(picture, np.ones((2, 2), np.uint8)), np.uint8)
    elif chance < 0.24:
        picture = np.asarray(cv2.dilate(picture, np.ones((2, 2), np.uint8)), np.uint8)
    return picture


def train(windows: Floats, epochs: int) -> Net:
    """Adam on the cross entropy of the four turns; a twentieth is kept apart to see how well it does."""
    held, windows = windows[: len(windows) // 20], windows[len(windows) // 20 :]
    random = np.random.default_rng(3)
    net = _first(random)
    state = [[np.zeros_like(value) for value in (*net.weights, *net.offsets)] for _ in range(2)]
    steps = epochs * (len(windows) // BATCH)
    for step in range(steps):
        batch = windows[random.integers(0, len(windows), BATCH)]
        slopes = _slopes(net, _turns(_varied(random, batch)))
        net = _stepped(net, slopes, state, step, RATE * (1 - step / steps))
        if step % 500 == 499 or step == steps - 1:
            scores = uprightness(net, _turns(held)).reshape(len(held), 4)
            print(
                f"step {step + 1} of {steps}: {np.mean(scores.argmax(axis=1) == 0):.4f} of windows",
                flush=True,
            )
    return net


def _varied(random: np.random.Generator, batch: Floats) -> Floats:
    """A little larger or smaller, and moved by a pixel: as letters of another font would be."""
    varied = np.empty_like(batch)
    for number, window in enumerate(batch):
        scale, stretch = random.uniform(0.85, 1.2), random.uniform(0.88, 1.12)
        middle, move = (SIDE - 1) / 2, random.uniform(-1, 1, 2)
        shear = random.normal() * 0.08
        turn = np.array([(scale * stretch, shear), (0, scale / stretch)])
        shift = middle + move - turn @ np.array([middle, middle])
        varied[number] = cv2.warpAffine(window, np.column_stack([turn, shift]), (SIDE, SIDE))
    return np.asarray(varied * random.uniform(0.7, 1.0, (len(batch), 1, 1)), np.float32)


def _turns(batch: Floats) -> Floats:
    """Each window, then itself turned counter-clockwise by 90, 180 and 270 degrees."""
    turned = np.stack([np.rot90(batch, turns, axes=(1, 2)) for turns in range(4)], axis=1)
    return np.ascontiguousarray(turned.reshape(-1, SIDE, SIDE))


def _first(random: np.random.Generator) -> Net:
    side, shapes = SIDE, []
    for kernel, before, after in zip(KERNELS, CHANNELS, CHANNELS[1:], strict=False):
        shapes.append((kernel * kernel * before, after))
        side = (side - kernel) // STRIDE + 1
    shapes += [(side * side * CHANNELS[-1], HIDDEN), (HIDDEN, 1)]
    weights = tuple(
        (random.standard_normal(shape) * np.sqrt(2 / shape[0])).astype(np.float32) for shape in shapes
    )
    return Net(weights, tuple(np.zeros(shape[1], np.float32) for shape in shapes))


def _slopes(net: Net, windows: Floats) -> list[Floats]:
    """Derivatives of the loss by the weights, then by the offsets: back through the net by hand."""
    seen1 = patches(windows[:, :, :, None], KERNELS[0])
    planes1 = np.maximum(seen1 @ net.weights[0] + net.offsets[0], 0)
    seen2 = patches(planes1, KERNELS[1])
    planes2 = np.maximum(seen2 @ net.weights[1] + net.offsets[1], 0)
    flat = planes2.reshape(len(planes2), -1)
    hidden = np.maximum(flat @ net.weights[2] + net.offsets[2], 0)
    scores = (hidden @ net.weights[3] + net.offsets[3]).reshape(-1, 4)
    share = np.exp(scores - scores.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    share[:, 0] -= 1
    by_score = share.reshape(-1, 1) / len(scores)
    by_hidden = (by_score @ net.weights[3].T) * (hidden > 0)
    by_planes2 = ((by_hidden @ net.weights[2].T) * (flat > 0)).reshape(planes2.shape)
    by_planes1 = _unpatched(by_planes2 @ net.weights[1].T, planes1.shape, KERNELS[1]) * (planes1 > 0)
    pairs = ((seen1, by_planes1), (seen2, by_planes2), (flat, by_hidden), (hidden, by_score))
    by_weights = [seen.reshape(-1, seen.shape[-1]).T @ by.reshape(-1, by.shape[-1]) for seen, by in pairs]
    return [*by_weights, *(by.reshape(-1, by.shape[-1]).sum(axis=0) for _, by in pairs)]


def _unpatched(by_patches: Floats, shape: tuple[int, ...], kernel: int) -> Floats:
    """The sum, in each pixel, over the patches it is part of."""
    total = np.zeros(shape, np.float32)
    _, rows, cols, channels = by_patches.shape[0], *by_patches.shape[1:3], shape[3]
    parts = by_patches.reshape(len(by_patches), rows, cols, kernel, kernel, channels)
    for y in range(kernel):
        for x in range(kernel):
            total[:, y : y + STRIDE * rows : STRIDE, x : x + STRIDE * cols : STRIDE] += parts[:, :, :, y, x]
    return total


def _stepped(net: Net, slopes: list[Floats], state: list[list[Floats]], step: int, rate: float) -> Net:
    values = []
    for number, (value, slope) in enumerate(zip((*net.weights, *net.offsets), slopes, strict=True)):
        first, second = state[0][number], state[1][number]
        first += 0.1 * (slope - first)
        second += 0.001 * (slope**2 - second)
        grown = (first / (1 - 0.9 ** (step + 1))) / (np.sqrt(second / (1 - 0.999 ** (step + 1))) + 1e-8)
        values.append((value - rate * (grown + DECAY * value)).astype(np.float32))
    return Net(tuple(values[:4]), tuple(values[4:]))


def packed(net: Net) -> str:
    """The text of ``imgcore/upright/weights.py``."""
    layers = []
    for weight, offset in zip(net.weights, net.offsets, strict=True):
        scale = float(np.abs(weight).max())
        levels = np.rint(weight / scale * 127).astype(np.int8)
        text = base64.b64encode(levels.tobytes()).decode("ascii")
        lines = "".join(f'            "{text[at : at + 92]}"\n' for at in range(0, len(text), 92))
        offsets = ", ".join(f"{value:.5g}" for value in offset.tolist())
        wrapped = textwrap.fill(f"({offsets},)", 98, initial_indent=" " * 8, subsequent_indent=" " * 9)
        layers.append(f"    (\n        {scale:.6g},\n        (\n{lines}        ),\n{wrapped},\n    ),\n")
    return f"{HEAD}{''.join(layers)})\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
