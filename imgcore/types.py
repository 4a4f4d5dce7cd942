"""The image core's conventions, stated once.

Pictures are uint8, BGR ``(rows, cols, 3)`` or grey ``(rows, cols)``, C-contiguous. Points
are float32 ``(n, 2)`` as (x, y), origin top left, integers at pixel centres. Angles are
degrees, counter-clockwise as displayed. Inputs are never modified.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
"""uint8 BGR ``(rows, cols, 3)`` or grey ``(rows, cols)``."""

Points = npt.NDArray[np.float32]
"""float32 ``(n, 2)`` as (x, y) in pixels."""


class ImageError(ValueError):
    """A picture or setting the core cannot work on; the text says which and why."""


class TooManyPixels(ImageError):
    """A picture of `width` x `height` pixels, where `limit` altogether are accepted."""

    def __init__(self, width: int, height: int, limit: int) -> None:
        super().__init__(f"the picture of {width} x {height} is over the limit of {limit} pixels")
        self.width, self.height, self.limit = width, height, limit


Planes = tuple[Image, ...]
"""Luma, then two chroma planes, which may be smaller."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A document found in a picture.

    Attributes
    ----------
    corners
        float32 ``(4, 2)``, clockwise from the document's top left, in pixels of the
        picture that was searched; may lie outside of it.
    score
        0..1, how sure the finder is.
    """

    corners: Points
    score: float


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage of the pipeline did.

    Attributes
    ----------
    name
        The stage, as in ``imgcore.pipeline.ORDER``.
    applied
        Whether the picture was changed.
    milliseconds
        Wall time of the stage, from the clock handed to the pipeline; 0 without one.
    note
        Why it was not applied, or a figure worth knowing; English, one clause.
    values
        Geometry and confidences, plain numbers and lists.
    """

    name: str
    applied: bool
    milliseconds: float
    note: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """All stages in the order they ran."""

    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """The pictures one input gave, in reading order, and how they came about."""

    pictures: tuple[Image, ...]
    report: Report
