"""The layers of the net that finds documents, and the net as an ONNX model with weights of eight bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from models.onnx_writer import Graph
from models.training.onnx_reader import constants
from models.training.segmentation_targets import CHANNELS

Values = dict[str, npt.NDArray[Any]]
Tensor = TypeVar("Tensor")

LAYERS: tuple[tuple[str, int, int, int, int], ...] = (
    # name, kernel, stride, channels in, channels out
    ("stem2", 3, 2, 3, 12),
    ("stem4", 3, 2, 12, 24),
    ("at4", 3, 1, 24, 24),
    ("down8", 3, 2, 24, 48),
    ("at8a", 3, 1, 48, 48),
    ("at8b", 3, 1, 48, 48),
    ("down16", 3, 2, 48, 64),
    ("at16a", 3, 1, 64, 64),
    ("at16b", 3, 1, 64, 64),
    ("down32", 3, 2, 64, 96),
    ("at32a", 3, 1, 96, 96),
    ("at32b", 3, 1, 96, 96),
    ("at32c", 3, 1, 96, 96),
    ("lift16", 1, 1, 96, 64),
    ("up16", 3, 1, 64, 64),
    ("lift8", 1, 1, 64, 48),
    ("up8", 3, 1, 48, 48),
    ("lift4", 1, 1, 48, 24),
    ("up4", 3, 1, 24, 32),
    ("last", 3, 1, 32, 32),
    ("answer", 1, 1, 32, CHANNELS),
)
ADDED = {"at4", "at8a", "at8b", "at16a", "at16b", "at32a", "at32b", "at32c", "up16", "up8", "last"}
"""Layers whose input is added to what they give."""
STRAIGHT = {"lift16", "lift8", "lift4", "answer"}
"""Layers without a rectifier."""
EPSILON = 1e-3
"""Added to variances."""


def connect(
    layer: Callable[[str, Tensor], Tensor],
    doubled: Callable[[Tensor], Tensor],
    added: Callable[[Tensor, Tensor], Tensor],
    picture: Tensor,
) -> Tensor:
    """The answer: down to a thirty-second of the picture and back up to a quarter."""
    quarter = layer("at4", layer("stem4", layer("stem2", picture)))
    eighth = layer("at8b", layer("at8a", layer("down8", quarter)))
    sixteenth = layer("at16b", layer("at16a", layer("down16", eighth)))
    deep = layer("at32c", layer("at32b", layer("at32a", layer("down32", sixteenth))))
    sixteenth = layer("up16", added(sixteenth, doubled(layer("lift16", deep))))
    eighth = layer("up8", added(eighth, doubled(layer("lift8", sixteenth))))
    quarter = layer("up4", added(quarter, doubled(layer("lift4", eighth))))
    return layer("answer", layer("last", quarter))


def as_onnx(parameters: dict[str, Values]) -> bytes:
    """The net with its normalisation folded in and each channel's weights in 127ths of the greatest."""
    graph = Graph()
    graph.constant("two", np.array([1, 1, 2, 2], np.float32))

    def layer(name: str, source: str) -> str:
        result = _convolution(graph, name, source, parameters[name])
        if name in ADDED:
            result = graph.node("Add", [result, source], f"{name}.sum")
        return result if name in STRAIGHT else graph.node("Relu", [result], f"{name}.out")

    def doubled(source: str) -> str:
        kind = {
            "mode": "nearest",
            "coordinate_transformation_mode": "asymmetric",
            "nearest_mode": "floor",
        }
        return graph.node("Resize", [source, "", "two"], f"{source}.doubled", **kind)

    def added(one: str, other: str) -> str:
        return graph.node("Add", [one, other], f"{other}.added")

    result = connect(layer, doubled, added, "picture")
    return graph.model(("picture", [1, 3, "rows", "cols"]), (result, [1, CHANNELS, "down", "across"]))


def from_onnx(model: bytes) -> dict[str, Values]:
    """Parameters of a net that was written, normalised by nothing: that is folded into its weights."""
    arrays = constants(model)
    return {name: unfolded(arrays, name) for name, *_ in LAYERS}


def unfolded(arrays: dict[str, npt.NDArray[Any]], name: str) -> Values:
    """Return the parameters of a layer that was written."""
    levels, scale, offset = (arrays[f"{name}.{part}"] for part in ("levels", "scale", "offset"))
    weight = (levels * scale.astype(np.float64)).transpose(2, 3, 1, 0)
    ones = np.ones(len(offset))
    return {"weight": weight, "offset": offset, "scale": ones, "mean": 0 * ones, "variance": ones - EPSILON}


def _convolution(graph: Graph, name: str, source: str, own: Values) -> str:
    _, kernel, stride, _, _ = next(layer for layer in LAYERS if layer[0] == name)
    levels, scale, offset = folded(name, own)
    graph.constant(f"{name}.levels", levels)
    graph.constant(f"{name}.scale", scale)
    graph.constant(f"{name}.offset", offset)
    graph.node("Cast", [f"{name}.levels"], f"{name}.float", to=1)
    graph.node("Mul", [f"{name}.float", f"{name}.scale"], f"{name}.weight")
    # As TensorFlow pads "SAME": of an even picture the far side alone.
    pads = [kernel // 2] * 4 if stride == 1 else [0, 0, 1, 1]
    shape = {"kernel_shape": [kernel, kernel], "strides": [stride, stride], "pads": pads}
    return graph.node("Conv", [source, f"{name}.weight", f"{name}.offset"], f"{name}.conv", **shape)


def folded(
    name: str, own: Values
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Levels ``(out, in, k, k)``, scale ``(out, 1, 1, 1)`` and offset ``(out,)``."""
    weight = own["weight"].astype(np.float64)
    offset = own["offset"].astype(np.float64)
    if name != "answer":
        gain = own["scale"] / np.sqrt(own["variance"].astype(np.float64) + EPSILON)
        weight = weight * gain
        offset = offset - own["mean"] * gain
    weight = weight.transpose(3, 2, 0, 1)
    scale = np.abs(weight).max(axis=(1, 2, 3), keepdims=True) / 127 + 1e-12
    levels = np.ascontiguousarray(np.rint(weight / scale), np.int8)
    return levels, scale.astype(np.float32), offset.astype(np.float32)
