"""The constants of an ONNX model, read without the ``onnx`` package; fields as in ``models.onnx_writer``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

GRAPH = 7
INITIALIZER = 5
DIMS = 1
DATA_TYPE = 2
NAME = 8
RAW_DATA = 9
TYPES = {1: "<f4", 3: "i1", 7: "<i8"}


def constants(model: bytes) -> dict[str, npt.NDArray[Any]]:
    """Arrays by name."""
    (graph,) = (value for field, value in _fields(model) if field == GRAPH)
    return dict(_array(value) for field, value in _fields(graph) if field == INITIALIZER)


def _array(tensor: bytes) -> tuple[str, npt.NDArray[Any]]:
    fields = list(_fields(tensor))
    shape = [value for field, value in fields if field == DIMS]
    one = dict(fields)
    return one[NAME].decode(), np.frombuffer(one[RAW_DATA], TYPES[one[DATA_TYPE]]).reshape(shape)


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Numbers and values of a message's fields, which are all integers or bytes here."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        if key & 7 == 2:
            yield key >> 3, message[at : at + value]
            at += value
        else:
            yield key >> 3, value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (message[at] & 0x7F) << shift
        at = at + 1
        shift = shift + 7
        if message[at - 1] < 0x80:
            return value, at
