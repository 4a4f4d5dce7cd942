"""Work that can be stopped: between its stages and strips it asks whether anybody still waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Question = Callable[[], bool]
"""Returns True once the work is to be stopped; may be asked by any thread."""

_asked: ContextVar[Question | None] = ContextVar("stopping", default=None)


class WorkStopped(Exception):
    """Raised in work that was stopped; it leaves nothing behind."""


@contextmanager
def stoppable(stopped: Question | None) -> Iterator[None]:
    """Let the work of this thread be stopped; None for work that goes on in any case."""
    token = _asked.set(stopped)
    try:
        yield
    finally:
        _asked.reset(token)


def question() -> Question | None:
    """Return what this thread's work asks, for a thread that shares in it."""
    return _asked.get()


def stop_here(asked: Question | None = None) -> None:
    """Raise `WorkStopped` where the work was stopped; between steps that leave nothing half done.

    Parameters
    ----------
    asked
        Question of another thread; None for this thread's own.
    """
    asked = asked or _asked.get()
    if asked is not None and asked():
        raise WorkStopped
