"""The binary subprotocol: preview frames without base64, marks as coordinates.

A connection that asks for it receives its preview frames as binary messages: four bytes,
most significant first, with the length of a JSON header; the header, which is the frame's
message without its picture; the JPEG. Everything else stays JSON text.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Literal

import msgspec

from server.protocol import encoder
from server.protocol.head import Head
from server.protocol.messages.faces import FaceBox

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
    header = FrameHeader(
        dev_num=dev_num, result=0, mime="image/jpeg", width=width, height=height, outlines=outlines
    )
    return _behind(head, header, jpeg)


class FaceFrameHeader(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What the header of a face camera's frame says beside func and reqId.

    Attributes
    ----------
    stream
        1 for infrared.
    faces
        Those in the picture, with liveness detection on.
    """

    face_camera_num: int
    result: int
    mime: str
    width: int
    height: int
    stream: Literal[1] | None = None
    faces: tuple[FaceBox, ...] | None = None


def binary_face_frame(
    head: Head,
    face_camera_num: int,
    size: tuple[int, int],
    jpeg: bytes,
    stream: Literal[1] | None = None,
    faces: tuple[FaceBox, ...] | None = None,
) -> tuple[bytes, bytes]:
    """The message of one frame of a face camera, in pieces."""
    width, height = size
    header = FaceFrameHeader(
        face_camera_num=face_camera_num,
        result=0,
        mime="image/jpeg",
        width=width,
        height=height,
        stream=stream,
        faces=faces,
    )
    return _behind(head, header, jpeg)


def _behind(head: Head, header: msgspec.Struct, jpeg: bytes) -> tuple[bytes, bytes]:
    fields = msgspec.json.encode(header)
    start = b'{"func":%b%b,"reqId":%b,' % (encoder.text(head.func), encoder.echo(head), head.req_id)
    text = start + fields[1:]
    return struct.pack(">I", len(text)) + text, jpeg
