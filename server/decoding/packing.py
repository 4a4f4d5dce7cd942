"""Lists that decoding processes send packed; what comes back is not trusted."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from server.children import memory
from server.decoding import faults

Packed = TypeVar("Packed")


def unpacked_list(content: memory.Piece, item: type[Packed], longest: int) -> list[Packed]:
    """Unpack a list of items.

    Raises
    ------
    server.documents.faults.DocumentFault
        It has more than `longest` bytes, or is no such list.
    """
    if len(content) > longest:
        raise faults.malformed_answer()
    try:
        return msgspec.msgpack.decode(content, type=list[item])  # type: ignore[valid-type]
    except msgspec.DecodeError as exc:
        raise faults.malformed_answer() from exc
