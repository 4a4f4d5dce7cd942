"""Short versions of everything, written to ``docs/reliability.md``."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Measure."""
    return 0
