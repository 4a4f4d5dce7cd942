"""Which program holds a device node, as far as this account may see."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from server.errors import LocalizedText

UNKNOWN = LocalizedText("另一个程序", "another program")


def holder(path: str, root: Path = Path("/")) -> LocalizedText:
    """The name of another program that has `path` open, or `UNKNOWN`.

    Other accounts' descriptors are visible to root only, so not to know is usual.
    """
    wanted = os.path.realpath(path)
    for process in (root / "proc").glob("[0-9]*"):
        if int(process.name) != os.getpid() and wanted in _open_files(process):
            return _name(process)
    return UNKNOWN


def _open_files(process: Path) -> Iterator[str]:
    try:
        entries = list((process / "fd").iterdir())
    except OSError:
        return  # ended meanwhile, or not ours to look into
    for entry in entries:
        with contextlib.suppress(OSError):  # closed meanwhile, as a program's that is just starting
            yield str(entry.readlink())


def _name(process: Path) -> LocalizedText:
    try:
        name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return UNKNOWN
    name = name.replace("{", "{{").replace("}", "}}")  # a Text is a template
    return LocalizedText(f"程序 {name} ", name)
