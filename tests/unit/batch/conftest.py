"""Pictures and jobs for batches."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest


def picture(shade: int = 200) -> bytes:
    """A small grey PNG."""
    return cv2.imencode(".png", np.full((6, 8), shade, np.uint8))[1].tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures, 0.png to 5.png, each of its own shade."""
    root = tmp_path / "in"
    root.mkdir()
    for number in range(6):
        (root / f"{number}.png").write_bytes(picture(40 * number))
    return root
