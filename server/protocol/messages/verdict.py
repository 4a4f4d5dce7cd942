"""Verdict on a picture: a part of the answers of captures and scans."""

from __future__ import annotations

from typing import Annotated

import msgspec

from server.protocol.messages.base import doc

Score = Annotated[float, msgspec.Meta(ge=0, le=1)]


class GlarePlace(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Box around glare, in pixels of the picture."""

    left: Annotated[int, doc("左", "left edge")]
    top: Annotated[int, doc("上", "top edge")]
    right: Annotated[int, doc("右", "right edge")]
    bottom: Annotated[int, doc("下", "bottom edge")]


class PictureVerdict(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Faults that make text unreadable, each from 0, none, to 1, certain."""

    ok: Annotated[bool, doc("没有任何一项达到 0.5", "whether none of them reaches 0.5")]
    blurred: Annotated[Score, doc("模糊", "out of focus, or moved")]
    glare: Annotated[Score, doc("反光", "a reflection covers text")]
    cut_off: Annotated[Score, doc("边缘被截断", "text or page go on beyond the rim")]
    too_dark: Annotated[Score, doc("太暗", "too dark")]
    too_small: Annotated[Score, doc("文字太小", "letters too small to be read")]
    glare_place: Annotated[GlarePlace | None, doc("反光的位置", "where the reflection is")] = None


VERDICT = doc("标准之外：图片是否清晰可读", "beyond the standard: whether the picture can be read")
