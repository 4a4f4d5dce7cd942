"""Tests that failed beside others and passed alone: ``python -m tests.noise BESIDE ALONE [--all]``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

TOLERATED = 6
"""Such tests in a run of everything; more of them are no noise."""


def passed_alone(beside: Path, alone: Path) -> list[str]:
    """Return those that failed first and not again, by pytest's own records of what failed last."""
    again = json.loads(alone.read_text()) if alone.exists() else {}
    return sorted(set(json.loads(beside.read_text())) - set(again))


def main(arguments: Sequence[str]) -> int:
    """Name them; return 1 if they are too many for a run of everything."""
    names = passed_alone(Path(arguments[0]), Path(arguments[1]))
    if names:
        print(f"FAILED ONCE, passed alone: {len(names)}", *names, sep="\n  ")
    if "--all" in arguments and len(names) > TOLERATED:
        print(f"More than {TOLERATED} such in one run are a failure.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
