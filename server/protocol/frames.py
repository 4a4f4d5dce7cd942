"""Preview frames: the message around a picture is made once, the picture joined in.

A frame carries no ``functionName`` and no ``success``: the standard prints it so, and it is
the one message whose rate matters.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from server.protocol import encoder
from server.protocol.head import Head
from server.protocol.messages.base import Answer
from server.protocol.messages.camera import CameraFrame
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
    start = b'{"func":%b%b,"reqId":%b,' % (encoder.text(head.func), encoder.echo(head), head.req_id)
    first, *rest = encoder.members(frame).split(_MARK)
    return (start + first, *rest[:-1], rest[-1] + b"}")
