"""Stored scales of desks, by camera; the command writes them, captures read them."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from imgcore.desk_scale import DeskScale
from imgcore.types import ImageError
from server.storage.atomic import write_private

log = logging.getLogger(__name__)

FILE = "desk-scales.json"
BYTES = 1024 * 1024
"""Size limit of the file."""


class DeskScalesUnreadable(Exception):
    """The scales cannot be read or written; the text names the file and the remedy."""


class _Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    cameras: dict[str, DeskScale] = {}


class DeskScales:
    """File of the scales, private to its owner.

    Parameters
    ----------
    folder
        Folder of the file; made with the first scale, private to its owner.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._stamp: tuple[int, int] | None = None
        self._scales: Mapping[str, DeskScale] = {}

    def of(self, camera: str) -> DeskScale | None:
        """Return the scale of the camera with this identifier, None if it has none or the file is damaged."""
        try:
            status = self.path.stat()
            stamp = (status.st_ino, status.st_mtime_ns)
        except OSError:
            return None
        if stamp != self._stamp:
            try:
                self._scales = self.read()
            except DeskScalesUnreadable as exc:
                log.warning("captures carry no resolution: %s", exc)
                self._scales = {}
            self._stamp = stamp
        return self._scales.get(camera)

    def read(self) -> Mapping[str, DeskScale]:
        """Return all scales by the cameras' identifiers.

        Raises
        ------
        DeskScalesUnreadable
        """
        try:
            with self.path.open("rb") as file:
                self._check_owner(os.fstat(file.fileno()))
                return msgspec.json.decode(file.read(BYTES), type=_Content).cameras
        except FileNotFoundError:
            return {}
        except OSError as exc:
            raise DeskScalesUnreadable(f"{self.path}: cannot be read ({exc.strerror})") from exc
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ImageError) as exc:
            raise DeskScalesUnreadable(f"{self.path}: {exc}; remove the file to calibrate anew") from exc

    def keep(self, camera: str, scale: DeskScale | None) -> None:
        """Store the scale of a camera in place of an earlier one; None forgets it.

        Raises
        ------
        DeskScalesUnreadable
        """
        scales = {other: kept for other, kept in self.read().items() if other != camera}
        if scale is not None:
            scales[camera] = scale
        content = msgspec.json.format(msgspec.json.encode(_Content(cameras=dict(sorted(scales.items())))))
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self.path, content)
        except OSError as exc:
            raise DeskScalesUnreadable(f"{self.path}: cannot be written ({exc.strerror})") from exc

    def _check_owner(self, status: os.stat_result) -> None:
        if status.st_uid not in (os.geteuid(), 0) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise DeskScalesUnreadable(f"{self.path}: others could have written it; chown and chmod 600 it")
