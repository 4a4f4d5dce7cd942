"""The process that a portrait library runs in: takes a portrait, gives its pixels."""

from __future__ import annotations

import ctypes
import os
import sys

from server.children.channel import Channel

WIDTH = 102
"""Width of a portrait in pixels."""
HEIGHT = 126
"""Height of a portrait in pixels."""
CHANNELS = 3
"""Bytes of a pixel of a portrait: blue, green and red."""
RAW_BYTES = WIDTH * HEIGHT * CHANNELS
"""Bytes of the pixels of a portrait."""
ROOM_BYTES = 128 * 1024
"""Bytes of room for whatever a library writes: a picture has at most 38 862 bytes."""
NO_LIBRARY = 3
"""Exit code of a process that cannot load the library."""
NO_FUNCTION = 4
"""Exit code of a process whose library does not have the function."""
NO_PICTURE = 5
"""Exit code of a process whose library gave no picture."""
_UNTOUCHED = 0xA5
"""Byte with which the room is filled beforehand, to see whether a library has written anything."""


def main(channel: Channel, library: str, function: str) -> None:
    """Unpack one portrait with a function of a library."""
    channel.send(_unpacked(library, function, channel.receive().data))
    # Whatever the library does when it is unloaded is nobody's concern.
    os._exit(0)


def _unpacked(library: str, function: str, wlt: bytes) -> bytes:
    unpack = _function(library, function)
    source = ctypes.create_string_buffer(wlt, ROOM_BYTES)
    picture = ctypes.create_string_buffer(bytes([_UNTOUCHED]) * ROOM_BYTES, ROOM_BYTES)
    # Those that take no third argument do not see it; to the others it says that no file is wanted.
    status = unpack(source, picture, 0)
    # Good is 1 to some makers and 0 to others; the written bytes are the better witness.
    raw = picture.raw
    if status < 0 or raw[:RAW_BYTES].count(_UNTOUCHED) == RAW_BYTES:
        sys.exit(NO_PICTURE)
    return raw[: int.from_bytes(raw[2:6], "little")] if raw.startswith(b"BM") else raw[:RAW_BYTES]


def _function(library: str, name: str) -> ctypes._NamedFuncPointer:
    try:
        loaded = ctypes.CDLL(library)
    except OSError:
        sys.exit(NO_LIBRARY)
    try:
        function = getattr(loaded, name)
    except AttributeError:
        sys.exit(NO_FUNCTION)
    function.restype = ctypes.c_int
    function.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int)
    return function  # type: ignore[no-any-return]
