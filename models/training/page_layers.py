"""Train the net of ``imgcore.paper.layers_net`` and write it: the role ``page-layers``.

    python -m venv apart && apart/bin/pip install torch opencv-contrib-python-headless pillow
    python -m models.training.page_layers FOLDER --compose 4000        (with what script/test installs)
    PYTHONPATH=. apart/bin/python -m models.training.page_layers FOLDER [--steps 6000]

Pictures are composed by `models.training.page_layer_pictures` alone, by seed, and are kept in FOLDER. A step
of twelve parts takes a fifth of a second of one core; the net in use is the running mean of the trained one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.fingers.net import ADDED, STRAIGHT, as_planes, connect
from imgcore.paper.layers_net import LAYERS, STRIDE
from models.training.shipped import as_npz, path_of, write

Floats = npt.NDArray[np.float32]
Image = npt.NDArray[np.uint8]
Random = np.random.Generator

ROLE = "page-layers"
PART = 256
"""Side in pixels of the parts of pictures that the net is shown."""
BATCH = 12
"""Parts in a step."""
SHARD = 100
"""Pictures in a file."""
WEIGHTS = (1.0, 1.3, 2.0, 1.0)
"""Weight of each layer in the loss: pictures and fields are what was lost."""
KEPT = 200
"""Last pictures, which tell what was learned and are not learned from."""
DECAY = 0.999
"""Share of the running mean that a step leaves."""
SEED = 3_000_000
"""Seed of the first picture."""


def main(arguments: Sequence[str]) -> int:
    """Compose, or train and write."""
    parser = argparse.ArgumentParser(prog="page_layers", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--compose", type=int, default=0, help="compose so many pictures, and do nothing else"
    )
    parser.add_argument(
        "--from", dest="first", type=int, default=0, help="number of the first shard to compose"
    )
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--minutes", type=float, default=np.inf, help="after which it ends at the latest")
    parser.add_argument("--begun", type=Path, help="go on from this net")
    parser.add_argument("--out", type=Path, help="where the net goes instead")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.compose:
        compose_shards(options.folder, options.first, options.compose // SHARD)
        return 0
    pictures = list(_loaded(options.folder))
    known = np.load(options.begun) if options.begun else None
    arrays = _train(pictures, options.steps, options.rate, options.minutes, known)
    write(options.out or path_of(ROLE), as_npz(arrays))
    return 0


def compose_shards(folder: Path, first: int, count: int) -> None:
    """Compose files of `SHARD` pictures ``p`` and layers ``l`` that are missing."""
    from models.training.page_layer_pictures import SIDE, compose, gather  # noqa: PLC0415

    stock = gather()
    for number in range(first, first + count):
        path = folder / f"{number:04d}.npz"
        if path.exists():
            continue
        pictures = np.zeros((SHARD, SIDE, SIDE, 3), np.uint8)
        layers = np.full((SHARD, SIDE, SIDE), 255, np.uint8)
        for at in range(SHARD):
            made = compose(np.random.default_rng([SEED, number * SHARD + at]), stock)
            rows, cols = made.layers.shape
            pictures[at, :rows, :cols] = made.picture
            layers[at, :rows, :cols] = made.layers
        np.savez(path, p=pictures, l=layers)
        print(path, flush=True)


def _loaded(folder: Path) -> Iterator[tuple[Image, Image]]:
    for path in sorted(folder.glob("[0-9]*.npz")):
        shard = np.load(path)
        for picture, layers in zip(shard["p"], shard["l"], strict=True):
            rows, cols = (int((layers != 255).any(axis=axis).sum()) for axis in (1, 0))
            yield picture[:rows, :cols], layers[:rows, :cols]


def _part(random: Random, picture: Image, layers: Image) -> tuple[Floats, Floats]:
    """Return a part of a picture as the net sees it, turned and in other light, and its layers by cell."""
    curve = random.uniform(0.85, 1.18) * random.uniform(0.97, 1.03, 3)
    table = np.clip(255 * random.uniform(0.85, 1.1) * np.linspace(0, 1, 256)[:, None] ** curve, 0, 255)
    seen = np.asarray(cv2.LUT(picture, np.rint(table).astype(np.uint8)[None]), np.uint8)
    turns = int(random.integers(4))
    step = int(random.choice((1, -1)))
    seen = np.rot90(seen, turns)[:, ::step]
    layers = np.rot90(layers, turns)[:, ::step]
    pad = [(0, max(0, PART - side)) for side in layers.shape]
    seen = np.pad(seen, (*pad, (0, 0)), mode="edge")
    layers = np.pad(layers, pad, mode="edge")
    top, left = (int(random.integers(0, side - PART + 1)) // STRIDE * STRIDE for side in layers.shape)
    part = slice(top, top + PART), slice(left, left + PART)
    planes = as_planes(np.asarray(seen, np.float32), part)
    whole = np.stack([layers[part] == layer for layer in range(4)], axis=2).astype(np.float32)
    cells = cv2.resize(whole, None, fx=1 / STRIDE, fy=1 / STRIDE, interpolation=cv2.INTER_AREA)
    return planes, np.asarray(cells, np.float32)


def _train(
    pictures: Sequence[tuple[Image, Image]],
    steps: int,
    rate: float,
    minutes: float,
    begun: Mapping[str, npt.NDArray[Any]] | None,
) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of the trained net, and print how often it is right about pictures kept apart."""
    import torch  # noqa: PLC0415 - in an environment of its own

    torch.manual_seed(5)
    torch.set_num_threads(1)
    random = np.random.default_rng(5)
    net = _TrainedNet(torch, random, begun)
    mean = [each.detach().clone() for each in net.parameters]
    optimiser = torch.optim.AdamW(net.parameters, rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    learned = pictures[:-KEPT]
    kept = pictures[-KEPT:]
    begun_at = time.monotonic()
    told = []
    for step in range(steps):
        parts = [_part(random, *learned[int(at)]) for at in random.integers(len(learned), size=BATCH)]
        loss = net.loss(np.stack([one for one, _ in parts]), np.stack([one for _, one in parts]))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters, 1.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            for own, each in zip(mean, net.parameters, strict=True):
                own.lerp_(each, 1 - min(DECAY, step / (step + 10)))
        told.append(loss.item())
        if step % 100 == 99:
            print(step + 1, f"{np.mean(told[-100:]):.4f}", f"{time.monotonic() - begun_at:.0f} s", flush=True)
        if time.monotonic() - begun_at > 60 * minutes:
            break
    with torch.no_grad():
        for own, each in zip(mean, net.parameters, strict=True):
            each.copy_(own)
        print(net.confusion(kept), flush=True)
    return _packed(net.weights, net.offsets)


class _TrainedNet:
    """The net as PyTorch trains it."""

    def __init__(self, torch: Any, random: Random, begun: Mapping[str, npt.NDArray[Any]] | None) -> None:
        self._torch = torch
        self._heavy = torch.tensor(WEIGHTS)
        self.weights = {name: torch.nn.Parameter(_first(torch, random, name, begun)) for name in LAYERS}
        starts = {
            name: torch.zeros(after) if begun is None else torch.tensor(begun[f"{name}.offset"])
            for name, (_, _, _, after) in LAYERS.items()
        }
        self.offsets = {name: torch.nn.Parameter(start) for name, start in starts.items()}
        self.parameters = [*self.weights.values(), *self.offsets.values()]

    def logits(self, planes: Floats) -> Any:
        """Return log odds ``(n, 4, rows / 4, cols / 4)`` of planes ``(n, rows, cols, 6)``."""
        seen = self._torch.from_numpy(planes.transpose(0, 3, 1, 2).copy())
        return connect(self._layer, self._twice, self._torch.add, seen)

    def loss(self, planes: Floats, cells: Floats) -> Any:
        """Return the mean cross entropy, by the weights of the layers."""
        wanted = self._torch.from_numpy(cells.transpose(0, 3, 1, 2).copy())
        likely = self._torch.nn.functional.log_softmax(self.logits(planes), 1)
        return -(wanted * likely * self._heavy[:, None, None]).sum(1).mean()

    def confusion(self, pictures: Sequence[tuple[Image, Image]]) -> npt.NDArray[np.float64]:
        """Return the share of cells of each layer, by row, that are taken for each, by column."""
        right = np.zeros((4, 4))
        for picture, layers in pictures:
            planes, cells = _part(np.random.default_rng(1), picture, layers)
            answer = self.logits(planes[None])[0].argmax(0).numpy()
            np.add.at(right, (cells.argmax(2), answer), 1)
        return np.asarray(np.round(right / right.sum(axis=1, keepdims=True), 3))

    def _layer(self, name: str, planes: Any) -> Any:
        functional = self._torch.nn.functional
        kernel, stride, _, _ = LAYERS[name]
        padded = planes
        if kernel == 3:
            first = 1 if stride == 1 else 0
            padded = functional.pad(planes, (first, 1, first, 1))
        result = functional.conv2d(padded, self.weights[name], self.offsets[name], stride)
        if name in ADDED:
            result = result + planes
        return result if name in STRAIGHT else functional.relu(result)

    @staticmethod
    def _twice(planes: Any) -> Any:
        return planes.repeat_interleave(2, 2).repeat_interleave(2, 3)


def _first(torch: Any, random: Random, name: str, begun: Mapping[str, npt.NDArray[Any]] | None) -> Any:
    """Return the weights that a layer begins with, ``(out, in, kernel, kernel)``."""
    kernel, _, before, after = LAYERS[name]
    if begun is None:
        spread = np.sqrt((0.3 if name in ADDED else 2.0) / (kernel * kernel * before))
        values = spread * random.standard_normal((kernel, kernel, before, after))
    else:
        values = (begun[f"{name}.levels"] * begun[f"{name}.steps"]).reshape(kernel, kernel, before, after)
    return torch.tensor(values.transpose(3, 2, 0, 1).copy(), dtype=torch.float32)


def _packed(weights: Mapping[str, Any], offsets: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of `PageLayersNet`: each output's weights in 127ths of the greatest.

    The weights of the layers in the loss are taken back, so that the likeliest layer is the likeliest.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name in LAYERS:
        own = weights[name].detach().numpy().transpose(2, 3, 1, 0)
        flat = own.reshape(-1, own.shape[3])
        steps = np.maximum(np.abs(flat).max(axis=0) / 127, 1e-12)
        arrays[f"{name}.levels"] = np.ascontiguousarray(np.rint(flat / steps), np.int8)
        arrays[f"{name}.steps"] = steps.astype(np.float32)
        arrays[f"{name}.offset"] = offsets[name].detach().numpy().astype(np.float32)
    arrays["answer.offset"] -= np.log(np.array(WEIGHTS, np.float32))
    return arrays


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
