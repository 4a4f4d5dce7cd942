"""Files that nobody can exchange but root and accounts that are named."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path

ROOT = 0
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def is_trusted(file: Path, owners: Collection[int]) -> bool:
    """Return whether nobody but `owners` and root can exchange a file, or a folder on the way to it.

    Parameters
    ----------
    file
        Absolute, without symbolic links.

    Raises
    ------
    OSError
        It is not there, or cannot be seen.
    """
    return all(_is_safe(path.stat(), {ROOT, *owners}) for path in (file, *file.parents))


def _is_safe(status: os.stat_result, owners: Collection[int]) -> bool:
    if status.st_uid not in owners:
        return False
    # In a folder such as /tmp everybody may make files, but exchange his own only.
    sticky = stat.S_ISDIR(status.st_mode) and bool(status.st_mode & stat.S_ISVTX)
    return sticky or not status.st_mode & _OTHERS
