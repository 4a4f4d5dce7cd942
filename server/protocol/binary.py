"""The binary subprotocol: preview frames without base64, marks as coordinates.

A connection that asks for it receives its preview frames as binary messages: four bytes,
most significant first, with the length of a JSON header; the header, which is the frame's
message without its picture; the JPEG. Everything else stays JSON text.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import msgspec

from server.protocol import encoder
from server.protocol.head import Head

SUBPROTOCOL = "gaopai.v1.binary"

Outline = Sequence[tuple[float, float]]


class FrameHeader(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the header says beside func and reqId.

    Attributes
    ----------
    outlines
        What to draw over the picture: closed lines of (x, y) in its pixels, integers at pixel
        centres.
    """

    dev_num: int
    result: int
    mime: str
    width: int
    height: int
    outlines: Sequence[Outline]


def binary_frame(
    head: Head, dev_num: int, size: tuple[int, int], outlines: Sequence[Outline], jpeg: bytes
) -> tuple[bytes, bytes]:
    """The message of one frame, in pieces: the picture is not copied."""
    width, height = size
    fields = msgspec.json.encode(
        FrameHeader(
            dev_num=dev_num, result=0, mime="image/jpeg", width=width, height=height, outlines=outlines
        )
    )
    start = b'{"func":%b%b,"reqId":%b,' % (encoder.text(head.func), encoder.echo(head), head.req_id)
    header = start + fields[1:]
    return struct.pack(">I", len(header)) + header, jpeg
