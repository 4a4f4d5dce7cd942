"""RTSP through FFmpeg: Motion-JPEG packets as they are, anything else decoded.

FFmpeg repeats the URL in its errors, and with it the password; so its errors are not
chained to ours.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from server.devices.adapters.network import entry, mjpeg, multipart
from server.devices.ports.camera import PixelFormat, Size
from server.errors import LocalizedText

CODECS = ("mjpeg", "h264", "hevc", "mpeg4")
"""Codecs that cameras send, by FFmpeg's names; it has decoders of hundreds."""

OPTIONS = {
    "codec_whitelist": ",".join(CODECS),
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    "protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls",
    "fflags": "nobuffer",
    "flags": "low_delay",
    "max_delay": "200000",
    "analyzeduration": "500000",
}
"""Options of FFmpeg: it uses TCP, which passes firewalls and loses no packets, buffers nothing ahead, and
speaks no other protocols."""

PIXEL_LIMIT = 1 << 24
"""Most pixels of a picture, 4096 x 4096: a decoder keeps up to sixteen pictures at a time."""

NAMES = {PixelFormat.YUYV: "yuyv422", PixelFormat.BGR: "bgr24"}
"""FFmpeg's names of the formats that frames are decoded to."""


_NO_CODEC = LocalizedText(
    "视频编码不是 {codecs} 之一，请在摄像头设置中选择",
    "its video is none of {codecs}; choose one in its settings",
)
_UNREACHED = LocalizedText(
    "无法以 RTSP 连接，请检查地址以及设备是否已开机",
    "it cannot be reached by RTSP; check its address and that it is switched on",
)


class RtspLink:
    """An RTSP session that plays."""

    def __init__(self, url: str, pixels: PixelFormat) -> None:
        self._pixels = pixels
        self._container = _opened(url)
        self._shots = self._received()

    def picture(self, timeout: float) -> entry.Shot | None:
        """The next picture, after up to `STALL_TIMEOUT`: an interrupted read would break the session."""
        deadline = time.monotonic() + timeout
        shot = self._next()
        while shot is None and time.monotonic() < deadline:
            shot = self._next()
        return shot

    def _next(self) -> entry.Shot | None:
        """Content of the next packet."""
        try:
            return next(self._shots)
        except StopIteration:
            raise entry.LinkError(LocalizedText("对方结束了会话", "it ended the session")) from None
        except (av.error.ExitError, av.error.TimeoutError):
            raise entry.LinkError(entry.SILENT) from None
        except (av.error.FFmpegError, OSError):
            raise entry.LinkError(entry.BROKE) from None

    def close(self) -> None:
        """Hang up."""
        self._shots = iter(())
        self._container.close()

    def _received(self) -> Iterator[entry.Shot | None]:
        if not self._container.streams.video:
            raise entry.LinkError(LocalizedText("没有视频", "it has no video"))
        track = self._container.streams.video[0]
        # FFmpeg knows codecs by name for which it has no decoder; PyAV then gives no context.
        codec = None if track.codec_context is None else track.codec_context.name
        if codec not in CODECS:
            raise entry.LinkError(_NO_CODEC.filled(codecs=", ".join(CODECS)))
        track.codec_context.options = {"max_pixels": str(PIXEL_LIMIT)}
        for packet in self._container.demux(track):
            yield _packed(packet) if codec == "mjpeg" else self._decoded(packet)

    def _decoded(self, packet: Any) -> entry.Shot | None:
        """The newest picture that a packet completes."""
        try:
            frames = packet.decode()
        except (av.error.InvalidDataError, av.error.ArgumentError):
            # Joined between key frames, a packet that got lost, or a picture beyond the limit.
            return None
        return _converted(frames[-1], self._pixels) if frames else None


def _opened(url: str) -> Any:
    try:
        return av.open(
            url, format="rtsp", options=OPTIONS, timeout=(entry.CONNECT_TIMEOUT, entry.STALL_TIMEOUT)
        )
    except (av.error.ExitError, av.error.TimeoutError):
        raise entry.LinkTimeout(entry.UNANSWERED) from None
    except av.error.HTTPUnauthorizedError:
        raise entry.LinkError(entry.WANTS_LOGIN) from None
    except av.error.HTTPNotFoundError:
        raise entry.LinkError(entry.NO_STREAM) from None
    except (av.error.FFmpegError, OSError, ValueError):
        raise entry.LinkError(_UNREACHED) from None


def _packed(packet: Any) -> entry.Shot | None:
    data = bytes(packet)
    return mjpeg.shot_of(data) if multipart.whole(data) else None


def _converted(frame: Any, pixels: PixelFormat) -> entry.Shot:
    if not 0 < frame.width * frame.height <= PIXEL_LIMIT:
        raise entry.LinkError(LocalizedText("图片尺寸不可用", "its picture size is not usable"))
    if pixels not in NAMES:
        pixels = PixelFormat.YUYV
    if frame.width % 2:
        pixels = PixelFormat.BGR
    data = np.ascontiguousarray(frame.to_ndarray(format=NAMES[pixels])).tobytes()
    return entry.Shot(pixels, Size(frame.width, frame.height), data)
