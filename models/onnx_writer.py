"""Writer of ONNX models without the ``onnx`` package: enough of the format for plain convolutions.

Messages and field numbers are those of ``onnx.proto``, https://github.com/onnx/onnx (opset 13).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Shape = tuple[str, Sequence[int | str]]
"""Name of a float32 input or output and its sizes; a dynamic size has a name."""

_FLOAT = 1
_INT8 = 3
_INT64 = 7
_OPSET = 13
_IR = 8
_TYPES = {np.dtype(np.float32): _FLOAT, np.dtype(np.int8): _INT8, np.dtype(np.int64): _INT64}


class Graph:
    """Nodes and constants in the order they were added."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def constant(self, name: str, values: npt.NDArray[np.float32 | np.int8 | np.int64]) -> str:
        """Add a tensor of float32, int8 or int64."""
        dims = b"".join(_number(1, size) for size in values.shape)
        kind = _number(2, _TYPES[values.dtype])
        self._constants.append(
            _part(
                5,
                dims
                + kind
                + _text(8, name)
                + _part(9, values.astype(values.dtype.newbyteorder("<")).tobytes()),
            )
        )
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: int | str | list[int]) -> str:
        """Add an operation; returns the name of its result."""
        body = (
            b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(3, output) + _text(4, kind)
        )
        body += b"".join(_part(5, _attribute(name, value)) for name, value in attributes.items())
        self._nodes.append(_part(1, body))
        return output

    def model(self, source: Shape, *results: Shape) -> bytes:
        """Write the whole model, with its input and its outputs; the same calls give the same bytes."""
        graph = b"".join(self._nodes) + _text(2, "net") + b"".join(self._constants)
        graph += _part(11, _value(*source)) + b"".join(_part(12, _value(*result)) for result in results)
        opset = _text(1, "") + _number(2, _OPSET)
        return _number(1, _IR) + _part(7, graph) + _part(8, opset)


def _attribute(name: str, value: int | str | list[int]) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    if isinstance(value, str):
        return _text(1, name) + _text(4, value) + _number(20, 3)
    return _text(1, name) + b"".join(_number(8, each) for each in value) + _number(20, 7)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(_part(1, _number(1, size) if isinstance(size, int) else _text(2, size)) for size in shape)
    return _text(1, name) + _part(2, _part(1, _number(1, _FLOAT) + _part(2, dims)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _part(field, value.encode())


def _part(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
