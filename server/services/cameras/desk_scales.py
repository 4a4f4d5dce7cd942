"""Stored scales of desks, by camera; the command writes them, captures read them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from imgcore.desk_scale import DeskScale
from server.storage.private_file import PrivateFile, PrivateFileUnreadable

log = logging.getLogger(__name__)

FILE = "desk-scales.json"


class _Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    cameras: dict[str, DeskScale] = {}


class DeskScales:
    """The scales in a folder.

    Parameters
    ----------
    folder
        Folder of the service's state.
    """

    def __init__(self, folder: Path) -> None:
        self._file = PrivateFile(folder / FILE, _Content)
        self._stamp: tuple[int, ...] = ()
        self._scales: Mapping[str, DeskScale] = {}

    def of(self, camera: str) -> DeskScale | None:
        """Return the scale of the camera with this identifier, None if it has none or the file is damaged."""
        stamp = self._file.stamp()
        if stamp != self._stamp:
            try:
                self._scales = self.read()
            except PrivateFileUnreadable as exc:
                log.warning("captures carry no resolution: %s", exc)
                self._scales = {}
            self._stamp = stamp
        return self._scales.get(camera)

    def read(self) -> Mapping[str, DeskScale]:
        """Return all scales by the cameras' identifiers.

        Raises
        ------
        PrivateFileUnreadable
        """
        return self._file.read().cameras

    def keep(self, camera: str, scale: DeskScale | None) -> None:
        """Store the scale of a camera in place of an earlier one; None forgets it.

        Raises
        ------
        PrivateFileUnreadable
        """
        scales = {other: kept for other, kept in self.read().items() if other != camera}
        if scale is not None:
            scales[camera] = scale
        self._file.write(_Content(cameras=scales))
