"""Shapes of pictures that something made for pages meets once."""

from __future__ import annotations

ODD: tuple[tuple[int, ...], ...] = (
    (1, 1),
    (1, 300),
    (300, 1, 3),
    (3, 3, 3),
    (70, 90, 3),
    (65, 200),
    (64, 3000, 3),
)
"""Grey and BGR: a pixel, a row, a column, next to nothing, and slips."""
