"""A video file played in a loop: Motion-JPEG packets as they are, anything else decoded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from server.devices.adapters.filesystem.frame_source import FilesystemCamera, FrameReader, UnusableFile
from server.devices.adapters.filesystem.slideshow import PIXEL_LIMIT
from server.devices.ports.camera import CameraMode, MediaType, PixelFormat, Size
from server.errors import LocalizedText

SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mjpeg", ".mjpg", ".mpg", ".ts"})
"""Suffixes of the names of files that are taken for videos."""

OPTIONS = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mjpeg,mjpeg_2000,mpeg,mpegts"}
"""Options of FFmpeg: no playlist is among the file formats that it may read, for that would let a file name
other files and addresses."""

NAMES = {PixelFormat.YUYV: "yuyv422", PixelFormat.BGR: "bgr24"}
"""FFmpeg's names of the formats that frames are decoded to."""

LEAST_LIMIT = 1 << 20
"""Fewest pixels that a decoder's limit is set to: of small pictures it makes far larger ones, for their
edges."""

DEFAULT_FPS = 15.0
"""Frames a second of files that state no rate."""


class Video:
    """The first video track of a file.

    Raises
    ------
    UnusableFile
        No video, or one that cannot be read.
    """

    def __init__(self, entry: FilesystemCamera) -> None:
        self._path = entry.path
        with _opened(entry.path) as container:
            track = _track(container)
            size = Size(track.codec_context.width, track.codec_context.height)
            packets = track.codec_context.name == "mjpeg"
            self._fps = float(track.average_rate or DEFAULT_FPS)
        if not 0 < size.width * size.height <= PIXEL_LIMIT:
            raise UnusableFile(LocalizedText("图片尺寸不可用", "its picture size is not usable"))
        self._size = size
        raw = [PixelFormat.BGR] if size.width % 2 else [PixelFormat.YUYV, PixelFormat.BGR]
        self.media = tuple(MediaType(each, (size,)) for each in ([PixelFormat.MJPG] if packets else raw))
        """MJPG for Motion-JPEG; else raw, YUY2 only where the width is even."""

    def open(self, mode: CameraMode) -> FrameReader:
        """Play from the beginning."""
        formats = [media.format for media in self.media]
        pixels = mode.format if mode.format in formats else formats[0]
        return VideoReader(self._path, CameraMode(pixels, self._size, self._fps))


class VideoReader:
    """A video in one mode."""

    def __init__(self, path: Path, mode: CameraMode) -> None:
        self._path = path
        self.mode = mode
        self._container = _opened(path)
        self._stream = self._cycle()

    def next_frame(self) -> bytes:
        """Return the next frame, the first again after the last."""
        try:
            data = next(self._stream, None)
            if data is None:
                self._rewind()
                data = next(self._stream, None)
        except (av.error.FFmpegError, OSError) as exc:
            raise UnusableFile(LocalizedText("视频无法解码", "the video cannot be decoded")) from exc
        if data is None:
            raise UnusableFile(LocalizedText("视频中没有画面", "the video holds no frame"))
        return data

    def close(self) -> None:
        """Close the file."""
        self._stream = iter(())
        self._container.close()

    def _rewind(self) -> None:
        """Open anew: not every format can seek."""
        self._container.close()
        self._container = _opened(self._path)
        self._stream = self._cycle()

    def _cycle(self) -> Iterator[bytes]:
        if self.mode.format is PixelFormat.MJPG:
            return self._packets()
        return self._decoded()

    def _packets(self) -> Iterator[bytes]:
        for packet in self._container.demux(video=0):
            data = bytes(packet)
            if data.startswith(b"\xff\xd8") and b"\xff\xd9" in data:
                yield data[: data.rindex(b"\xff\xd9") + 2]

    def _decoded(self) -> Iterator[bytes]:
        name = NAMES[self.mode.format]
        width, height = self.mode.size
        track = self._container.streams.video[0]
        # The file's header was judged; its frames may say something else.
        track.codec_context.options = {"max_pixels": str(max(2 * width * height, LEAST_LIMIT))}
        for frame in self._container.decode(track):
            yield np.ascontiguousarray(frame.to_ndarray(format=name, width=width, height=height)).tobytes()


def _opened(path: Path) -> Any:
    try:
        return av.open(str(path.absolute()), options=OPTIONS)
    except (av.error.FFmpegError, OSError, ValueError) as exc:
        raise UnusableFile(LocalizedText("不是可读的视频", "it is no readable video")) from exc


def _track(container: Any) -> Any:
    if not container.streams.video:
        raise UnusableFile(LocalizedText("其中没有视频", "it holds no video"))
    return container.streams.video[0]
