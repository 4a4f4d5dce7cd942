"""Reading order of the lines on a page: columns, rows of tables, vertical text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imgcore.types import Points


def reading_order(lines: Sequence[Points]) -> list[int]:
    """Return the numbers of lines, by their corners, in the order in which they are read."""
    return sorted(range(len(lines)), key=lambda at: tuple(np.asarray(lines[at]).mean(axis=0)[::-1]))
