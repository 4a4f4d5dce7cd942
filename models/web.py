"""Download of files from https addresses, bounded in size, in silence and in time."""

from __future__ import annotations

import time
import urllib.request

_SILENCE_SECONDS = 10
"""Longest silence of a server in seconds."""
_SECONDS = 300
"""Longest time of a download in seconds."""
_PIECE = 1 << 18


def read(url: str, size: int) -> bytes:
    """Read at most one byte more than `size`, which detects a larger file without reading all of it.

    Raises
    ------
    OSError
        There is no such file, or it comes too slowly.
    """
    late = time.monotonic() + _SECONDS
    data = bytearray()
    with urllib.request.urlopen(url, timeout=_SILENCE_SECONDS) as answer:
        while len(data) <= size and (piece := answer.read(min(_PIECE, size + 1 - len(data)))):
            data += piece
            if time.monotonic() > late:
                raise TimeoutError(f"it took longer than {_SECONDS} s")
    return bytes(data)
