"""How the service and its worker tell one message from the next: lengths, then text, then bytes.

The worker runs under whatever Python the distribution built libfprint's bindings for, from 3.8 on, and
without our dependencies: so does this module.
"""

from __future__ import annotations

import struct

HEAD = struct.Struct(">II")
"""Bytes of the JSON text, and bytes of what comes after it."""
LONGEST = 32 * 1024 * 1024
"""libfprint takes pictures up to 5000 x 5000."""


def framed(text: bytes, payload: bytes = b"") -> bytes:
    """A message as it goes over the line."""
    return HEAD.pack(len(text), len(payload)) + text + payload
