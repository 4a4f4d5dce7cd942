"""Sessions of models: hash checked, loaded once by the caller, threads set on purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models.locate import ModelMissing, read
from models.manifest import Model

Net = Callable[[npt.NDArray[np.float32]], Sequence[npt.NDArray[Any]]]


def open_session(model: Model, threads: int = 1) -> Any:
    """The model's ``onnxruntime.InferenceSession`` on the processor; calls from several threads are safe.

    Raises
    ------
    ModelMissing
        The file or onnxruntime is not there, or it is another file; the text says what to do.
    """
    data = read(model)
    try:
        import onnxruntime  # noqa: PLC0415 - its load takes longer than most commands
    except ImportError as exc:
        raise ModelMissing(f"{exc}; type: pip install onnxruntime") from exc
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def open_net(model: Model, threads: int = 1) -> Net:
    """A model of one input as a function: an array in, all outputs out, in the order of the file.

    Raises
    ------
    ModelMissing
        As `open_session`.
    """
    session = open_session(model, threads)
    (source,) = session.get_inputs()

    def run(values: npt.NDArray[np.float32]) -> Sequence[npt.NDArray[Any]]:
        return tuple(session.run(None, {source.name: values}))

    return run
