"""Training of small convolutional nets in TensorFlow, and the loss of the one that finds documents.

Needs ``pip install tensorflow-cpu``; the nets in use do not. Its half-precise convolutions
(bfloat16) train ten times as fast as JAX's on a processor that has them.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]

from models.training.segmentation_layers import ADDED, EPSILON, LAYERS, STRAIGHT, Values, connect

Parameters = dict[str, dict[str, tf.Variable]]


class NetLayers(NamedTuple):
    """Layers of a net (name, kernel, stride, channels in and out), and how they are connected.

    To what a layer gives its input is `added`; behind one that is `straight` there is no rectifier.
    """

    layers: tuple[tuple[str, int, int, int, int], ...]
    added: set[str]
    straight: set[str]
    connect: Callable[..., Any]


DOCUMENTS = NetLayers(LAYERS, ADDED, STRAIGHT, connect)

_MOMENTUM = 0.98
_SLOW = 0.995
_SLOW_BEGUN = 0.98
"""Of running means of the statistics, and of the parameters, which are used; of few steps a shorter one."""
_WARM = 100
_STEEPEST = 2.0
_DECAY = 1e-4
"""Steps to the full rate, greatest length of all gradients, decay of weights."""


def start(seed: int, net: NetLayers = DOCUMENTS) -> dict[str, Values]:
    """Parameters before the first step; mean and variance are running ones."""
    random = np.random.default_rng(seed)
    parameters: dict[str, Values] = {}
    for name, kernel, _, before, after in net.layers:
        weight = random.normal(size=(kernel, kernel, before, after)) * np.sqrt(2 / (kernel * kernel * before))
        offset = np.zeros(after)
        if name == "answer":
            weight = weight * 0.1
            offset[0] = -4.0
        parameters[name] = {
            "weight": weight,
            "scale": np.full(after, 0.3 if name in net.added else 1.0),
            "offset": offset,
            "mean": np.zeros(after),
            "variance": np.ones(after),
        }
    return parameters


def _variables(values: dict[str, Values]) -> Parameters:
    return {
        name: {
            key: tf.Variable(value.astype(np.float32), trainable=key not in ("mean", "variance"))
            for key, value in own.items()
        }
        for name, own in values.items()
    }


def forward(parameters: Parameters, pictures: Any, train: bool, net: NetLayers = DOCUMENTS) -> Any:
    """Answers ``(n, rows / 4, cols / 4, channels)`` to pictures ``(n, rows, cols, channels)`` about -1..1."""
    strides = {name: stride for name, _, stride, _, _ in net.layers}

    def layer(name: str, x: Any) -> Any:
        own = parameters[name]
        kind = tf.float32 if name == "answer" else tf.bfloat16
        # Padding "SAME" alone has fast gradients; of an even picture's two sides it pads the far one.
        y = tf.nn.conv2d(tf.cast(x, kind), tf.cast(own["weight"], kind), strides[name], "SAME")
        y = tf.cast(y, tf.float32)
        if name == "answer":
            return y + own["offset"]
        y = _normalised(own, y, train)
        if name in net.added:
            y = y + x
        return y if name in net.straight else tf.nn.relu(y)

    return net.connect(layer, _doubled, operator.add, pictures)


def _normalised(own: dict[str, tf.Variable], y: Any, train: bool) -> Any:
    y, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        y,
        own["scale"],
        own["offset"],
        None if train else own["mean"],
        None if train else own["variance"],
        epsilon=EPSILON,
        is_training=train,
    )
    if train:
        for key, seen in (("mean", mean), ("variance", variance)):
            own[key].assign(_MOMENTUM * own[key] + (1 - _MOMENTUM) * seen)
    return y


def _doubled(x: Any) -> Any:
    return tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)


def loss(answers: Any, wanted: Any) -> Any:
    """Total, heat, middle, half sides, angle, and mask with rim: float32 ``(6,)``."""
    heat = wanted[..., 0]
    weight = wanted[..., -2]
    size = wanted[..., -1]
    total = tf.reduce_sum(weight) + 1.0
    chance = tf.sigmoid(answers[..., 0])
    # By its side instead of its area, so that a page does not outweigh a dozen cards.
    focus = tf.reduce_sum((heat - chance) ** 2 * _cross(answers[..., 0], heat) / size) / (10 * total)
    areas = tf.reduce_mean(_cross(answers[..., 8:10], wanted[..., 8:10]))
    told = tf.where(weight > 0)
    answer, truth, weight = (tf.gather_nd(values, told) for values in (answers, wanted, weight))
    away = tf.abs(answer[:, 1:8] - truth[:, 1:8])
    middle = tf.reduce_sum(weight[:, None] * away[:, :2] / truth[:, -1:]) / total
    sides = tf.reduce_sum(weight[:, None] * away[:, 2:5] / truth[:, -1:]) / total
    angle = tf.reduce_sum(weight[:, None] * away[:, 5:]) / total
    return tf.stack(
        [focus + 3 * middle + 3 * sides + 0.5 * angle + 2 * areas, focus, middle, sides, angle, areas]
    )


def _cross(logits: Any, chance: Any) -> Any:
    return tf.nn.softplus(logits) - chance * logits


def train(
    batches: Iterator[tuple[Any, Any]],
    steps: int,
    rate: float,
    begun: dict[str, Values] | None = None,
    net: NetLayers = DOCUMENTS,
    loss: Callable[[Any, Any], Any] = loss,
    watch: Callable[[int, Callable[[], dict[str, Values]]], None] | None = None,
    minutes: float = np.inf,
) -> dict[str, Values]:
    """Parameters after so many batches of pictures about -1..1 and answers; the rate falls as a cosine does.

    It ends after so many minutes at the latest, and the rate has fallen by then. From those of a net that was
    written, where they are `begun`: its normalisation is folded in and stays so. The first of what `loss`
    gives is made smaller, the others are printed. After each step `watch` gets its number, and may ask for
    the parameters as they are.
    """
    parameters = _variables(begun or start(1, net))
    learnt = [variable for own in parameters.values() for variable in own.values() if variable.trainable]
    slow = _SLOW_BEGUN if begun else _SLOW
    kept = [tf.Variable(variable) for variable in learnt]
    moments = [(tf.Variable(tf.zeros_like(each)), tf.Variable(tf.zeros_like(each))) for each in learnt]

    means = {id(variable): mean for variable, mean in zip(learnt, kept, strict=True)}

    def values() -> dict[str, Values]:
        return {
            name: {key: means.get(id(value), value).numpy() for key, value in own.items()}
            for name, own in parameters.items()
        }

    @tf.function  # type: ignore[untyped-decorator]
    def step(pictures: Any, wanted: Any, speed: Any, number: Any) -> Any:
        with tf.GradientTape() as tape:
            parts = loss(forward(parameters, pictures, not begun, net), wanted)
            total = parts[0]
        slopes, _ = tf.clip_by_global_norm(tape.gradient(total, learnt), _STEEPEST)
        for variable, mean, (first, second), slope in zip(learnt, kept, moments, slopes, strict=True):
            # The offsets' scale of the last layer has none.
            slope = tf.zeros_like(variable) if slope is None else slope
            first.assign(0.9 * first + 0.1 * slope)
            second.assign(0.999 * second + 0.001 * slope**2)
            away = (first / (1 - 0.9**number)) / (tf.sqrt(second / (1 - 0.999**number)) + 1e-8)
            variable.assign_sub(speed * (away + _DECAY * variable))
            mean.assign(slow * mean + (1 - slow) * variable)
        return parts

    begin = time.monotonic()
    for number in range(1, steps + 1):
        done = max(number / (steps + 1), (time.monotonic() - begin) / (60 * minutes))
        if done >= 1:
            break
        speed = rate * min(1, number / _WARM) * (0.5 + 0.5 * np.cos(np.pi * done))
        parts = step(*next(batches), tf.constant(speed, tf.float32), tf.constant(number, tf.float32))
        if number % 100 == 0:
            print(number, np.round(parts.numpy(), 4), flush=True)
        if watch is not None:
            watch(number, values)
    return values()
