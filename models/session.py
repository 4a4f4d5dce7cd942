"""Sessions of models: hash checked, loaded once by the caller, threads set on purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy.typing as npt

from models.locate import RuntimeMissing, read
from models.manifest import Model

Net = Callable[[npt.NDArray[Any]], Sequence[npt.NDArray[Any]]]


def open_net(model: Model, threads: int = 1) -> Net:
    """A model of one input as a function: an array in, all outputs out, in the order of the file.

    It runs on the processor, in onnxruntime; calls from several threads are safe.

    Raises
    ------
    ModelMissing
        The file is not there, or is another one; the text says what to do.
    RuntimeMissing
        onnxruntime is not installed.
    """
    data = read(model)
    try:
        import onnxruntime  # noqa: PLC0415 - its load takes longer than most commands
    except ImportError as exc:
        raise RuntimeMissing(f"{exc}; type: pip install onnxruntime") from exc
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    (source,) = session.get_inputs()

    def run(values: npt.NDArray[Any]) -> Sequence[npt.NDArray[Any]]:
        return tuple(session.run(None, {source.name: values}))

    return run
