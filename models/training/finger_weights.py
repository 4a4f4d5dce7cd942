"""Weights of the net of ``imgcore.fingers.net``, as they are written and as they are trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from imgcore.fingers.net import LAYERS
from models.training.segmentation_layers import EPSILON, Values


def packed(parameters: dict[str, Values]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of `FingerNet`, normalisation folded in, each output's weights in 127ths of the greatest."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, (_, _, _, after) in LAYERS.items():
        own = parameters[name]
        weight = own["weight"].astype(np.float64).reshape(-1, after)
        offset = own["offset"].astype(np.float64)
        if name != "answer":
            gain = own["scale"] / np.sqrt(own["variance"].astype(np.float64) + EPSILON)
            weight = weight * gain
            offset = offset - own["mean"] * gain
        steps = np.maximum(np.abs(weight).max(axis=0) / 127, 1e-12)
        arrays[f"{name}.levels"] = np.ascontiguousarray(np.rint(weight / steps), np.int8)
        arrays[f"{name}.steps"], arrays[f"{name}.offset"] = (
            steps.astype(np.float32),
            offset.astype(np.float32),
        )
    return arrays


def parameters_of(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, Values]:
    """Parameters of a net that was packed, normalised by nothing: that is folded into its weights.

    Channels that it has not are added: what they see is drawn by chance, and nothing listens to them yet.
    """
    parameters: dict[str, Values] = {}
    random = np.random.default_rng(1)
    for name, (kernel, _, before, after) in LAYERS.items():
        known = arrays[f"{name}.levels"] * arrays[f"{name}.steps"].astype(np.float64)
        known = known.reshape(kernel, kernel, -1, known.shape[1])
        heard, told = known.shape[2:]
        weight = random.normal(size=(kernel, kernel, before, after)) / np.sqrt(kernel * kernel * before)
        weight[:, :, heard:, :told] = 0
        weight[:, :, :heard, :told] = known
        offset = np.pad(arrays[f"{name}.offset"], (0, after - told))
        ones = np.ones(after)
        own = {"weight": weight, "offset": offset}
        parameters[name] = own | {"scale": ones, "mean": 0 * ones, "variance": ones - EPSILON}
    return parameters
