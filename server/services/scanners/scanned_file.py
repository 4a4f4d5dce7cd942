"""Files of a scan, and the fronts of a pile whose backs are still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imgcore.verdict import Verdict
from server.protocol.messages.pictures import PictureCut
from server.services.pictures.naming import NamePlan


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """Picture of a scan that was written, as answers name it.

    Attributes
    ----------
    page
        Side of the scan that it comes from, from 1.
    """

    path: str
    page: int
    blank: bool
    verdict: Verdict | None
    cut: PictureCut


@dataclass(frozen=True, slots=True)
class Fronts:
    """Fronts of a pile of sheets, in the order they were fed."""

    sheets: int
    files: tuple[ScannedFile, ...]
    name: str | None
    plan: NamePlan | None
    """Name that was asked for, and the names that follow, of which the backs take the next ones."""

    def sheet(self, page: int, reversed_order: bool) -> int:
        """Return the sheet of the n-th back, both from 1; below 1 where there are more backs."""
        return self.sheets + 1 - page if reversed_order else page

    def interleaved(self, backs: Sequence[ScannedFile], reversed_order: bool) -> list[ScannedFile]:
        """Return all files, the front of each sheet before its back."""
        fronts = [((file.page, 0), file) for file in self.files]
        behind = [((self.sheet(file.page, reversed_order), 1), file) for file in backs]
        return [file for _, file in sorted(fronts + behind, key=lambda keyed: keyed[0])]
