"""What every table of the file is, and what its values may be."""

from __future__ import annotations

from typing import Annotated

import msgspec


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]
UsbId = Annotated[str, msgspec.Meta(pattern="^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$")]
NotNegative = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Cue = Annotated[float, msgspec.Meta(ge=0, le=2)]
"""Cues reach 1 at most; 2 leaves one out."""
NotLess = Annotated[float, msgspec.Meta(ge=0)]
Level = Annotated[float, msgspec.Meta(ge=0, le=255)]
"""A grey level."""
