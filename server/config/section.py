"""Base class of the tables of the configuration file, and types of their values."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec


class Doc(NamedTuple):
    """Meaning of a key in Chinese and English, in Markdown, for the guides and the settings view."""

    zh: str
    en: str


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table of the configuration file."""


Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]
UsbId = Annotated[str, msgspec.Meta(pattern="^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$")]
NotNegative = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Cue = Annotated[float, msgspec.Meta(ge=0, le=2)]
"""Threshold of a cue, which reaches 1 at most; 2 switches the cue off."""
NotLess = Annotated[float, msgspec.Meta(ge=0)]
Level = Annotated[float, msgspec.Meta(ge=0, le=255)]
"""Grey level."""
