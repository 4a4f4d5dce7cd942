"""Bound on the work that the built-in decoders do on one picture."""

from __future__ import annotations

STEPS = 2e8
"""Steps on a picture, each some nanoseconds: three times what the hardest of the pictures in tests takes."""


class WorkLimit:
    """Steps that are left: counted, not timed, so that a picture is read alike on every computer.

    Parameters
    ----------
    steps
        Steps that may be taken; the last thing begun is finished.
    """

    def __init__(self, steps: float = STEPS) -> None:
        self.left = steps

    @property
    def reached(self) -> bool:
        """True once nothing more may be begun."""
        return self.left <= 0

    def take(self, steps: float) -> None:
        """Count steps."""
        self.left -= steps
