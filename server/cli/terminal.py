"""Standard output and errors of a command, on which foreign text does nothing to a terminal."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from server.telemetry.printable import printable_lines


class GuardedStream:
    """A stream on which lines are written as `printable`; in all else the one that it guards.

    Attributes
    ----------
    raw
        For what moves the cursor on purpose.
    """

    def __init__(self, raw: TextIO) -> None:
        self.raw = raw

    def write(self, text: str) -> int:
        """Write a text."""
        self.raw.write(printable_lines(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Guard the standard streams; but not what another program reads, to which names must be exact."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stderr(cast(TextIO, GuardedStream(sys.stderr))))
        if sys.stdout.isatty():
            stack.enter_context(contextlib.redirect_stdout(cast(TextIO, GuardedStream(sys.stdout))))
        elif isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="surrogateescape")
        yield


def raw(stream: TextIO) -> TextIO:
    """Return the stream that a guarded one guards, or the stream itself."""
    return stream.raw if isinstance(stream, GuardedStream) else stream
