"""Preview frames as messages: JSON with a base64 picture, and the binary subprotocol."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Literal

import msgspec

from server.protocol import codec
from server.protocol.codec import Head
from server.protocol.messages.base import Answer
from server.protocol.messages.cameras import CameraFrame
from server.protocol.messages.faces import FaceBox, FaceFrame

PreviewKey = Literal["both", "standard", "field"]
"""Which of imageBase64Str (standard) and imgBase64Str (field) a camera's frame carries."""

_MIME = "image/jpg"
_PICTURE = "\x00"
_MARK = b"\\u0000"


class FrameEnvelope(msgspec.Struct, frozen=True):
    """All of a frame's message but the picture; good for every frame of the same size.

    `parts` are what stands before, between and after the places of the picture.
    """

    parts: tuple[bytes, ...]

    def around(self, base64: bytes) -> tuple[bytes, ...]:
        """The whole message around a picture in base64, in pieces: the picture is not copied."""
        first, *others = self.parts
        return (first, *(piece for part in others for piece in (base64, part)))

    @classmethod
    def camera(
        cls, head: Head, dev_num: int, size: tuple[int, int], preview_key: PreviewKey = "both"
    ) -> FrameEnvelope:
        """Around a document camera's pictures of `size` (width, height)."""
        width, height = size
        frame = CameraFrame(
            dev_num=dev_num,
            result=0,
            image_base64_str=None if preview_key == "field" else _PICTURE,
            img_base64_str=None if preview_key == "standard" else _PICTURE,
            mime=_MIME,
            width=width,
            height=height,
        )
        return cls(_parts(head, frame))

    @classmethod
    def face(
        cls,
        head: Head,
        face_camera_num: int,
        size: tuple[int, int],
        faces: tuple[FaceBox, ...] | None = None,
        stream: Literal[1] | None = None,
    ) -> FrameEnvelope:
        """Around a face camera's pictures; with `faces` it is good for one frame only."""
        width, height = size
        frame = FaceFrame(
            face_camera_num=face_camera_num,
            result=0,
            img_base64_str=_PICTURE,
            mime=_MIME,
            width=width,
            height=height,
            stream=stream,
            faces=faces,
        )
        return cls(_parts(head, frame))


def _parts(head: Head, frame: Answer) -> tuple[bytes, ...]:
    start = b'{"func":%b%b,"reqId":%b,' % (codec.text(head.func), codec.echo(head), head.req_id)
    first, *rest = codec.members(frame).split(_MARK)
    return (start + first, *rest[:-1], rest[-1] + b"}")


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
    start = b'{"func":%b%b,"reqId":%b,' % (codec.text(head.func), codec.echo(head), head.req_id)
    text = start + fields[1:]
    return struct.pack(">I", len(text)) + text, jpeg
