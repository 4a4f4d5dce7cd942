"""Base classes of messages, documentation of fields, and common types.

A field is documented once, beside the field, in both languages; the reference, the
schemas and the TypeScript types are generated from there. Field names become camelCase
on the wire; the irregular ones name themselves with ``msgspec.field(name=...)``.
"""

from __future__ import annotations

from typing import Annotated

import msgspec


def doc(zh: str, en: str, *aliases: str) -> msgspec.Meta:
    """Return the documentation of a field, with its other accepted wire names in requests."""
    return msgspec.Meta(
        description=en, extra={"zh": zh, "aliases": aliases}, extra_json_schema={"x-description-zh": zh}
    )


class Request(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of requests: the validated parameters of one call; None for a missing one."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Base of answers: the fields of a result besides the envelope.

    The only default of an answer's field is None, with which it is left out of the message.
    """


def redacted_repr(message: msgspec.Struct) -> str:
    """``__repr__`` of messages with data of a person's card, finger or face, all of which is left out."""
    return f"{type(message).__name__}(...)"


Index = Annotated[int, msgspec.Meta(ge=0, le=9999)]
"""Position in a list of an earlier answer, from 0."""

Option = Annotated[int, msgspec.Meta(ge=-1, le=9999)]
"""`Index`, or -1 where the device has no such list."""

Fps = Annotated[int, msgspec.Meta(ge=1, le=120)]
"""Frames per second."""

Pixel = Annotated[int, msgspec.Meta(ge=-100_000, le=100_000)]
"""Coordinate in pixels; origin top left, may be outside the picture."""

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=600_000)]
"""Timeout in ms."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""Similarity or its threshold."""

Path = Annotated[str, msgspec.Meta(max_length=4096)]
"""File below the storage folder, absolute or relative to it; empty for a default name."""

Paths = Annotated[tuple[Path, ...], msgspec.Meta(max_length=4096)]
"""Several files: on the wire one string separated by ``;``, or an array of strings."""

PagePaths = Annotated[
    Paths,
    doc(
        "图片、PDF 或 TIFF 文件，多个用 ; 隔开；也为空时用摄像头拍一张",
        "pictures, PDF or TIFF files, with ; between several; if empty too, the camera takes a picture",
        "imgPath",
    ),
]
"""Files whose pages are read; a camera takes one where there are neither files nor pictures."""

Base64 = Annotated[str, msgspec.Meta(max_length=1 << 30)]
"""Picture in base64; its size is limited by that of the message, which is smaller."""

Picture = Annotated[
    Base64, doc("图片的 base64；为空时读取 imagePath", "the picture in base64; if empty, imagePath is read")
]
"""Picture that comes with the request; if it is empty, files of the request do."""

Base64s = Annotated[tuple[Base64, ...], msgspec.Meta(max_length=4096)]
"""Several pictures: on the wire one string, or an array of strings."""
