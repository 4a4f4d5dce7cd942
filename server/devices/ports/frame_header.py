"""Headers of frames, judged before anything is made of what they claim."""

from __future__ import annotations

import struct
from typing import NamedTuple

from server.devices.ports.camera import Frame, PixelFormat, Size
from server.errors import LocalizedText

MOST_PIXELS = 64_000_000
"""Most pixels that a frame can have; document cameras have sensors of 48 megapixels at most."""
PIXELS_PER_BYTE = 256
"""Most pixels that a byte of a JPEG can stand for: four blocks of 64 pixels, of two bits each."""
SLACK = 64
"""Rows and columns by which a frame may exceed the camera's mode: some cameras fill up blocks."""
_STEPS = 64
"""Header segments that are looked at, which are more than any camera writes."""
_SEQUENTIAL = (0xC0, 0xC1)
"""Markers of the frames that are Huffman-coded and not progressive: baseline and extended."""
_SEGMENT = struct.Struct(">BBHBHH")
"""Beginning of a segment: 0xFF, marker and length. What follows is precision, rows and columns where it is a
frame header, and anything else where it is not."""
_BYTES = {PixelFormat.YUYV: 2, PixelFormat.BGR: 3}
"""Bytes of a pixel by the format of an uncompressed frame."""


class JpegFrameHeader(NamedTuple):
    """Frame header of a JPEG; `sequential` if Huffman-coded and not progressive, as cameras send it."""

    size: Size
    sequential: bool


def read_jpeg_header(data: bytes | bytearray) -> JpegFrameHeader | None:
    """Return the frame header, or None if there is none where it belongs."""
    at = 2
    for _ in range(_STEPS):
        if at + _SEGMENT.size > len(data):
            return None
        mark, marker, length, _precision, rows, columns = _SEGMENT.unpack_from(data, at)
        if mark != 0xFF:
            return None
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return JpegFrameHeader(Size(columns, rows), marker in _SEQUENTIAL) if columns and rows else None
        at += 1 if marker == 0xFF else 2 + length
    return None


def jpeg_fault(data: bytes) -> LocalizedText | None:
    """Return the reason why a JPEG is no camera's; None if its header can be believed."""
    return header_fault(read_jpeg_header(data), len(data))


def header_fault(header: JpegFrameHeader | None, length: int) -> LocalizedText | None:
    """Return the reason why the header of a JPEG of so many bytes cannot be believed; None if it can."""
    if header is None:
        return LocalizedText("JPEG 没有帧头", "its JPEG has no frame header")
    if not header.sequential:
        return LocalizedText("JPEG 不是顺序编码", "its JPEG is not sequential")
    pixels = header.size.width * header.size.height
    if pixels > MOST_PIXELS or pixels > PIXELS_PER_BYTE * length:
        return LocalizedText(
            f"{length} 字节的 JPEG 声称为 {header.size}", f"its JPEG of {length} bytes claims {header.size}"
        )
    return None


def frame_fault(frame: Frame, opened: Size) -> LocalizedText | None:
    """Return the reason why a frame is not what was opened; None if it can be worked on.

    Its cost does not depend on the frame's size.
    """
    width, height = frame.size
    if frame.format is not PixelFormat.MJPG:
        whole = len(frame.data) == width * height * _BYTES[frame.format]
        return None if whole else LocalizedText("帧的长度不符", "its frame has another length than its size")
    header = read_jpeg_header(frame.data)
    fault = header_fault(header, len(frame.data))
    if fault is not None or header is None:
        return fault
    if header.size.width > opened.width + SLACK or header.size.height > opened.height + SLACK:
        return LocalizedText(
            f"以 {opened} 打开，却发来 {header.size}", f"it was opened at {opened} and sends {header.size}"
        )
    return None
