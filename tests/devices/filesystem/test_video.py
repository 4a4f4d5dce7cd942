"""Video files as cameras."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from server.devices.adapters.filesystem import FilesystemCamera, FilesystemCameraFinder
from server.devices.adapters.filesystem.camera import FilesystemStream
from server.devices.ports.camera import CameraMode, PixelFormat, Size
from tests.patience import PATIENCE

SIZE = Size(160, 120)
COUNT = 3


def film(path: Path, codec: str, pixels: str, rate: int = 30) -> list[bytes]:
    """Grey pictures getting brighter; gives the packets."""
    packets = []
    with av.open(str(path), "w") as container:
        track: Any = container.add_stream(codec, rate=rate)
        track.width, track.height, track.pix_fmt = *SIZE, pixels
        track.codec_context.time_base = Fraction(1, rate)
        for number in range(COUNT):
            grey = np.full((SIZE.height, SIZE.width, 3), 60 + 60 * number, np.uint8)
            for packet in track.encode(
                av.VideoFrame.from_ndarray(grey, format="bgr24").reformat(format=pixels)
            ):
                packets.append(bytes(packet))
                container.mux(packet)
        container.mux(track.encode())
    return packets


def opened(path: Path, pixels: PixelFormat) -> FilesystemStream:
    (camera,) = FilesystemCameraFinder([FilesystemCamera("Film", path)]).find()
    stream = camera.open(CameraMode(pixels, SIZE, 30))
    stream.start()
    return stream


def data(stream: FilesystemStream, count: int) -> list[bytes]:
    frames = [stream.read(PATIENCE) for _ in range(count)]
    assert all(frames)
    return [frame.data for frame in frames if frame]


@pytest.mark.parametrize("suffix", [".avi", ".mkv", ".mjpeg"])
def test_motion_jpeg_packets_are_untouched_and_loop(tmp_path: Path, suffix: str) -> None:
    packets = film(tmp_path / f"film{suffix}", "mjpeg", "yuvj422p")
    stream = opened(tmp_path / f"film{suffix}", PixelFormat.MJPG)
    assert data(stream, COUNT + 1) == [*packets, packets[0]]
    stream.close()
    stream.close()


def test_other_codecs_are_decoded_and_loop(tmp_path: Path) -> None:
    film(tmp_path / "film.mp4", "mpeg4", "yuv420p")
    stream = opened(tmp_path / "film.mp4", PixelFormat.BGR)
    means = [np.frombuffer(each, np.uint8).mean() for each in data(stream, COUNT + 1)]
    assert np.allclose(means, [60, 120, 180, 60], atol=4)
    stream.close()


def test_decoded_frames_come_as_yuy2_too(tmp_path: Path) -> None:
    film(tmp_path / "film.mp4", "mpeg4", "yuv420p")
    stream = opened(tmp_path / "film.mp4", PixelFormat.YUYV)
    (first,) = data(stream, 1)
    packed = np.frombuffer(first, np.uint8).reshape(SIZE.height, SIZE.width, 2)
    assert abs(packed[..., 0].mean() - (16 + 60 * 219 / 255)) < 4
    assert abs(packed[..., 1].mean() - 128) < 3
    stream.close()


def test_what_is_no_video_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n")
    assert FilesystemCameraFinder([FilesystemCamera("Film", tmp_path / "film.mp4")]).find() == ()
