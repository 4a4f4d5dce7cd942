"""HTTP cameras through the port: good ones, odd ones, hostile ones."""

from __future__ import annotations

import logging
import socket
from base64 import b64encode
from collections.abc import Callable
from threading import Event
from typing import Protocol

import pytest

from server.devices.adapters.network import NetworkCamera, NetworkCameraFinder
from server.devices.adapters.network.camera import NOMINAL, Patience
from server.devices.adapters.network.entry import Address
from server.devices.ports.camera import CameraFinder, CameraMode, PixelFormat, Size
from server.errors import DeviceFailed, DeviceGone, DeviceTimeout, GaopaiError
from tests.devices.network.streams import frames, opened

Handler = Callable[[socket.socket, str, Event], None]
MODE = CameraMode(PixelFormat.MJPG, Size(64, 48), 0)

MULTIPART = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"


class Server(Protocol):
    """A server that the fixture `serve` starts."""

    requests: list[str]

    def url(self, path: str = ..., user: str = ...) -> str: ...

    def close(self) -> None: ...


Serve = Callable[[Handler], Server]


def part(picture: bytes) -> bytes:
    return b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (
        len(picture),
        picture,
    )


def endless(pictures: list[bytes], head: bytes = MULTIPART, pause: float = 0.01) -> Handler:
    def handler(connection: socket.socket, request: str, ended: Event) -> None:
        connection.sendall(head)
        while not ended.is_set():
            for picture in pictures:
                connection.sendall(part(picture))
                ended.wait(pause)

    return handler


def saying(*answers: bytes, hold: float = 0.0) -> Handler:
    def handler(connection: socket.socket, request: str, ended: Event) -> None:
        for answer in answers:
            connection.sendall(answer)
        ended.wait(hold)

    return handler


def test_part_bytes_are_untouched(serve: Serve, pictures: list[bytes]) -> None:
    server = serve(endless(pictures))
    finder: CameraFinder = NetworkCameraFinder([NetworkCamera("Window 3", server.url())])
    (camera,) = finder.find()
    assert camera.info.name == "Window 3"
    assert camera.info.media[0].sizes == (Size(64, 48),)
    stream = opened(server.url(), MODE)
    taken = frames(stream, 6)
    assert {frame.data for frame in taken} == set(pictures)
    assert [frame.seq for frame in taken] == sorted({frame.seq for frame in taken})
    assert all(frame.size == (64, 48) for frame in taken)
    stream.stop()
    stream.stop()
    stream.close()
    stream.close()


def test_chunked_answers_are_joined(serve: Serve, pictures: list[bytes]) -> None:
    head = MULTIPART.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")

    def handler(connection: socket.socket, request: str, ended: Event) -> None:
        connection.sendall(head)
        data = part(pictures[0])
        while not ended.wait(0.01):
            for piece in (data[:100], data[100:]):
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))

    stream = opened(serve(handler).url(), MODE)
    assert frames(stream, 2)[-1].data == pictures[0]
    stream.close()


def test_snapshots_are_polled(serve: Serve, pictures: list[bytes]) -> None:
    served = iter(pictures * 100)

    def handler(connection: socket.socket, request: str, ended: Event) -> None:
        picture = next(served)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + picture)

    stream = opened(serve(handler).url("/snapshot.jpg"), MODE)
    assert {frame.data for frame in frames(stream, 3)} == set(pictures)
    stream.close()


def test_stop_and_start_reconnects_and_numbers_no_frame_twice(serve: Serve, pictures: list[bytes]) -> None:
    stream = opened(serve(endless(pictures)).url(), MODE)
    before = frames(stream, 2)[-1].seq
    stream.stop()
    stream.start()
    assert frames(stream, 1)[0].seq > before
    stream.close()


def test_a_drop_is_bridged(serve: Serve, pictures: list[bytes]) -> None:
    server = serve(saying(MULTIPART, *map(part, pictures)))  # closes after three
    stream = opened(server.url(), MODE)
    frames(stream, 4)
    assert len(server.requests) > 2
    stream.close()


def test_a_camera_that_stays_away_is_gone(serve: Serve, pictures: list[bytes]) -> None:
    server = serve(saying(MULTIPART, *map(part, pictures)))
    stream = opened(server.url(), MODE, Patience(total=0.2, first=0.05, longest=0.05))
    frames(stream, 1)
    server.close()
    with pytest.raises(DeviceGone):
        for _ in range(20):
            stream.read(1)
    stream.stop()
    stream.close()


def test_silence_gives_none(serve: Serve, pictures: list[bytes]) -> None:
    stream = opened(serve(saying(MULTIPART, part(pictures[0]), hold=5)).url(), MODE)
    # `open` took the only picture to learn the size
    assert stream.read(0.05) is None
    stream.close()


def test_half_a_part_never_becomes_a_frame(serve: Serve, pictures: list[bytes]) -> None:
    server = serve(saying(MULTIPART, part(pictures[0]), part(pictures[1])[:200], hold=1))
    stream = opened(server.url(), MODE)
    assert stream.read(0.2) is None
    stream.close()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n", "user name and password"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "no such stream"),
        (b"HTTP/1.1 500 Oops\r\n\r\n", "status 500"),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", "address begins with none"),
        (b"HTTP/1.1 302 Found\r\nLocation: rtsp://127.0.0.1/\r\n\r\n", "redirects to another"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n", "redirects to another"),
        (b"HTTP/1.1 302 Found\r\nLocation: /video\r\n\r\n", "too often"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", "text/html"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n", "boundary"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000, "does not speak HTTP"),
    ],
)
def test_wrong_answers_fail_with_their_reason(serve: Serve, answer: bytes, reason: str) -> None:
    with pytest.raises(DeviceFailed, match=reason):
        opened(serve(saying(answer)).url(), MODE)


def test_a_redirect_on_the_same_host_is_followed(serve: Serve, pictures: list[bytes]) -> None:
    def handler(connection: socket.socket, request: str, ended: Event) -> None:
        if request.startswith("GET /old"):
            connection.sendall(b"HTTP/1.1 307 Temporary\r\nLocation: /new?x=1\r\n\r\n")
        else:
            endless(pictures)(connection, request, ended)

    server = serve(handler)
    stream = opened(server.url("/old"), MODE)
    frames(stream, 1)
    assert server.requests[-1].startswith("GET /new?x=1 ")
    stream.close()


def test_a_server_that_says_nothing_times_out(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.devices.adapters.network.entry.CONNECT_TIMEOUT", 0.1)
    with pytest.raises(DeviceTimeout):
        opened(serve(saying(hold=5)).url(), MODE)


def test_an_unreachable_camera_is_listed_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    finder = NetworkCameraFinder([NetworkCamera("Window 3", f"http://127.0.0.1:{port}/")])
    with caplog.at_level(logging.WARNING):
        (camera,) = finder.find()
        finder.find()
    assert camera.info.media[0].sizes == (NOMINAL,)
    assert len(caplog.records) == 1
    with pytest.raises(DeviceFailed, match="check its address"):
        camera.open(MODE)


def test_a_size_once_seen_is_remembered(serve: Serve, pictures: list[bytes]) -> None:
    server = serve(endless(pictures))
    finder = NetworkCameraFinder([NetworkCamera("Window 3", server.url())])
    finder.find()
    server.close()
    assert finder.find()[0].info.media[0].sizes == (Size(64, 48),)


def test_credentials_are_sent_and_never_shown(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(saying(b"HTTP/1.1 401 Unauthorized\r\n\r\n"))
    entry = NetworkCamera("Window 3", server.url(user="clerk:s%20cret@"))
    (camera,) = NetworkCameraFinder([entry]).find()
    with pytest.raises(GaopaiError) as failed:
        camera.open(MODE)
    assert f"Authorization: Basic {b64encode(b'clerk:s cret').decode()}" in server.requests[1]
    assert "Authorization" not in server.requests[0]
    shown = f"{entry!r} {camera.info!r} {failed.value} {failed.value.__cause__!r} {caplog.text}"
    assert "cret" not in shown
    assert "clerk" not in shown


def test_an_address_is_asked_for_as_written() -> None:
    address = Address.parse("http://a:b@[::1]:8080/a%2Fb?c=d%20e&f=\u8def")
    assert str(address.url) == "http://[::1]:8080/a%2Fb?c=d%20e&f=%E8%B7%AF"
    assert Address.parse("http://m\u00fcnchen.example/").url.raw_host == "xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/a", "http:///a", "/a/file.jpg", "http://127.0.0.1:99999/", "http://a..b/"]
)
def test_odd_addresses_fail_when_opened(url: str) -> None:
    with pytest.raises(DeviceFailed, match="address"):
        opened(url, MODE)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.0 200 OK\nContent-Type: multipart/x-mixed-replace;boundary=frame\n\n",
        b'HTTP/1.1 200\r\ncontent-type:multipart/x-mixed-replace; boundary="--frame"\r\n\r\n',
        b"\r\nHTTP/1.1 200 \r\nServer: \xe5\xff\r\nContent-Type: multipart/mixed;boundary=--frame\r\n\r\n",
    ],
)
def test_sloppy_headers_are_understood(serve: Serve, pictures: list[bytes], head: bytes) -> None:
    stream = opened(serve(endless(pictures, head)).url(), MODE)
    assert {frame.data for frame in frames(stream, 4)} <= set(pictures)
    stream.close()


def test_a_lookup_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.devices.adapters.network.entry.CONNECT_TIMEOUT", 0.1)
    asked = Event()
    ended = Event()

    def hang(*args: object, **keys: object) -> list[object]:
        asked.set()
        assert ended.wait(60)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with pytest.raises(DeviceTimeout):
            opened("http://camera.invalid/video", MODE)
        assert asked.is_set()
    finally:
        ended.set()
