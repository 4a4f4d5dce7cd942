"""A recording that proves itself: JPEGs in Matroska, lines of hashes among them, a seal behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

import msgspec

import server
from server.documents.matroska import MatroskaWriter
from server.documents.recording_proof import RANGE_SECONDS, HashedFile, seal_of

BLOCK_BYTES = 32
"""Bytes of a frame's block beside the frame, at most."""


class ProvenRecording:
    """Recording that is written as it comes.

    Parameters
    ----------
    file
        Unbuffered file, for reading, writing and seeking.
    size
        Width and height of the frames.
    device
        Name of the camera.
    begun
        Moment of the first frame, with its time zone.
    """

    def __init__(self, file: BinaryIO, size: tuple[int, int], device: str, begun: datetime) -> None:
        self._raw = file
        self._file = HashedFile(file)
        self._writer = MatroskaWriter(self._file, size)
        self._device = device
        self._begun = begun
        self._given = self._file.size
        self._seconds = 0.0
        self._next_line = RANGE_SECONDS

    @property
    def size_bytes(self) -> int:
        """Bytes that were written, or that the muxer has yet to write."""
        return max(self._file.size, self._given)

    def write(self, jpeg: bytes, seconds: float) -> None:
        """Append a frame, shown so many seconds after the first."""
        self._writer.write(jpeg, seconds)
        self._given += len(jpeg) + BLOCK_BYTES
        self._seconds = seconds
        if seconds >= self._next_line:
            self._write_line()
            self._next_line = seconds + RANGE_SECONDS

    def close(self, chapters: Sequence[float], reason: str) -> bytes:
        """Write the index and the chapters, and return what is to be signed.

        Parameters
        ----------
        chapters
            Seconds at which a chapter begins, in order.
        reason
            Reason for which the recording ended.
        """
        self._write_line()
        self._writer.close(chapters)
        proof = self._file.proof(
            begun=self._begun.isoformat(timespec="seconds"),
            seconds=self._seconds,
            device=self._device,
            reason=reason,
            software=f"gaopai {server.__version__}",
        )
        return msgspec.json.encode(proof)

    def seal(self, proof: bytes, signature: bytes) -> None:
        """Append the seal; without one the file plays, and its lines prove it up to the last of them.

        Parameters
        ----------
        proof
            Proof that `close` returned.
        signature
            CMS signature of it; empty for none.
        """
        self._raw.seek(0, 2)
        seal = memoryview(seal_of(proof, signature))
        while seal:
            seal = seal[self._raw.write(seal) :]

    def _write_line(self) -> None:
        self._writer.write_line(self._file.next_range(self._seconds).line())
