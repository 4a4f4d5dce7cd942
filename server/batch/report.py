"""The outcome of each file, told as one JSON object a line or as names and sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from imgcore.types import CropOutcome, Quad
from server.batch.plan import BatchSource
from server.errors import LocalizedText
from server.telemetry.printable import json_line

KEPT = 1000
"""Failures listed at the end; more are counted only, so that a million do not fill the memory."""


@dataclass(slots=True)
class Record:
    """One file as far as it is known.

    Attributes
    ----------
    pages
        Their number; 0 before that is known.
    waiting
        Pages among them that have no result yet.
    resumed
        Pages that an earlier run had done.
    parts
        Names of results below the output folder that wait to be joined.
    parts, outputs, stages, crops
        By page, since pages do not finish in order.
    failures
        Pairs of page (0 for the whole file) and reason.
    """

    source: BatchSource
    pages: int = 0
    waiting: int = 1
    resumed: int = 0
    milliseconds: float = 0.0
    parts: dict[int, list[str]] = field(default_factory=dict)
    outputs: dict[int, list[str]] = field(default_factory=dict)
    stages: dict[int, Sequence[dict[str, Any]]] = field(default_factory=dict)
    crops: dict[int, Sequence[CropOutcome]] = field(default_factory=dict)
    failures: list[tuple[int, LocalizedText]] = field(default_factory=list)

    def files(self) -> list[str]:
        """The results, page by page."""
        return [name for _, names in sorted(self.outputs.items()) for name in names]

    def error(self) -> str | None:
        """Return the reason why the file is not whole, in one line, or None."""
        if not self.failures:
            return None
        return "; ".join(
            f"page {page}: {text.en}" if page else text.en for page, text in sorted(self.failures)
        )

    def plain(self) -> dict[str, Any]:
        """The file as the report tells it."""
        crops = [
            {"page": page, **_crop(crop)} for page, crops in sorted(self.crops.items()) for crop in crops
        ]
        return {
            "file": str(self.source.path),
            "pages": self.pages,
            "outputs": self.files(),
            "resumed": self.resumed,
            "crop": crops[0] if crops else None,
            "crops": crops,
            "stages": [
                {"page": page, **stage} for page, stages in sorted(self.stages.items()) for stage in stages
            ],
            "ms": round(self.milliseconds, 1),
            "error": self.error(),
        }


def _crop(crop: CropOutcome) -> dict[str, Any]:
    return {
        "state": crop.state.value,
        "corners": None if crop.corners is None else _corners(crop.corners),
        "reason": crop.reason or None,
        "doubted": [{"corners": _corners(each.corners), "reason": each.reason} for each in crop.doubted],
    }


def _corners(quad: Quad) -> list[list[float]]:
    return [[round(x, 2), round(y, 2)] for x, y in quad]


class Report:
    """Takes finished files and tells about them; remembers the failures.

    Parameters
    ----------
    tell
        Gets each line for standard output.
    as_json
        One JSON object a file instead of the names of its results.
    """

    def __init__(self, tell: Callable[[str], None], as_json: bool) -> None:
        self._tell = tell
        self._as_json = as_json
        self._kept: list[str] = []
        self.files = self.pages = self.resumed = self.failed = 0

    def add(self, record: Record) -> None:
        """Tell about a file."""
        self.files += 1
        self.pages += record.pages
        self.resumed += record.resumed
        if self._as_json:
            self._tell(json_line(record.plain()))
        else:
            for name in record.files():
                self._tell(name)
        if (error := record.error()) is not None:
            self.failed += 1
            if len(self._kept) < KEPT:
                self._kept.append(f"{record.source.path}: {error}")

    def failures(self) -> list[str]:
        """One line a failed file, and one for those that were too many."""
        more = self.failed - len(self._kept)
        return [*self._kept, *([f"and {more} more"] if more else [])]
