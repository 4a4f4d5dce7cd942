"""Of a picture that is faces everywhere, a bounded number of boxes is compared."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

# Its package exports a function of that name.
detect = import_module("imgcore.face.detect")


def test_the_best_boxes_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect, "_MOST", 50)
    places = np.arange(200, dtype=np.float32) * 20
    boxes = np.column_stack([places, places, np.full(200, 10), np.full(200, 10)]).astype(np.float32)
    scores = np.linspace(0.5, 0.9, 200, dtype=np.float32)
    assert sorted(detect._non_maximum_suppressed(boxes, scores)) == list(range(150, 200))
