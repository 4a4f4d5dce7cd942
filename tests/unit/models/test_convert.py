"""Converters write the net that was meant: compared with one in plain NumPy, on random parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

from models.convert import CONVERTERS, dlib_resnet, yunet_s
from models.convert.table import UnknownFile
from models.onnx_writer import Graph

Values = npt.NDArray[np.float64]


def _table(name: str) -> Any:
    return json.loads(resources.files("models.convert").joinpath(name).read_text(encoding="utf-8"))


def _run(model: bytes, picture: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return list(session.run(None, {session.get_inputs()[0].name: picture}))


def _convolved(values: Values, kernels: Values, bias: Values, step: int = 1, border: int = 0) -> Values:
    """``(c, y, x)`` with kernels ``(o, c, ky, kx)``, one picture."""
    padded = np.pad(values, ((0, 0), (border, border), (border, border)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernels.shape[2:], (1, 2))[:, ::step, ::step]
    return np.tensordot(kernels, windows, ((1, 2, 3), (0, 3, 4))) + bias[:, None, None]


def _pooled(values: Values, size: int, how: Any) -> Values:
    windows = np.lib.stride_tricks.sliding_window_view(values, (size, size), (1, 2))[:, ::2, ::2]
    return np.asarray(how(windows, (3, 4)))


@pytest.mark.parametrize("name", sorted(CONVERTERS))
def test_another_file_is_refused(name: str) -> None:
    with pytest.raises(UnknownFile, match="SHA-256"):
        CONVERTERS[name](b"something else")


def _dlib(picture: Values, parameters: Iterator[Values]) -> Values:
    """What dlib does: the affine layers apart, a sum of two pictures padded with zeros to the larger."""

    def layer(values: Values, channels: int, side: int, step: int = 1) -> Values:
        raw = next(parameters)
        affine = next(parameters)
        kernels = raw[:-channels].reshape(channels, len(values), side, side)
        border = side // 2 if step == 1 else 0
        gain = affine[:channels, None, None]
        shift = affine[channels:, None, None]
        return _convolved(values, kernels, raw[-channels:], step, border) * gain + shift

    mean = np.array([122.782, 117.001, 104.298])[:, None, None]
    values = _pooled(np.maximum(layer((picture - mean) / 256, 32, 7, 2), 0), 3, np.max)
    plan = [(32, 1)] * 3 + [(64, 2)] + [(64, 1)] * 3 + [(128, 2)] + [(128, 1)] * 2
    for channels, step in [*plan, (256, 2), (256, 1), (256, 1), (256, 2)]:
        through = layer(np.maximum(layer(values, channels, 3, step), 0), channels, 3)
        past = _pooled(values, 2, np.mean) if step == 2 else values
        values = np.zeros(np.maximum(through.shape, past.shape))
        for part in (through, past):
            values[: part.shape[0], : part.shape[1], : part.shape[2]] += part
        values = np.maximum(values, 0)
    return np.asarray(values.mean((1, 2)) @ next(parameters).reshape(256, 128))


def test_dlibs_net_gives_what_dlib_would() -> None:
    rng = np.random.default_rng(7)
    places = _table("dlib_resnet.json")["parameters"]
    data = bytearray(max(offset + 4 * size for _, size, offset in places))
    arrays = []
    for kind, size, offset in places:
        values = rng.normal(0, 0.03 if kind == "con" else 0.6, size).astype("<f4")
        data[offset : offset + 4 * size] = values.tobytes()
        arrays.append(values.astype(np.float64))
    picture = rng.uniform(0, 255, (3, 150, 150))
    model = dlib_resnet.as_onnx(bytes(data), places)
    assert hashlib.sha256(dlib_resnet.as_onnx(bytes(data), places)).digest() == hashlib.sha256(model).digest()
    ((got,),) = _run(model, picture[None].astype(np.float32))
    wanted = _dlib(picture, iter(arrays))
    assert np.abs(wanted).max() > 0.01
    assert np.abs(got - wanted).max() < 1e-4 * np.abs(wanted).max()


def _yunet(picture: Values, arrays: Mapping[str, Values]) -> Sequence[Values]:
    def separable(name: str, values: Values) -> Values:
        bias = arrays[f"{name}_dw_bias"]
        across = arrays[f"{name}_pw_weight"].reshape(len(bias), -1, 1, 1)
        mixed = _convolved(values, across, arrays[f"{name}_pw_bias"])
        within = arrays[f"{name}_dw_weight"].reshape(3, 3, -1)
        kernels = np.zeros((len(bias), len(bias), 3, 3))
        for channel in range(len(bias)):
            kernels[channel, channel] = within[:, :, channel]
        return _convolved(mixed, kernels, bias, border=1)

    def rectified(name: str, values: Values) -> Values:
        return np.maximum(separable(name, values), 0)

    first = arrays["backbone__model0_pw_weight"].reshape(-1, 32)[:, :27].reshape(-1, 3, 3, 3)
    values = _convolved(picture, first.transpose(0, 3, 1, 2), arrays["backbone__model0_pw_bias"], 2, 1)
    values = _pooled(rectified("backbone__model0_dp", np.maximum(values, 0)), 2, np.max)
    levels = []
    for stage in range(1, 6):
        for half in (1, 2):
            values = rectified(f"backbone__model{stage}_dp{half}", values)
        levels += [values] if stage >= 3 else []
        values = _pooled(values, 2, np.max) if stage in (2, 3, 4) else values
    for level in (2, 1, 0):
        if level < 2:
            levels[level] = levels[level] + levels[level + 1].repeat(2, 1).repeat(2, 2)
        levels[level] = rectified(f"neck__lateral_convs__{level}", levels[level])
    answers = []
    for head in ("cls", "obj", "bbox", "kps"):
        for level, seen in enumerate(levels):
            answer = separable(f"bbox_head__multi_level_{head}__{level}", seen)
            answers.append(answer.reshape(len(answer), -1).T)
    return [1 / (1 + np.exp(-answer)) for answer in answers[:6]] + answers[6:]


def test_yunet_gives_what_it_is_described_as() -> None:
    rng = np.random.default_rng(8)
    places = _table("yunet_s.json")["parameters"]
    data = bytearray(max(offset + 4 * size for size, offset in places.values()))
    arrays = {}
    for name, (size, offset) in places.items():
        values = rng.normal(0, 0.2, size).astype("<f4")
        data[offset : offset + 4 * size] = values.tobytes()
        arrays[name] = values.astype(np.float64)
    picture = rng.uniform(-1, 1, (3, 96, 64))
    got = _run(yunet_s.as_onnx(bytes(data), places), picture[None].astype(np.float32))
    wanted = _yunet(picture, arrays)
    assert [each.shape for each in got] == [(1, *each.shape) for each in wanted]
    for one, other in zip(got, wanted, strict=True):
        assert np.abs(one[0] - other).max() < 1e-4 * max(1.0, np.abs(other).max())


def test_a_model_may_have_whole_numbers_and_several_outputs() -> None:
    graph = Graph()
    graph.constant("shape", np.array([1, 6], np.int64))
    graph.node("Reshape", ["picture", "shape"], "flat")
    graph.node("Neg", ["flat"], "minus")
    model = graph.model(("picture", ["n", 2, 3]), ("flat", ["n", 6]), ("minus", ["n", 6]))
    flat, minus = _run(model, np.arange(6, dtype=np.float32).reshape(1, 2, 3))
    assert flat.tolist() == [[0, 1, 2, 3, 4, 5]]
    assert minus.tolist() == (-flat).tolist()
