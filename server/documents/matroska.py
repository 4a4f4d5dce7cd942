"""Matroska files of a camera's own JPEGs, which are not encoded again, and of lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import av

from server.documents.recording_proof import HashedFile

_MILLISECOND = Fraction(1, 1000)
"""Unit of the times in a file, in seconds."""
_OPTIONS = {"flush_packets": "1", "cluster_time_limit": "1000", "max_interleave_delta": "1"}
"""A frame goes to the disk with the next two, and waits for no line of text: a killed writer leaves a file
that plays to its last second."""


class MatroskaWriter:
    """Writer of one file; used by one thread.

    Parameters
    ----------
    size
        Width and height of the frames.
    """

    def __init__(self, file: HashedFile, size: tuple[int, int]) -> None:
        self._container = av.open(file, "w", format="matroska", options=_OPTIONS)
        self._stream = self._container.add_mux_stream("mjpeg", rate=None, width=size[0], height=size[1])
        self._texts = self._container.add_mux_stream("subrip", rate=None)
        for stream in (self._stream, self._texts):
            stream.time_base = _MILLISECOND
        self._container.start_encoding()
        file.begin()
        self._last = -1

    def write(self, jpeg: bytes, seconds: float) -> None:
        """Append a frame, shown so many seconds after the first; two never have the same time."""
        self._last = max(self._last + 1, round(seconds * 1000))
        self._mux(self._stream, jpeg)

    def write_line(self, line: bytes) -> None:
        """Append a line of text, at the time of the last frame."""
        self._mux(self._texts, line)

    def _mux(self, stream: av.stream.Stream, data: bytes) -> None:
        packet = av.Packet(data)
        packet.stream = stream
        packet.time_base = _MILLISECOND
        packet.pts = packet.dts = max(self._last, 0)
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
