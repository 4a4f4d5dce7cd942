"""RTSP through FFmpeg: Motion-JPEG packets as they are, anything else decoded.

FFmpeg repeats the URL in its errors, and with it the password; so its errors are not
chained to ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import av.error
import numpy as np

from server.devices.adapters.network import jpeg
from server.devices.adapters.network.entry import CONNECT_TIMEOUT, STALL_TIMEOUT, LinkError, LinkTimeout, Shot
from server.devices.ports.camera import PixelFormat, Size

OPTIONS = {
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    "protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls",
    "fflags": "nobuffer",
    "flags": "low_delay",
    "max_delay": "200000",
    "analyzeduration": "500000",
}
"""TCP, for it passes firewalls and loses no packets; no buffering ahead; no other protocols."""

PIXEL_LIMIT = 100_000_000

NAMES = {PixelFormat.YUYV: "yuyv422", PixelFormat.BGR: "bgr24"}
"""FFmpeg's names of what frames are decoded to."""


class RtspLink:
    """An RTSP session that plays.

    Raises
    ------
    LinkError, LinkTimeout
    """

    def __init__(self, url: str, pixels: PixelFormat) -> None:
        self._pixels = pixels
        self._container = _opened(url)
        self._shots = self._received()

    def picture(self, timeout: float) -> Shot | None:
        """The next picture, after up to `STALL_TIMEOUT`: an interrupted read would break the session."""
        try:
            shot = next(self._shots, None)
        except (av.error.ExitError, av.error.TimeoutError):
            raise LinkError("it has fallen silent") from None
        except (av.error.FFmpegError, OSError):
            raise LinkError("the connection broke") from None
        if shot is None:
            raise LinkError("it ended the session")
        return shot

    def close(self) -> None:
        """Hang up."""
        self._shots = iter(())
        self._container.close()

    def _received(self) -> Iterator[Shot]:
        if not self._container.streams.video:
            raise LinkError("it has no video")
        track = self._container.streams.video[0]
        packets = track.codec_context.name == "mjpeg"
        for packet in self._container.demux(track):
            yield from _packed(packet) if packets else self._decoded(packet)

    def _decoded(self, packet: Any) -> Iterator[Shot]:
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:  # joined between key frames, or a packet got lost
            return
        for frame in frames:
            yield _converted(frame, self._pixels)


def _opened(url: str) -> Any:
    try:
        return av.open(url, format="rtsp", options=OPTIONS, timeout=(CONNECT_TIMEOUT, STALL_TIMEOUT))
    except (av.error.ExitError, av.error.TimeoutError):
        raise LinkTimeout("it does not answer") from None
    except av.error.HTTPUnauthorizedError:
        raise LinkError("it wants a user name and password; put them into its url in [[cameras]]") from None
    except av.error.HTTPNotFoundError:
        raise LinkError("it has no such stream; check the path in its url in [[cameras]]") from None
    except (av.error.FFmpegError, OSError, ValueError):
        raise LinkError(
            "it cannot be reached by RTSP; check its address and that it is switched on"
        ) from None


def _packed(packet: Any) -> Iterator[Shot]:
    data = bytes(packet)
    size = jpeg.size(data)
    if size is not None and jpeg.whole(data):
        yield Shot(PixelFormat.MJPG, size, data)


def _converted(frame: Any, pixels: PixelFormat) -> Shot:
    if not 0 < frame.width * frame.height <= PIXEL_LIMIT:
        raise LinkError("its picture size is not usable")
    if pixels not in NAMES:
        pixels = PixelFormat.YUYV
    if frame.width % 2:
        pixels = PixelFormat.BGR
    data = np.ascontiguousarray(frame.to_ndarray(format=NAMES[pixels])).tobytes()
    return Shot(pixels, Size(frame.width, frame.height), data)
