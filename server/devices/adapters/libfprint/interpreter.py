"""A Python that has the bindings of libfprint: distributions build them for their own alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from server.children.program import Program
from server.children.spawn import environment

SYSTEM = Path("/usr/bin/python3")
SECONDS = 10.0
"""For an interpreter to start and load the bindings; a fifth of a second is usual."""
_TRY = "import gi; gi.require_version('FPrint', '2.0'); from gi.repository import FPrint"


def candidates(configured: str = "") -> Sequence[Path]:
    """Return interpreters worth a try: the configured one alone, or ours and the distribution's."""
    if configured:
        return (Path(configured),)
    return tuple(dict.fromkeys((Path(sys.executable), SYSTEM)))


def find_interpreter(paths: Sequence[Path]) -> Path | None:
    """Return the first that can load the bindings, found by trying; blocks for `SECONDS` each at most."""
    return next((path for path in paths if _loads(path)), None)


def _loads(python: Path) -> bool:
    attempt = Program((str(python), "-I", "-B", "-c", _TRY), environment("GI_TYPELIB_PATH"))
    try:
        return attempt.run(SECONDS).code == 0
    except OSError:  # it cannot be started, or takes too long
        return False
