"""Progress of a scan over the faults that end it: what was delivered, and how the rest is to come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from server.protocol.messages.scanners import ScanRequest
from server.services.pictures.naming import NamePlan
from server.services.scanners.scanned_file import ScannedFile

Stream = Literal["asSet", "gray", "bw"]
"""Kind of picture of a page, of which one pass may give several."""


@dataclass(frozen=True, slots=True)
class PageRules:
    """Rules for the sides of a scan, beyond those for pictures.

    Attributes
    ----------
    drop_blank
        Blank pages that are left out, of a feeder.
    turn_backs
        True to turn backs by half a turn.
    backs_alone
        True if all sides are backs: the second pass over a pile.
    streams
        Kinds of pictures that each page gives; none for one as the settings say.
    done
        Sides that were delivered before a fault, which this scan goes on after.
    with_barcode
        True to read a barcode of each picture, for its name.
    """

    drop_blank: Literal["none", "backs", "all"] = "none"
    turn_backs: bool = False
    backs_alone: bool = False
    streams: tuple[Stream, ...] = ()
    done: int = 0
    with_barcode: bool = False

    def is_back(self, number: int, duplex: bool) -> bool:
        """Return whether a side, from 1, is the back of its sheet."""
        return self.backs_alone or (duplex and number % 2 == 0)

    def drops(self, *, back: bool, feeder: bool) -> bool:
        """Return whether a side is left out if it is blank."""
        return feeder and (self.drop_blank == "all" or (back and self.drop_blank == "backs"))


@dataclass(slots=True)
class ScanProgress:
    """Delivered part of a scan.

    Attributes
    ----------
    request
        Request that began it, whose parameters hold to the end.
    plan
        Names of its files; None where pictures go to the page.
    pages, dropped
        Sides that were delivered, and how many of them were left out as blank.
    pictures, blank
        Pictures that were delivered, and how many of them are blank.
    """

    request: ScanRequest
    plan: NamePlan | None = None
    files: list[ScannedFile] = field(default_factory=list)
    pages: int = 0
    dropped: int = 0
    pictures: int = 0
    blank: int = 0
