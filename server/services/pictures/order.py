"""Orders of pictures: the wishes of a request, of its client and of the configuration, resolved once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeVar

from imgcore.output.finish import AS_MADE, ColourMode, OutputSettings
from imgcore.output.watermark import LONGEST_TEXT, MOST_LINES, Typeface, Watermark
from imgcore.settings import Settings
from server.access.client import Client
from server.config import OutputConfig, WatermarkConfig
from server.documents.typeface import typeface
from server.errors import BadParameter, LocalizedText, MissingParameter
from server.protocol.messages import pictures as messages
from server.services.pictures.settings import PictureSettings, merge
from server.services.pools import ThreadPools
from server.storage.paths import PictureFormat

TILED_ANGLE = 30.0
"""Angle of a tiled watermark where none is given, in degrees."""
_COLOUR = re.compile("#([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})")
_NO_COLOUR = LocalizedText("应为 #rrggbb", "#rrggbb is expected")
_TOO_LONG = LocalizedText(
    f"最多 {LONGEST_TEXT} 个字符（含日期时间）、{MOST_LINES} 行",
    f"at most {LONGEST_TEXT} characters with date and time, in {MOST_LINES} lines are expected",
)

Said = Mapping[str, Any]
"""Claims of a page about a file, for its record."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """Order of pictures from a camera, a scanner, a file or an original.

    Attributes
    ----------
    settings
        Settings of the picture core.
    output
        Form of the files.
    typeface
        Font of the watermark; None without one.
    picture_format
        Format of pictures that get no file; a file's name decides its own.
    judged
        True for a verdict on each picture, and to keep the original that they come from.
    name
        File or template to write; empty for the configured one, or for a name by date and time; None for
        pictures without files.
    said
        Claims of the page for the record beside each file; None for no record.
    profile
        Name of the profile that the request names; empty for none.
    """

    settings: Settings = field(default_factory=Settings)
    output: OutputSettings = AS_MADE
    typeface: Typeface | None = None
    picture_format: PictureFormat = PictureFormat.JPEG
    judged: bool = True
    name: str | None = None
    said: Said | None = field(default=None, repr=False)
    profile: str = ""

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages by which the form of the files changes pictures."""
        marked = ("watermark",) * (self.output.watermark is not None)
        coloured = ("colour_mode",) * (self.output.colour_mode is not ColourMode.AS_IS)
        return (*marked, *coloured)


class PictureOrders:
    """Makes orders of requests.

    Attributes
    ----------
    settings
        Settings that clients have made for their devices.
    """

    def __init__(self, config: OutputConfig, settings: PictureSettings, pools: ThreadPools) -> None:
        self.settings = settings
        self._config = config
        self._pools = pools

    async def of_device(self, client: Client, device: str, request: messages.ProfiledRequest) -> PictureOrder:
        """Return the order of a request for pictures of a device, whose key is that of `PictureSettings`.

        Raises
        ------
        server.errors.BadParameter, MissingParameter, FontMissing
            As `of`; or a manual crop has no rectangle.
        """
        output = merged(self._config, request, datetime.now())
        settings = merge(self.settings.of(client, device), request.settings)
        order = await self.made(settings, output)
        return replace(order, said=request.record, profile=request.profile or "")

    async def of(self, settings: Settings, request: messages.OutputRequest) -> PictureOrder:
        """Return the order of a request for pictures that are processed so.

        Raises
        ------
        server.errors.BadParameter, MissingParameter
            The watermark is invalid.
        server.errors.FontMissing
        """
        return await self.made(settings, merged(self._config, request, datetime.now()))

    async def made(self, settings: Settings, output: OutputSettings) -> PictureOrder:
        """Return the order of both, with a font for the watermark; raises `server.errors.FontMissing`."""
        mark = output.watermark
        font = None if mark is None else await self._pools.run(typeface, mark.text, self._config.font)
        return PictureOrder(settings, output, font)


def merged(config: OutputConfig, request: messages.OutputRequest, now: datetime) -> OutputSettings:
    """Return the form of files that a request asks for; what it leaves out is as configured."""
    return OutputSettings(
        quality=_first(request.quality, config.quality),
        max_bytes=_first(request.max_bytes, config.max_bytes) or 0,
        dots=_first(request.dpi, config.dpi) or 0,
        colour_mode=ColourMode(_first(request.color_mode, config.color_mode) or 0),
        watermark=_watermark(config.watermark, request.watermark, now),
    )


def _first(asked: T | None, configured: T | None) -> T | None:
    return configured if asked is None else asked


def _watermark(
    config: WatermarkConfig, asked: messages.WatermarkOptions | None, now: datetime
) -> Watermark | None:
    asked = asked or messages.WatermarkOptions()
    text = config.text if asked.text is None else asked.text
    if not text.strip():
        if asked.text is None and asked != messages.WatermarkOptions():
            raise MissingParameter(field="watermark.text")
        return None
    if _first(asked.time, config.time):
        text = f"{text}\n{now:%Y-%m-%d %H:%M:%S}"
    if text.count("\n") >= MOST_LINES or len(text) > LONGEST_TEXT:
        raise BadParameter(field="watermark.text", reason=_TOO_LONG)
    position = config.position if asked.position is None else asked.position
    opacity = _first(asked.opacity, config.opacity)
    size = _first(asked.size, config.size)
    assert opacity is not None and size is not None
    return Watermark(
        text=text.replace("\r", ""),
        place=None if position == "tiled" else position,
        angle=_angle(_first(asked.angle, config.angle), position),
        opacity=opacity,
        size=size,
        colour=_bgr(_first(asked.colour, config.colour) or ""),
    )


def _angle(angle: float | None, position: int | Literal["tiled"]) -> float:
    if angle is not None:
        return angle
    return TILED_ANGLE if position == "tiled" else 0.0


def _bgr(colour: str) -> tuple[int, int, int]:
    found = _COLOUR.fullmatch(colour)
    if found is None:
        raise BadParameter(field="watermark.colour", reason=_NO_COLOUR)
    red, green, blue = (int(part, 16) for part in found.groups())
    return blue, green, red
