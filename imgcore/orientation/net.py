"""Small convolutional network that scores a window as upright, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

KERNELS = (5, 3, 3)
"""Rows and columns of each convolution's kernel."""
STRIDES = (2, 2, 1)
"""Step in pixels of each convolution, across and down."""
CHANNELS = (1, 16, 32, 64)
"""Number of channels of a window, then of the output of each convolution."""
HIDDEN = 64
"""Number of outputs of the first full layer."""


@dataclass(frozen=True, slots=True, eq=False)
class OrientationNet:
    """Weights ``(in, out)`` and offsets ``(out,)`` of three convolutions and two full layers.

    A convolution's inputs are rows, columns and channels of its kernel, in this order.
    """

    weights: tuple[Floats, ...]
    offsets: tuple[Floats, ...]

    @classmethod
    def unpacked(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> OrientationNet:
        """Dequantise int8 ``levels0``, ``levels1`` ... by their ``steps``, with ``offset0`` ..."""
        steps = arrays["steps"]
        weights = tuple(np.asarray(arrays[f"levels{at}"] * step, np.float32) for at, step in enumerate(steps))
        return cls(weights, tuple(arrays[f"offset{at}"] for at in range(len(steps))))


def upright_log_odds(net: OrientationNet, windows: Floats) -> Floats:
    """Log odds ``(n,)`` that each window is upright, up to a common offset.

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
