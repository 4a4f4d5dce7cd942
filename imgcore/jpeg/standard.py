"""Typical Huffman tables of ITU-T T.81 annex K.3, which AVI-style cameras leave out."""

from __future__ import annotations

import struct

_DC_VALUES = bytes(range(12))
"""Symbols of both DC tables: sizes of a difference, 0 to 11 bits."""
_AC_LUMINANCE = bytes.fromhex(
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a"
    "3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a929394"
    "95969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8"
    "e9eaf1f2f3f4f5f6f7f8f9fa"
)
"""Symbols of the AC table of luminance, the shortest code first."""
_AC_CHROMINANCE = bytes.fromhex(
    "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728"
    "292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92"
    "939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7"
    "e8e9eaf2f3f4f5f6f7f8f9fa"
)
"""Symbols of the AC table of chrominance, the shortest code first."""


def _table(place: int, lengths: str, values: bytes) -> bytes:
    """Encode one table: class and number, the number of codes of each length, their values."""
    return bytes([place]) + bytes.fromhex(lengths) + values


_TABLES = b"".join(
    (
        _table(0x00, "00010501010101010100000000000000", _DC_VALUES),
        _table(0x10, "0002010303020403050504040000017d", _AC_LUMINANCE),
        _table(0x01, "00030101010101010101010000000000", _DC_VALUES),
        _table(0x11, "00020102040403040705040400010277", _AC_CHROMINANCE),
    )
)
"""All four tables as a DHT segment holds them: DC and AC of luminance, then those of chrominance."""
STANDARD_DHT = struct.pack(">BBH", 0xFF, 0xC4, 2 + len(_TABLES)) + _TABLES
"""One DHT segment with the DC and AC tables of luminance and chrominance."""
