"""A model pack of InsightFace's that a person has: opened by its own library, which is an extra."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgcore.face import Calibration
from models.locate import ModelMissing

INSTALL = "pip install --editable '.[insightface]', then pip install --no-deps 'insightface>=2.1'"
CALIBRATION = Calibration(0.4094, 12.0)
"""Of MobileFaceNet-y1: cosine 0.48 is a similarity of 0.7. Other nets of the family were not measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """What a pack has, as InsightFace's `FaceAnalysis` opens it.

    Attributes
    ----------
    detection
        Its ``detect(image, input_size, det_thresh=)`` gives boxes with scores, ``(n, 5)``, and points
        ``(n, 5, 2)``.
    recognition
        Its ``get_feat(image)`` embeds an aligned face of 112 x 112.
    """

    detection: Any
    recognition: Any


def open_pack(folder: Path, threads: int = 1) -> Pack:
    """The nets of a pack, on the processor; some seconds.

    Its files are the user's own: nothing is downloaded, and no hash is known.

    Raises
    ------
    ModelMissing
        There is no such folder, it is no pack, or the library is not there; the text says what to do.
    """
    # Without a folder the library would look for one on the network.
    if not any(folder.glob("*.onnx")):
        raise ModelMissing(f"{folder} has no models; [faces] insightface_pack names the folder of a pack")
    models = _analysed(folder, threads)
    missing = {"detection", "recognition"} - models.keys()
    if missing:
        raise ModelMissing(f"{folder} is no whole pack: it has no model of {' and '.join(sorted(missing))}")
    if not models["detection"].use_kps:
        raise ModelMissing(f"{folder}: its detector gives no points of faces")
    models["detection"].prepare(-1)
    models["recognition"].prepare(-1)
    return Pack(models["detection"], models["recognition"])


def _analysed(folder: Path, threads: int) -> dict[str, Any]:
    try:
        import onnxruntime  # noqa: PLC0415 - its load takes longer than most commands
        from insightface.app import FaceAnalysis  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as exc:
        raise ModelMissing(f"{exc}; type: {INSTALL}") from exc
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            analysis = FaceAnalysis(
                name=str(folder.resolve()), allowed_modules=["detection", "recognition"],
                providers=["CPUExecutionProvider"], sess_options=options,
            )  # fmt: skip
    except Exception as exc:
        # What is wrong with somebody's files shows itself in asserts, protobuf's errors and the runtime's.
        raise ModelMissing(f"{folder} cannot be opened as a pack ({type(exc).__name__})") from exc
    return dict(analysis.models)
