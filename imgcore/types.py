"""Types and conventions of the image core.

Pictures are uint8, BGR ``(rows, cols, 3)`` or grey ``(rows, cols)``, C-contiguous. Points
are float32 ``(n, 2)`` as (x, y), origin top left, integers at pixel centres. Angles are
degrees, counter-clockwise as displayed. Inputs are never modified.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
"""uint8 BGR ``(rows, cols, 3)`` or grey ``(rows, cols)``."""

Points = npt.NDArray[np.float32]
"""float32 ``(n, 2)`` as (x, y) in pixels."""

Quad = tuple[tuple[float, float], ...]
"""Four corners as (x, y), clockwise from the document's top left; a value that can be compared."""

Reduction = Literal[1, 2, 4, 8]
"""Divisor of a picture's width and height."""

Net = Callable[[npt.NDArray[Any]], Sequence[npt.NDArray[Any]]]
"""A neural net with one input, and its outputs in the order of its file; whatever runs it."""


class ImageError(ValueError):
    """Raised for a picture or setting the core cannot process; the text says which and why."""


class ShapeError(ImageError):
    """Raised for a picture of `width` x `height` pixels that is over a `limit` of its shape."""

    what = "{width} x {height} is over the limit of {limit}"

    def __init__(self, width: int, height: int, limit: int) -> None:
        super().__init__(f"the picture of {self.what.format(width=width, height=height, limit=limit)}")
        self.width = width
        self.height = height
        self.limit = limit


class TooManyPixels(ShapeError):
    """Raised where `limit` pixels altogether are accepted."""

    what = "{width} x {height} is over the limit of {limit} pixels"


class SideTooLong(ShapeError):
    """Raised where `limit` pixels along a side are accepted."""

    what = "{width} x {height} is over the limit of {limit} pixels a side"


class TooNarrow(ShapeError):
    """Raised where a picture may be `limit` times as long as it is broad."""

    what = "{width} x {height} is more than {limit} times as long as it is broad"


Planes = tuple[Image, ...]
"""Luma, then two chroma planes, which may be smaller."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Outline of a document found in a picture.

    Attributes
    ----------
    corners
        float32 ``(4, 2)``, clockwise from the document's top left, in pixels of the
        picture that was searched; may lie outside of it.
    score
        Confidence of the finder, 0..1.
    """

    corners: Points
    score: float


@dataclass(frozen=True, slots=True)
class StageReport:
    """Report of one stage of the pipeline.

    Attributes
    ----------
    name
        The stage, as in ``imgcore.pipeline.ORDER``.
    applied
        True if the picture was changed.
    milliseconds
        Wall time of the stage, from the clock handed to the pipeline; 0 without one.
    note
        Reason for which it was not applied, or a figure worth knowing; English, one clause.
    values
        Geometry and confidences, plain numbers and lists.
    """

    name: str
    applied: bool
    milliseconds: float
    note: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProcessingReport:
    """Reports of all stages in the order they ran."""

    stages: tuple[StageReport, ...]


class CropState(StrEnum):
    """Outcomes of a crop; *unsure*: an outline was found and not trusted, and nothing was cut."""

    CROPPED = "cropped"
    WHOLE = "whole"
    UNSURE = "unsure"


class Prior(StrEnum):
    """Knowledge that a crop began with: of the picture alone, of its empty desk, or of a scanner's feed."""

    PICTURE = "picture"
    DESK = "desk"
    GLASS = "glass"
    FEEDER = "feeder"


@dataclass(frozen=True, slots=True)
class DoubtedCrop:
    """Document that was found and not trusted: its corners in pixels of the input, and the reason."""

    corners: Quad
    reason: str


@dataclass(frozen=True, slots=True)
class CropOutcome:
    """Outcome of the crop of one picture.

    Attributes
    ----------
    corners
        Corners in pixels of the input, by which `imgcore.crop.crop` gives the picture again, or those of what
        was found and not trusted; None where there are none, or a curved page was flattened.
    reason
        Reason for which nothing was cut, or for which what was cut was doubted; empty without one.
    doubted
        Further documents that were found and not trusted.
    prior
        Knowledge that the search began with.
    paper
        Name of the standard format of what was cut, as `imgcore.sheet_format` has it; empty where it has none
        or is not known.
    """

    state: CropState
    corners: Quad | None = None
    reason: str = ""
    doubted: tuple[DoubtedCrop, ...] = ()
    prior: Prior = Prior.PICTURE
    paper: str = ""

    def reduced(self, factor: int) -> CropOutcome:
        """Return the same in pixels of a picture that is smaller by a factor."""
        corners = None if self.corners is None else _reduced(self.corners, factor)
        doubted = tuple(DoubtedCrop(_reduced(each.corners, factor), each.reason) for each in self.doubted)
        return replace(self, corners=corners, doubted=doubted)


def _reduced(quad: Quad, factor: int) -> Quad:
    return tuple(((x + 0.5) / factor - 0.5, (y + 0.5) / factor - 0.5) for x, y in quad)


NO_CROP = CropOutcome(CropState.WHOLE, reason="not asked for")
"""Outcome of the crop where none was asked for."""


def quad_of(corners: Points) -> Quad:
    """Return corners as a value."""
    return tuple((float(x), float(y)) for x, y in corners)


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Pictures that one input gave, in reading order, and the report.

    Attributes
    ----------
    plain
        The same pictures as they were before their enhancement.
    dots
        Resolution of each picture in dots per inch of the sheet; 0 if unknown.
    crops
        Outcome of the crop of each picture; what was doubted beside trusted documents is with the first.
    """

    pictures: tuple[Image, ...]
    report: ProcessingReport
    plain: tuple[Image, ...] = ()
    dots: tuple[float, ...] = ()
    crops: tuple[CropOutcome, ...] = ()
    kinds: tuple[str, ...] = ()
