"""RTSP cameras, served by the few lines of RTSP and RTP a player needs."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import av
import cv2
import numpy as np
import pytest

from server.devices.adapters.network import NetworkCamera, NetworkCameraFinder
from server.devices.adapters.network.camera import Patience
from server.devices.ports.camera import CameraMode, PixelFormat, Size
from server.errors import DeviceFailed, DeviceGone
from tests.devices.network.listener import Listener
from tests.devices.network.streams import frames, opened

SIZE = Size(320, 240)
CLOCK = 90_000
Payloads = list[list[bytes]]
"""Pictures, each as the RTP payloads that carry it."""


class RtspServer(Listener):
    """Plays `payloads` round and round over interleaved TCP (RFC 2326 10.12)."""

    def __init__(self, media: str, payloads: Payloads, rounds: int = 1000) -> None:
        self._sdp = f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n{media}a=control:track0\r\n"
        self._payloads = payloads
        self._rounds = rounds
        super().__init__()

    @property
    def url(self) -> str:
        return f"rtsp://clerk:secret@127.0.0.1:{self.port}/live"

    def answer(self, connection: socket.socket) -> None:
        with suppress(OSError):
            while not self.ended.is_set() and self._reply(connection):
                pass

    def _reply(self, connection: socket.socket) -> bool:
        request = connection.recv(65536).decode("latin-1")
        if not request:
            return False
        method = request.split(" ", 1)[0]
        number = re.search(r"CSeq: *(\d+)", request)
        head = f"RTSP/1.0 200 OK\r\nCSeq: {number[1] if number else 0}\r\nSession: 1\r\n"
        extra, body = {
            "OPTIONS": ("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n", ""),
            "DESCRIBE": (f"Content-Type: application/sdp\r\nContent-Length: {len(self._sdp)}\r\n", self._sdp),
            "SETUP": ("Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n", ""),
        }.get(method, ("", ""))
        connection.sendall(f"{head}{extra}\r\n{body}".encode())
        if method == "PLAY":
            self._play(connection)
        return method not in ("PLAY", "TEARDOWN")

    def _play(self, connection: socket.socket) -> None:
        sequence = stamp = 0
        for _ in range(self._rounds):
            for payloads in self._payloads:
                stamp += CLOCK // 30
                for place, payload in enumerate(payloads):
                    last = 0x80 if place == len(payloads) - 1 else 0
                    head = struct.pack("!BBHII", 0x80, last | self._kind, sequence & 0xFFFF, stamp, 1)
                    connection.sendall(b"$\0" + struct.pack("!H", 12 + len(payload)) + head + payload)
                    sequence += 1
                if self.ended.wait(0.01):
                    return

    @property
    def _kind(self) -> int:
        return 26 if "JPEG" in self._sdp else 96


def jpeg_payloads(picture: bytes) -> list[bytes]:
    """A baseline 4:2:0 JPEG as RTP payloads (RFC 2435), its tables in the first."""
    tables = b"".join(match[1] for match in re.finditer(rb"\xff\xdb\x00\x43.(.{64})", picture, re.DOTALL))
    scan = picture.index(b"\xff\xda")
    entropy = picture[scan + 2 + int.from_bytes(picture[scan + 2 : scan + 4], "big") : -2]
    out = []
    for at in range(0, len(entropy), 1200):
        head = struct.pack("!IBBBB", at, 1, 255, SIZE.width // 8, SIZE.height // 8)
        quantisers = struct.pack("!BBH", 0, 0, len(tables)) + tables if at == 0 else b""
        out.append(head + quantisers + entropy[at : at + 1200])
    return out


def jpegs() -> list[bytes]:
    """Two pictures with the standard Huffman tables, 4:2:0."""
    rng = np.random.default_rng(1)
    noise = [cv2.resize(rng.integers(0, 255, (24, 32, 3), np.uint8), SIZE) for _ in range(2)]
    options = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420)
    return [cv2.imencode(".jpg", each, options)[1].tobytes() for each in noise]


def h264() -> tuple[str, Payloads]:
    """A grey picture as H.264: the media description, and one key frame."""
    if "libx264" not in av.codecs_available:
        pytest.skip("this PyAV has no H.264 encoder")
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = *SIZE, "yuv420p", 30
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    grey = av.VideoFrame.from_ndarray(np.full((SIZE.height, SIZE.width, 3), 100, np.uint8), format="bgr24")
    data = b"".join(bytes(packet) for packet in (*encoder.encode(grey), *encoder.encode(None)))
    units = [unit for unit in re.split(rb"\x00\x00\x00?\x01", data) if unit]
    return f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/{CLOCK}\r\na=fmtp:96 packetization-mode=0\r\n", [units]


JPEG_MEDIA = f"m=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/{CLOCK}\r\n"
Play = Callable[..., RtspServer]


@pytest.fixture
def play() -> Iterator[Play]:
    servers: list[RtspServer] = []

    def start(media: str, payloads: Payloads, rounds: int = 1000) -> RtspServer:
        servers.append(RtspServer(media, payloads, rounds))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def mode(pixels: PixelFormat) -> CameraMode:
    return CameraMode(pixels, SIZE, 30)


def test_motion_jpeg_is_not_decoded(play: Play) -> None:
    pictures = jpegs()
    stream = opened(play(JPEG_MEDIA, [jpeg_payloads(it) for it in pictures]).url, mode(PixelFormat.MJPG))
    scans = {it[it.index(b"\xff\xda") :] for it in pictures}
    taken = frames(stream, 4)
    # RTP carries no JPEG header; FFmpeg writes one. The picture data must be the very bytes.
    assert {it.data[it.data.index(b"\xff\xda") :] for it in taken} == scans
    assert taken[0].format is PixelFormat.MJPG
    assert taken[0].size == SIZE
    stream.close()


@pytest.mark.parametrize(("pixels", "grey"), [(PixelFormat.BGR, 100), (PixelFormat.YUYV, None)])
def test_h264_is_decoded(play: Play, pixels: PixelFormat, grey: int | None) -> None:
    stream = opened(play(*h264()).url, mode(pixels))
    frame = frames(stream, 2)[-1]
    assert (frame.format, frame.size) == (pixels, SIZE)
    packed = np.frombuffer(frame.data, np.uint8)
    assert packed.size == SIZE.width * SIZE.height * (3 if pixels is PixelFormat.BGR else 2)
    luma = packed if grey else packed[::2]
    assert abs(luma.mean() - (grey or 16 + 100 * 219 / 255)) < 6
    stream.close()


def test_listing_shows_the_size(play: Play) -> None:
    (camera,) = NetworkCameraFinder([NetworkCamera("Window 3", play(*h264()).url)]).find()
    assert [(media.format, media.sizes) for media in camera.info.media] == [
        (PixelFormat.YUYV, (SIZE,)),
        (PixelFormat.BGR, (SIZE,)),
    ]


def test_a_session_that_does_not_come_back_is_gone(play: Play) -> None:
    server = play(JPEG_MEDIA, [jpeg_payloads(jpegs()[0])])
    stream = opened(server.url, mode(PixelFormat.MJPG), Patience(total=0.2, first=0.05, longest=0.05))
    frames(stream, 1)
    server.close()
    with pytest.raises(DeviceGone):
        for _ in range(20):
            stream.read(1)
    stream.close()


def test_no_server_is_a_failure_without_the_password(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(DeviceFailed, match="check its address") as failed:
        opened(f"rtsp://clerk:secret@127.0.0.1:{port}/live", mode(PixelFormat.YUYV))
    chain = [failed.value, failed.value.__cause__]
    assert chain[1] is not None and chain[1].__suppress_context__
    assert "secret" not in f"{chain!r} {caplog.text}"
