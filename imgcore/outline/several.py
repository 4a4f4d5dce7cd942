"""All documents in a picture."""

from __future__ import annotations

from imgcore.outline.finder import find_outline
from imgcore.types import Image, Outline


def find_outlines(image: Image) -> tuple[Outline, ...]:
    """All documents."""
    one = find_outline(image)
    return (one,) if one else ()
