"""Matroska files of a camera's own JPEGs, which are not encoded again."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import BinaryIO

import av

_MILLISECOND = Fraction(1, 1000)
"""Unit of the times in a file, in seconds."""
_OPTIONS = {"flush_packets": "1", "cluster_time_limit": "1000"}
"""Each frame goes to the disk at once: a killed writer leaves a file that plays to its last second."""


class MatroskaWriter:
    """Writer of one file; used by one thread.

    Parameters
    ----------
    file
        Unbuffered file, for reading, writing and seeking.
    size
        Width and height of the frames.
    """

    def __init__(self, file: BinaryIO, size: tuple[int, int]) -> None:
        self._container = av.open(file, "w", format="matroska", options=_OPTIONS)
        self._stream = self._container.add_mux_stream("mjpeg", rate=None, width=size[0], height=size[1])
        self._stream.time_base = _MILLISECOND
        self._last = -1

    def write(self, jpeg: bytes, seconds: float) -> None:
        """Append a frame, shown so many seconds after the first; two never have the same time."""
        packet = av.Packet(jpeg)
        packet.stream = self._stream
        packet.time_base = _MILLISECOND
        self._last = max(self._last + 1, round(seconds * 1000))
        packet.pts = packet.dts = self._last
        packet.is_keyframe = True
        self._container.mux(packet)

    def close(self, chapters: Sequence[float] = ()) -> None:
        """Write the index and the chapters.

        Parameters
        ----------
        chapters
            Seconds at which a chapter begins, in order; the first one begins at 0 in any case.
        """
        starts = sorted({0, *(min(round(second * 1000), max(self._last, 0)) for second in chapters)})
        ends = [*starts[1:], max(self._last, starts[-1] + 1)]
        if chapters:
            self._container.set_chapters(
                [
                    {"id": n, "start": start, "end": end, "time_base": _MILLISECOND,
                     "metadata": {"title": str(n)}}
                    for n, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
                ]
            )  # fmt: skip
        self._container.close()
