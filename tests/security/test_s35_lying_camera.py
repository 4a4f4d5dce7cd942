"""S35: a camera whose headers lie costs itself alone."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from server.devices.adapters.network import rtsp
from server.devices.adapters.network.mjpeg import shot_of
from server.devices.ports.camera import CameraMode, Frame, PixelFormat, Size
from server.devices.ports.frame_header import MOST_PIXELS, frame_fault, jpeg_fault, read_jpeg_header
from server.errors import DeviceFailed, DeviceTimeout
from server.streaming import hub as hubs
from server.streaming import pixels
from server.streaming.hub import Hub
from tests.devices.network.conftest import CameraServer, Handler
from tests.devices.network.streams import opened
from tests.devices.network.test_rtsp import JPEG_MEDIA, RtspServer, h264
from tests.fakes.camera import SIZES, FakeCamera, page_jpeg
from tests.patience import PATIENCE

SMALL = Size(64, 48)
HONEST = page_jpeg(SMALL)
MODE = CameraMode(PixelFormat.MJPG, SIZES[0], 15.0)
MULTIPART = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"


def claiming(jpeg: bytes, width: int, height: int, marker: int = 0xC0) -> bytes:
    """The same picture with another size, or kind, in its frame header."""
    at = jpeg.index(b"\xff\xc0")
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return jpeg[:at] + bytes((0xFF, marker)) + jpeg[at + 2 : at + 5] + size + jpeg[at + 9 :]


LIES = {
    "a huge one": claiming(HONEST, 24_000, 24_000),
    "a huge one of some megabytes": claiming(HONEST, 24_000, 24_000) + bytes(4 << 20) + b"\xff\xd9",
    "progressive": claiming(HONEST, *SMALL, marker=0xC2),
    "arithmetic": claiming(HONEST, *SMALL, marker=0xC9),
    "no rows": claiming(HONEST, 64, 0),
    "no frame header": HONEST.replace(b"\xff\xc0", b"\xff\xee"),
    "fill bytes without end": b"\xff" * (1 << 16),
    "segments without end": b"\xff\xd8" + b"\xff\xe0\x00\x02" * 10_000 + HONEST[2:],
    "a segment beyond the end": b"\xff\xd8\xff\xe0\xff\xff" + HONEST[2:],
    "nothing": b"",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_seen_by_its_header(lie: str) -> None:
    assert jpeg_fault(LIES[lie]) is not None
    assert shot_of(LIES[lie]) is None
    assert frame_fault(Frame(0, 0.0, PixelFormat.MJPG, SMALL, LIES[lie]), SMALL) is not None


def test_what_cameras_send_is_believed() -> None:
    for size in SIZES:
        jpeg = page_jpeg(size)
        assert jpeg_fault(jpeg) is None
        assert frame_fault(Frame(0, 0.0, PixelFormat.MJPG, size, jpeg), size) is None
    assert read_jpeg_header(HONEST) == (SMALL, True)


def test_a_plain_white_picture_of_the_largest_size_is_believed() -> None:
    """The bound on bytes is below what any encoder writes."""
    side = 2048
    assert jpeg_fault(page_jpeg(Size(side, side), 240)) is None
    assert side * side < MOST_PIXELS


def test_more_than_was_opened_is_refused() -> None:
    jpeg = page_jpeg(SIZES[0])
    fault = frame_fault(Frame(0, 0.0, PixelFormat.MJPG, SMALL, jpeg), SMALL)
    assert fault is not None
    assert fault.en == "it was opened at 64x48 and sends 640x480"


@pytest.mark.parametrize("kind", [PixelFormat.YUYV, PixelFormat.BGR])
def test_raw_frames_have_the_length_of_their_size(kind: PixelFormat) -> None:
    frame = Frame(0, 0.0, kind, SMALL, bytes(100))
    assert frame_fault(frame, SMALL) is not None


async def test_its_viewers_are_told_and_others_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hubs, "LINGER_SECONDS", 0.0)
    liar = FakeCamera("Liar")
    honest = FakeCamera("Honest")
    liar.jpegs = {size: [claiming(page_jpeg(size), 24_000, 24_000)] for size in SIZES}
    both = [Hub(liar), Hub(honest)]
    for hub in both:
        await hub.open(MODE)
    try:
        with both[0].watch() as lies, both[1].watch() as frames:
            waiting = asyncio.create_task(lies.next(0.5))
            for _ in range(5):
                assert pixels.pixels(await frames.next(PATIENCE)).shape == (480, 640, 3)
            with pytest.raises(DeviceTimeout):
                await waiting
        assert both[0].frames_since_start == 0
    finally:
        for hub in both:
            await hub.close()
    assert caplog.text.count("claims 24000x24000") == 1


Serve = Callable[[Handler], CameraServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[CameraServer] = []

    def start(handler: Handler) -> CameraServer:
        servers.append(CameraServer(handler))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def endless(head: bytes, piece: bytes, pause: float = 0.001) -> Handler:
    """Says one thing over and over."""

    def handler(connection: socket.socket, _: str, ended: Event) -> None:
        connection.sendall(head)
        while not ended.wait(pause):
            connection.sendall(piece)

    return handler


def part(jpeg: bytes) -> bytes:
    return b"--frame\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(jpeg), jpeg)


STREAMS = {
    "a small picture that claims a huge one": (MULTIPART, part(LIES["a huge one"]), DeviceTimeout),
    # It depends on the machine whether its bytes or its time run out first.
    "a part without end": (
        MULTIPART + b"--frame\r\n\r\n\xff\xd8",
        bytes(1 << 20),
        (DeviceFailed, DeviceTimeout),
    ),
    "a part of a terabyte": (MULTIPART, b"--frame\r\nContent-Length: 999999999999\r\n\r\n", DeviceFailed),
    "a header without end": (MULTIPART + b"--frame\r\n", b"X-Filler: " + b"x" * 4096, DeviceFailed),
    "no boundary at all": (MULTIPART, b"x" * 65_536, DeviceTimeout),
    "boundaries alone": (MULTIPART, b"--frame\r\n\r\n" * 100, DeviceTimeout),
    "a trickle": (MULTIPART + b"--frame\r\n\r\n\xff\xd8", b"x", DeviceTimeout),
    "a trickle of an answer": (b"HTTP/1.1 200 OK\r\n", b"x", DeviceTimeout),
    "an answer's header without end": (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 4096, DeviceFailed),
}


@pytest.mark.long
@pytest.mark.parametrize("stream", STREAMS)
def test_streams_that_never_come_to_a_picture_fail(serve: Serve, stream: str) -> None:
    head, piece, error = STREAMS[stream]
    with pytest.raises(error):
        opened(serve(endless(head, piece)).url(), MODE)


def test_one_that_begins_to_lie_is_silent(serve: Serve) -> None:
    def handler(connection: socket.socket, _: str, ended: Event) -> None:
        connection.sendall(MULTIPART + part(HONEST) * 2)
        while not ended.wait(0.01):
            connection.sendall(part(LIES["a huge one"]))

    stream = opened(serve(handler).url(), MODE)
    while (frame := stream.read(0.5)) is not None:
        assert frame.size == SMALL
    stream.close()


@pytest.fixture
def play() -> Iterator[Callable[..., RtspServer]]:
    servers: list[RtspServer] = []

    def start(*arguments: object) -> RtspServer:
        servers.append(RtspServer(*arguments))  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def test_a_larger_video_than_any_camera_has_is_not_decoded(
    play: Callable[..., RtspServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtsp, "PIXEL_LIMIT", 1000)
    with pytest.raises((DeviceTimeout, DeviceFailed)):
        opened(play(*h264()).url, MODE)


@pytest.mark.parametrize("name", ["X-UNHEARD-OF", "VP8", "theora"])
def test_a_codec_that_no_camera_has_is_named_as_such(play: Callable[..., RtspServer], name: str) -> None:
    media = re.sub("26", "96", JPEG_MEDIA).replace("JPEG", name)
    with pytest.raises(DeviceFailed, match="its video is none of mjpeg, h264"):
        opened(play(media, [[b"\x10" * 100]]).url, MODE)
