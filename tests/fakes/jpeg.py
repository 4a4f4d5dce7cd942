"""JPEGs as cheap cameras send them."""

from __future__ import annotations


def without_tables(jpeg: bytes) -> bytes:
    """The same picture without its Huffman tables."""
    position = 2
    kept = [jpeg[:2]]
    while jpeg[position + 1] != 0xDA:
        end = position + 2 + int.from_bytes(jpeg[position + 2 : position + 4], "big")
        if jpeg[position + 1] != 0xC4:
            kept.append(jpeg[position:end])
        position = end
    return b"".join((*kept, jpeg[position:]))
