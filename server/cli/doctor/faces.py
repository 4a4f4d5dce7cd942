"""Checks of the face models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from models.locate import ModelMissing
from server.cli.doctor.check import Check, type_this
from server.config import Config
from server.errors import LocalizedText
from server.services.faces.insightface_engine import open_pack
from server.services.faces.onnx_engine import load_detector, load_embedder, load_liveness_nets


def examine(config: Config) -> Iterator[Check]:
    """Check the models of each use of faces, without which the service answers an error."""
    pack = config.faces.insightface_pack
    uses: dict[str, Callable[[], object]] = {
        "face comparison": (lambda: open_pack(Path(pack).expanduser())) if pack else _comparison,
        "face liveness": load_liveness_nets,
    }
    for name, load in uses.items():
        try:
            load()
        except ModelMissing as missing:
            # Its text already has the remedy for that model.
            reason, remedy = LocalizedText(missing.zh, str(missing)), type_this("gaopai models list")
            yield Check(name, False, reason, remedy, optional=True)
        else:
            yield Check(name, True, LocalizedText("模型已就绪", "its models are here"))


def _comparison() -> None:
    load_detector()
    load_embedder()
