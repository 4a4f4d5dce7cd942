"""The frames that a browser presents, and since when they show what they show."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.browser.tab import Tab

WIDTH = 1366
HEIGHT = 768
"""Pixels of the page: the screen of a counter's PC."""
SCALE = 2
"""Pixels of the page to one of the frames, either way."""
LIKE = 6.0
"""Mean difference in levels of two looks at one picture; a page differs from an empty place by 20."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the page, in its pixels."""

    left: float
    top: float
    width: float
    height: float


class Screencast:
    """Collects presented frames while it runs: seconds since the epoch, and a JPEG."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab
        self._frames: list[tuple[float, bytes]] = []
        tab.on("Page.screencastFrame", self._take)

    def start(self) -> None:
        """Collect from now on."""
        self._frames.clear()
        size = {"maxWidth": WIDTH // SCALE, "maxHeight": HEIGHT // SCALE}
        self._tab.send("Page.startScreencast", format="jpeg", quality=60, **size)

    def stop(self, box: Box) -> float:
        """Return since when the screen has shown in `box` what it shows now."""
        self._tab.send("Page.stopScreencast")
        looks = [(when, _cut(jpeg, box)) for when, jpeg in self._frames]
        since, last = looks[-1]
        for when, look in reversed(looks):
            if np.abs(look - last).mean() > LIKE:
                break
            since = when
        return since

    def _take(self, frame: dict[str, Any]) -> None:
        self._tab.post("Page.screencastFrameAck", sessionId=frame["sessionId"])
        self._frames.append((float(frame["metadata"]["timestamp"]), base64.b64decode(frame["data"])))


def _cut(jpeg: bytes, box: Box) -> npt.NDArray[np.int16]:
    whole = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert whole is not None
    rows = slice(round(box.top / SCALE), round((box.top + box.height) / SCALE))
    cols = slice(round(box.left / SCALE), round((box.left + box.width) / SCALE))
    return np.asarray(whole[rows, cols], np.int16)
