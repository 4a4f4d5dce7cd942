"""Sessions of models: hash checked, loaded once by the caller, threads set on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from threading import Lock
from typing import Any, NamedTuple

import numpy.typing as npt

from models.locate import RuntimeMissing, read
from models.manifest import Model

_REMEDY = "type: pip install onnxruntime"

Net = Callable[[npt.NDArray[Any]], Sequence[npt.NDArray[Any]]]


class OpenedNet(NamedTuple):
    """A net, and what its file says of it by name, such as the characters that it reads."""

    run: Net
    metadata: Mapping[str, str]


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
    return open_content(read(model), threads).run


def late_net(model: Model) -> Net:
    """Like `open_net`, for a net that may never run: its file is checked now, and opened by the first run.

    Most pages are found without a net, and the runtime with one opened takes 40 MiB, with the largest 120.

    Raises
    ------
    ModelMissing, RuntimeMissing
    """
    if find_spec("onnxruntime") is None:
        raise RuntimeMissing(f"onnxruntime is not installed; {_REMEDY}")
    read(model)
    lock = Lock()
    opened = list[Net]()

    def run(values: npt.NDArray[Any]) -> Sequence[npt.NDArray[Any]]:
        with lock:
            if not opened:
                opened.append(open_net(model))
        return opened[0](values)

    return run


def open_content(data: bytes, threads: int = 1, keeps_memory: bool = False) -> OpenedNet:
    """Open the content of a model's file, whose hash was checked; see `open_net`.

    Parameters
    ----------
    keeps_memory
        Keep the most that a run ever took for the next: a tenth less processor time for a net that runs often
        on little, as otherwise the system clears every page anew.

    Raises
    ------
    RuntimeMissing
    """
    try:
        import onnxruntime  # noqa: PLC0415 - its load takes longer than most commands
    except ImportError as exc:
        raise RuntimeMissing(f"{exc}; {_REMEDY}") from exc
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = keeps_memory
    options.enable_mem_pattern = False
    # Threads that wait for each other would take the processor from those that have work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    (source,) = session.get_inputs()

    def run(values: npt.NDArray[Any]) -> Sequence[npt.NDArray[Any]]:
        return tuple(session.run(None, {source.name: values}))

    return OpenedNet(run, session.get_modelmeta().custom_metadata_map)
