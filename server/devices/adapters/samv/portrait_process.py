"""The process that a portrait library runs in: the portrait comes by stdin, its pixels go to stdout."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

WIDTH, HEIGHT, CHANNELS = 102, 126, 3
RAW_BYTES = WIDTH * HEIGHT * CHANNELS
ROOM_BYTES = 128 * 1024
"""For what a library writes: a picture has at most 38 862 bytes."""
NO_LIBRARY, NO_FUNCTION, NO_PICTURE = 3, 4, 5
"""Exit codes."""
_UNTOUCHED = 0xA5


def main() -> None:
    """Arguments: the library's path, its function, and how many seconds and megabytes it may take."""
    library, function, seconds, megabytes = sys.argv[1:]
    output = os.fdopen(os.dup(1), "wb")
    _silence()
    _limit(int(seconds), int(megabytes))
    wlt = sys.stdin.buffer.read()
    output.write(_unpacked(library, function, wlt))
    output.flush()
    # What the library does when it is unloaded is nobody's concern.
    os._exit(0)


def _silence() -> None:
    """Libraries print what they like, and it may be of the card."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _limit(seconds: int, megabytes: int) -> None:
    """No more time and memory than that; no file, which would be a copy of the portrait, nor a core dump."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _unpacked(library: str, function: str, wlt: bytes) -> bytes:
    unpack = _function(library, function)
    source = ctypes.create_string_buffer(wlt, ROOM_BYTES)
    picture = ctypes.create_string_buffer(bytes([_UNTOUCHED]) * ROOM_BYTES, ROOM_BYTES)
    # Those that take no third argument do not see it; to the others it says that no file is wanted.
    said = unpack(source, picture, 0)
    # Good is 1 to some makers and 0 to others; what was written is the better witness.
    raw = picture.raw
    if said < 0 or raw[:RAW_BYTES].count(_UNTOUCHED) == RAW_BYTES:
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


if __name__ == "__main__":
    main()
