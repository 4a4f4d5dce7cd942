"""Form of pictures from requests, on top of the configuration."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal, TypeVar

from imgcore.output.finish import ColourMode, OutputSettings
from imgcore.output.watermark import MOST_LINES, Watermark
from server.config import OutputConfig, WatermarkConfig
from server.errors import BadParameter, LocalizedText, MissingParameter
from server.protocol.messages import output as messages
from server.protocol.messages.output import OutputRequest
from server.services.output import Output, output_with_font
from server.services.pools import ThreadPools

TILED_ANGLE = 30.0
_COLOUR = re.compile("#([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})")
_NO_COLOUR = LocalizedText("应为 #rrggbb", "#rrggbb is expected")
_TOO_LONG = LocalizedText(f"最多 {MOST_LINES} 行", f"at most {MOST_LINES} lines are expected")

T = TypeVar("T")


class OutputOptions:
    """Makes the form of pictures out of a request and the configuration."""

    def __init__(self, config: OutputConfig, pools: ThreadPools) -> None:
        self._config = config
        self._pools = pools

    async def output(self, request: OutputRequest) -> Output:
        """Return the form of a request's pictures.

        Raises
        ------
        server.errors.BadParameter, MissingParameter
            The watermark is invalid.
        server.errors.FontMissing
        """
        settings = merged(self._config, request, datetime.now())
        if settings.watermark is None:
            return Output(settings)
        return await self._pools.run(output_with_font, settings, self._config.font)


def merged(config: OutputConfig, request: OutputRequest, now: datetime) -> OutputSettings:
    """Return the settings of a request.

    Raises
    ------
    server.errors.BadParameter, MissingParameter
    """
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
    if text.count("\n") >= MOST_LINES:
        raise BadParameter(field="watermark.text", reason=_TOO_LONG)
    position = config.position if asked.position is None else asked.position
    opacity, size = _first(asked.opacity, config.opacity), _first(asked.size, config.size)
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
