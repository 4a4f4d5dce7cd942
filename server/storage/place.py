"""Folder that requests can write to and read from."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from server.storage.openat import held
from server.storage.quota import Quota


class Place:
    """Folder that requests can write to and read from.

    Attributes
    ----------
    path
        Absolute path, as configured. Links in it are the administrator's and followed; below it none is.
    spellings
        Absolute paths by which requests may name it: as configured, and with links resolved.
    """

    def __init__(self, path: Path, quota: Quota) -> None:
        self.path = path
        self.spellings = (path, path.resolve())
        self.quota = quota

    def opened(self) -> contextlib.AbstractContextManager[int]:
        """Open the folder until the end of the block.

        Raises
        ------
        OSError
        """
        # For each use, so that a folder that was unmounted or replaced is noticed and not kept busy.
        return held(os.open(self.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
