"""Conversion of YuNet-s, a face detector by W. Wu, H. Peng and S. Yu, from libfacedetection's library.

The weights are compiled into the library under names of their own; the table beside this module says where
each array lies. Depthwise kernels lie with their nine places outermost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from models.convert.table import Floats, floats, load_table
from models.onnx_writer import Graph, Shape

HEADS = (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10))
SCORES = {"cls", "obj"}
LEVELS = (8, 16, 32)
_FIRST = 27
"""Values in use of the 32 that the library keeps for each kernel of the first layer."""


def convert(data: bytes) -> bytes:
    """Convert the net to ONNX: float32 ``(n, 3, rows, cols)`` BGR 0..255 in; twelve outputs, as of YuNet-n.

    Rows and columns are multiples of 32. For each of the strides 8, 16 and 32 there are, all for class, then
    all for presence, boxes and points, ``(n, cells, 1 | 1 | 4 | 10)``.

    Raises
    ------
    UnknownFile
        `data` is not the one file this is for.
    """
    return as_onnx(data, load_table("yunet_s.json", data))


def as_onnx(data: bytes, places: Mapping[str, tuple[int, int]]) -> bytes:
    """Build the net from arrays at `places` of `data`: count and byte of each."""

    def array(name: str) -> Floats:
        return floats(data, *places[name])

    graph = Graph()
    outputs = _heads(graph, array, _neck(graph, array, _backbone(graph, array)))
    return graph.model(("picture", ["n", 3, "rows", "cols"]), *outputs)


Read = Callable[[str], Floats]


def _backbone(graph: Graph, read: Read) -> list[str]:
    """Build the backbone; returns its feature maps at an eighth, a sixteenth and a thirty-second."""
    kernels = read("backbone__model0_pw_weight").reshape(-1, 32)[:, :_FIRST].reshape(-1, 3, 3, 3)
    graph.constant("first.weight", np.ascontiguousarray(kernels.transpose(0, 3, 1, 2)))
    graph.constant("first.bias", read("backbone__model0_pw_bias"))
    inputs = ["picture", "first.weight", "first.bias"]
    result = graph.node(
        "Relu", [graph.node("Conv", inputs, "first", strides=[2, 2], pads=[1] * 4)], "first.relu"
    )
    result = _halved(graph, _separable(graph, read, "backbone__model0_dp", result))
    found = []
    for stage in range(1, 6):
        for half in ("dp1", "dp2"):
            result = _separable(graph, read, f"backbone__model{stage}_{half}", result)
        if stage >= 3:
            found.append(result)
        if stage in (2, 3, 4):
            result = _halved(graph, result)
    return found


def _neck(graph: Graph, read: Read, features: list[str]) -> list[str]:
    """Build the neck: each level with the coarser one's features added to it."""
    graph.constant("twice", np.array([1, 1, 2, 2], np.float32))
    found: list[str] = []
    for level in (2, 1, 0):
        source = features[level]
        if found:
            larger = graph.node(
                "Resize", [found[0], "", "twice"], f"twice{level}", mode="nearest", nearest_mode="floor",
                coordinate_transformation_mode="asymmetric",
            )  # fmt: skip
            source = graph.node("Add", [source, larger], f"sum{level}")
        found.insert(0, _separable(graph, read, f"neck__lateral_convs__{level}", source))
    return found


def _heads(graph: Graph, read: Read, features: list[str]) -> list[Shape]:
    outputs: list[Shape] = []
    for head, depth in HEADS:
        graph.constant(f"{head}.shape", np.array([0, -1, depth], np.int64))
        for level, stride in enumerate(LEVELS):
            layer = f"bbox_head__multi_level_{head}__{level}"
            result = _separable(graph, read, layer, features[level], last=True)
            outputs.append((_listed(graph, head, result, stride), ["n", f"cells{stride}", depth]))
    return outputs


def _listed(graph: Graph, head: str, source: str, stride: int) -> str:
    """Reshape a head's map to a list of cells, row by row."""
    name = f"{head}{stride}"
    result = graph.node("Transpose", [source], f"{name}.last", perm=[0, 2, 3, 1])
    if head in SCORES:
        result = graph.node("Sigmoid", [result], f"{name}.score")
    return graph.node("Reshape", [result, f"{head}.shape"], name)


def _separable(graph: Graph, read: Read, name: str, source: str, last: bool = False) -> str:
    """Add a pointwise convolution, then a depthwise one."""
    within = read(f"{name}_dw_bias")
    channels = len(within)
    graph.constant(f"{name}.across", read(f"{name}_pw_weight").reshape(channels, -1, 1, 1))
    graph.constant(f"{name}.bias", read(f"{name}_pw_bias"))
    kernels = read(f"{name}_dw_weight").reshape(3, 3, channels).transpose(2, 0, 1)
    graph.constant(f"{name}.within", np.ascontiguousarray(kernels[:, None]))
    graph.constant(f"{name}.after", within)
    result = graph.node("Conv", [source, f"{name}.across", f"{name}.bias"], f"{name}.mixed")
    result = graph.node(
        "Conv", [result, f"{name}.within", f"{name}.after"], f"{name}.seen", group=channels, pads=[1] * 4
    )
    return result if last else graph.node("Relu", [result], f"{name}.out")


def _halved(graph: Graph, source: str) -> str:
    return graph.node("MaxPool", [source], f"{source}.half", kernel_shape=[2, 2], strides=[2, 2])
