"""A tiny convolutional net that says how upright a window looks, in NumPy."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

KERNELS, STRIDES = (5, 3, 3), (2, 2, 1)
CHANNELS = (1, 16, 32, 64)
HIDDEN = 64


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """Weights ``(in, out)`` and offsets ``(out,)`` of three convolutions and two full layers.

    A convolution's inputs are rows, columns and channels of its kernel, in this order.
    """

    weights: tuple[Floats, ...]
    offsets: tuple[Floats, ...]


def load(layers: Sequence[tuple[float, str, tuple[float, ...]]]) -> Net:
    """The net of a scale, weights (int8 as base64) and offsets for each layer; half a millisecond."""
    offsets = tuple(np.array(offset, np.float32) for _, _, offset in layers)
    levels = [np.frombuffer(base64.b64decode(text), np.int8).astype(np.float32) for _, text, _ in layers]
    weights = tuple(
        (level * (scale / 127)).reshape(-1, len(offset)).astype(np.float32)
        for level, (scale, _, _), offset in zip(levels, layers, offsets, strict=True)
    )
    return Net(weights, offsets)


def uprightness(net: Net, windows: Floats) -> Floats:
    """Log odds without a common offset, float32 ``(n,)``.

    Parameters
    ----------
    windows
        float32 ``(n, rows, cols)``, 0..1.
    """
    planes = windows[:, :, :, None]
    for kernel, stride, weight, offset in zip(KERNELS, STRIDES, net.weights, net.offsets, strict=False):
        planes = np.maximum(patches(planes, kernel, stride) @ weight + offset, 0)
    hidden = np.maximum(planes.reshape(len(planes), -1) @ net.weights[-2] + net.offsets[-2], 0)
    return np.asarray((hidden @ net.weights[-1] + net.offsets[-1])[:, 0], np.float32)


def patches(planes: Floats, kernel: int, stride: int) -> Floats:
    """Receptive fields of a convolution: ``(n, rows, cols, kernel * kernel * channels)``."""
    seen = np.lib.stride_tricks.sliding_window_view(planes, (kernel, kernel), axis=(1, 2))
    seen = seen[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)
    return seen.reshape(*seen.shape[:3], -1)
