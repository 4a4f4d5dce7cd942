"""Choice of a camera's mode by the numbers of the listing."""

from __future__ import annotations

from dataclasses import dataclass

from server.devices.ports.camera import CameraInfo, CameraMode
from server.errors import LocalizedText, ModeNotSupported


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """Camera mode by its numbers in the listing, as pages choose it."""

    media: int
    resolution: int
    fps: float | None = None
    """None keeps the frame rate of the open camera."""


def chosen_mode(info: CameraInfo, choice: ModeChoice, default_fps: float) -> CameraMode:
    """Return the mode with the numbers of `choice`. Raises ModeNotSupported."""
    if choice.media >= len(info.media):
        raise ModeNotSupported(
            device=info.name, number=choice.media, kind=LocalizedText("视频格式", "media type")
        )
    media = info.media[choice.media]
    if choice.resolution >= len(media.sizes):
        raise ModeNotSupported(
            device=info.name, number=choice.resolution, kind=LocalizedText("分辨率", "resolution")
        )
    return CameraMode(media.format, media.sizes[choice.resolution], choice.fps or default_fps)
