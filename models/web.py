"""Files at https addresses: bounded in size, in silence and in time."""

from __future__ import annotations

import time
import urllib.request

_SILENCE_SECONDS = 10
"""How long an address may say nothing."""
_SECONDS = 300
"""A download takes no longer."""
_PIECE = 1 << 18


def read(url: str, size: int) -> bytes:
    """At most one byte more than `size`, which tells a larger file without taking in all of it.

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
