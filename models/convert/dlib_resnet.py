"""Conversion of dlib's face recognition net, "ResNet v1" by Davis King, from its ``.dat`` file.

The file is a C++ template serialised layer by layer; the table beside this module says where the
parameters of each lie, from the input on. The net: a 7 x 7 convolution, then 14 residual blocks of two
3 x 3 convolutions each, of 32, 64, 128 and 256 channels; http://dlib.net/dnn_face_recognition_ex.cpp.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from models.convert.table import floats, load_table
from models.onnx_writer import Graph

SIDE = 150
LENGTH = 128

_MEAN = np.array([122.782, 117.001, 104.298])
_RANGE = 256.0
_BLOCKS = (
    # channels, whether it halves rows and columns, rows missing at the end of what it gives
    *((32, False, 0),) * 3,
    (64, True, 0),
    *((64, False, 0),) * 3,
    (128, True, 0),
    *((128, False, 0),) * 2,
    # 8 x 8 become 3 x 3 on the way through the convolutions and 4 x 4 on the way past them, then 1 and 2.
    (256, True, 1),
    *((256, False, 0),) * 2,
    (256, True, 1),
)

Doubles = npt.NDArray[np.float64]
Layer = tuple[Doubles, Doubles]
Places = Sequence[tuple[str, int, int]]


def convert(data: bytes) -> bytes:
    """Convert the net to ONNX: float32 ``(n, 3, 150, 150)`` RGB 0..255 in, ``(n, 128)`` out.

    Raises
    ------
    UnknownFile
        `data` is not the one file this is for.
    """
    return as_onnx(data, load_table("dlib_resnet.json", data))


def as_onnx(data: bytes, places: Places) -> bytes:
    """Build the net from parameters at `places` of `data`: kind, count and byte, from the input on."""
    graph = Graph()
    layers = _folded(data, places[:-1])
    first, bias = next(layers)
    # There is no border around the picture, so that its scale and mean fold into the first layer.
    first = first / _RANGE
    # Summed exactly: the order of a plain sum differs from processor to processor, and the hash with it.
    moved = [math.fsum(kernel.ravel()) for kernel in first * _MEAN[:, None, None]]
    bias = bias - np.array(moved)
    result = _convolution(graph, "first", "picture", (first, bias), strides=[2, 2])
    result = graph.node("Relu", [result], "first.relu")
    result = graph.node("MaxPool", [result], "pooled", kernel_shape=[3, 3], strides=[2, 2])
    depth = len(first)
    for number, (channels, halves, missing) in enumerate(_BLOCKS):
        through = _through(graph, f"block{number}", result, (next(layers), next(layers)), halves)
        past = _past(graph, f"block{number}", result, halves, channels - depth)
        result = _sum(graph, f"block{number}", _padded(graph, f"block{number}.up", through, missing, 0), past)
        depth = channels
    result = graph.node("Flatten", [graph.node("GlobalAveragePool", [result], "mean")], "flat", axis=1)
    _, size, offset = places[-1]
    graph.constant("last.weight", floats(data, size, offset).reshape(-1, LENGTH))
    graph.node("MatMul", [result, "last.weight"], "vector")
    return graph.model(("picture", ["n", 3, SIDE, SIDE]), ("vector", ["n", LENGTH]))


def _folded(data: bytes, places: Places) -> Iterator[Layer]:
    """Yield weights and biases of each convolution, its affine layer folded in, from the input on."""
    depth = 3
    for (_, size, offset), (_, twice, after) in zip(places[::2], places[1::2], strict=True):
        values = floats(data, size, offset).astype(np.float64)
        affine = floats(data, twice, after)
        channels = twice // 2
        gain = affine[:channels].astype(np.float64)
        shift = affine[channels:]
        side = round(((size - channels) // (channels * depth)) ** 0.5)
        weights = values[:-channels].reshape(channels, depth, side, side)
        yield weights * gain[:, None, None, None], values[-channels:] * gain + shift
        depth = channels


def _convolution(graph: Graph, name: str, source: str, layer: Layer, **attributes: list[int]) -> str:
    weights, bias = (np.asarray(part, np.float32) for part in layer)
    graph.constant(f"{name}.weight", weights)
    graph.constant(f"{name}.bias", bias)
    return graph.node("Conv", [source, f"{name}.weight", f"{name}.bias"], name, **attributes)


def _through(graph: Graph, name: str, source: str, layers: tuple[Layer, Layer], halves: bool) -> str:
    # dlib surrounds a picture with zeros only where the step is one.
    way = {"strides": [2, 2]} if halves else {"pads": [1] * 4}
    result = _convolution(graph, f"{name}.one", source, layers[0], **way)
    result = graph.node("Relu", [result], f"{name}.relu")
    return _convolution(graph, f"{name}.two", result, layers[1], pads=[1] * 4)


def _past(graph: Graph, name: str, source: str, halves: bool, more: int) -> str:
    if not halves:
        return source
    result = graph.node("AveragePool", [source], f"{name}.half", kernel_shape=[2, 2], strides=[2, 2])
    return _padded(graph, f"{name}.past", result, 0, more)


def _padded(graph: Graph, name: str, source: str, rows: int, channels: int) -> str:
    """Pad with zero channels, and with zeros below and right of the picture."""
    if not rows and not channels:
        return source
    graph.constant(f"{name}.pads", np.array([0, 0, 0, 0, 0, channels, rows, rows], np.int64))
    return graph.node("Pad", [source, f"{name}.pads"], f"{name}.padded")


def _sum(graph: Graph, name: str, one: str, other: str) -> str:
    return graph.node("Relu", [graph.node("Add", [one, other], f"{name}.sum")], f"{name}.out")
