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
from server.protocol.messages.pictures import PictureCrop

Reduction = Literal[1, 2, 4, 8]
"""Factor by which the camera's picture is larger than a frame's."""
PreviewKey = Literal["both", "standard", "field"]
"""Key of the picture in a camera's frame: imageBase64Str (standard), imgBase64Str (field), or both."""

_MIME = "image/jpg"
_PICTURE = "\x00"
_MARK = b"\\u0000"


class FrameEnvelope(msgspec.Struct, frozen=True):
    """Message of a frame without its picture, for every frame of the same size.

    `parts` are the text before, between and after the places of the picture.
    """

    parts: tuple[bytes, ...]

    def message(self, base64: bytes) -> tuple[bytes, ...]:
        """Return the message with a picture in base64, in pieces, so that the picture is not copied."""
        first, *others = self.parts
        return (first, *(piece for part in others for piece in (base64, part)))

    @classmethod
    def camera(
        cls,
        head: Head,
        dev_num: int,
        size: tuple[int, int],
        preview_key: PreviewKey = "both",
        reduction: Reduction = 1,
        crop: PictureCrop | None = None,
    ) -> FrameEnvelope:
        """Make an envelope for a document camera's pictures of `size` (width, height)."""
        width, height = size
        frame = CameraFrame(
            dev_num=dev_num,
            result=0,
            image_base64_str=None if preview_key == "field" else _PICTURE,
            img_base64_str=None if preview_key == "standard" else _PICTURE,
            mime=_MIME,
            width=width,
            height=height,
            reduction=None if reduction == 1 else reduction,
            crop=crop,
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
        """Make an envelope for a face camera's pictures; with `faces`, for one frame only."""
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


PROTOCOL = "gaopai.v1"
"""Version of the protocol, as a WebSocket subprotocol; another where older clients are not understood."""
SUBPROTOCOL = f"{PROTOCOL}.binary"

Outline = Sequence[tuple[float, float]]


class FrameHeader(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Fields of a binary frame's header beside func and reqId.

    Attributes
    ----------
    outlines
        Overlay to be drawn: closed lines of (x, y) in pixels of the picture, integers at pixel
        centres.
    reduction
        The camera's picture is larger by this factor.
    crop
        Outcome that a capture's crop would have.
    """

    dev_num: int
    result: int
    mime: str
    width: int
    height: int
    outlines: Sequence[Outline]
    reduction: Reduction = 1
    crop: PictureCrop | None = None


def binary_frame(head: Head, header: FrameHeader, jpeg: bytes) -> tuple[bytes, bytes]:
    """Encode a binary frame, in pieces, so that the picture is not copied."""
    return _framed(head, header, jpeg)


class FaceFrameHeader(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Fields of a face camera's binary frame's header beside func and reqId.

    Attributes
    ----------
    stream
        1 for infrared.
    faces
        Faces in the picture, if liveness detection is on.
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
    """Encode a binary frame of a face camera, in pieces."""
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
    return _framed(head, header, jpeg)


def _framed(head: Head, header: msgspec.Struct, jpeg: bytes) -> tuple[bytes, bytes]:
    fields = msgspec.json.encode(header)
    start = b'{"func":%b%b,"reqId":%b,' % (codec.text(head.func), codec.echo(head), head.req_id)
    text = start + fields[1:]
    return struct.pack(">I", len(text)) + text, jpeg
