"""Parameters of a measurement; few imports, because the viewers' process uses them too."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Case:
    """One measured configuration.

    Attributes
    ----------
    size
        A key of `frames.SIZES`.
    rotate
        Degrees clockwise.
    binary
        Frames are asked for as binary messages; only gaopai offers that.
    pace
        Bytes a second that the last viewer takes: None as many as come, 0 none once all have
        seen a picture.
    speed
        The camera's, in times of `frames.RATES`.
    cameras
        Viewers are dealt out to so many; only gaopai has several.
    """

    size: str
    viewers: int
    outline: bool
    rotate: int = 0
    binary: bool = False
    pace: float | None = None
    speed: float = 1.0
    cameras: int = 1

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Case:
        return cls(**json.loads(text))


@dataclass(frozen=True)
class Duration:
    """Seconds before and of the measurement."""

    warm: float
    measured: float
