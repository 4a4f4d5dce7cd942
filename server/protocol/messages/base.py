"""What all messages share: their base classes, field documentation, frequent types.

A field is documented once, beside the field, in both languages; the reference, the
schemas and the TypeScript types are generated from there. Field names become camelCase
on the wire; the irregular ones name themselves with ``msgspec.field(name=...)``.
"""

from __future__ import annotations

from typing import Annotated

import msgspec


def doc(zh: str, en: str, *aliases: str) -> msgspec.Meta:
    """Documentation of one field, and the other wire names a request may use for it."""
    return msgspec.Meta(
        description=en,
        extra={"zh": zh, "aliases": aliases},
        extra_json_schema={"x-description-zh": zh},
    )


class Request(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Parameters of one call, checked; None means not given."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a call returns besides the envelope.

    The only default an answer's field may have is None, which keeps it off the wire.
    """


def unsaid(message: msgspec.Struct) -> str:
    """The ``__repr__`` of messages that hold what a person's card, finger or face says: nothing of it."""
    return f"{type(message).__name__}(...)"


Index = Annotated[int, msgspec.Meta(ge=0, le=9999)]
"""Position in a list an earlier answer gave, from 0."""

Option = Annotated[int, msgspec.Meta(ge=-1, le=9999)]
"""An `Index`, or -1 where the device offers no such list."""

Fps = Annotated[int, msgspec.Meta(ge=1, le=120)]
"""Frames per second."""

Pixel = Annotated[int, msgspec.Meta(ge=-100_000, le=100_000)]
"""A coordinate in pixels; origin top left, may lie outside of the picture."""

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=600_000)]
"""A time to wait."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""A similarity or its threshold."""

Path = Annotated[str, msgspec.Meta(max_length=4096)]
"""A file below the storage folder, absolute or relative to it; empty = choose one."""

Paths = tuple[Path, ...]
"""Several files: on the wire one string with ``;`` between them, or an array of strings."""

Base64 = str
"""A picture in base64 as text; how large it may be is the connection's limit."""
