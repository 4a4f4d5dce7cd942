"""A Python that has the bindings of libfprint: distributions build them for their own alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SYSTEM = Path("/usr/bin/python3")
SECONDS = 10.0
"""For an interpreter to start and load the bindings; a fifth of a second is usual."""
_TRY = "import gi; gi.require_version('FPrint', '2.0'); from gi.repository import FPrint"


def candidates(configured: str = "") -> Sequence[Path]:
    """Interpreters worth a try: the configured one alone, or ours and the distribution's."""
    if configured:
        return (Path(configured),)
    return tuple(dict.fromkeys((Path(sys.executable), SYSTEM)))


def find_interpreter(paths: Sequence[Path]) -> Path | None:
    """The first that can load the bindings, found by trying; blocks for `SECONDS` each at most."""
    return next((path for path in paths if _loads(path)), None)


def _loads(python: Path) -> bool:
    try:
        done = subprocess.run(
            [str(python), "-I", "-B", "-c", _TRY],
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
