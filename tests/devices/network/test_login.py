"""Cameras behind Digest and Basic: the password proves itself, and is seen nowhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
import trustme

from server.devices.adapters.network import NetworkCamera, NetworkCameraFinder
from server.devices.adapters.network.entry import Address
from server.devices.adapters.network.http import CameraHttpClient
from server.devices.ports.camera import CameraMode, PixelFormat, Size
from server.errors import DeviceFailed
from tests.devices.network.guarded import Account, Challenge, GuardedCamera, basic, digest, response
from tests.devices.network.streams import frames, opened

MODE = CameraMode(PixelFormat.MJPG, Size(64, 48), 0)
Guard = Callable[..., GuardedCamera]


@pytest.fixture
def guard(pictures: list[bytes]) -> Iterator[Guard]:
    cameras: list[GuardedCamera] = []

    def start(
        challenge: Challenge, account: Account | None = None, tls: SSLContext | None = None
    ) -> GuardedCamera:
        cameras.append(GuardedCamera(pictures[0], challenge, account or Account(), tls))
        return cameras[-1]

    yield start
    for camera in cameras:
        camera.close()


@pytest.mark.parametrize(
    ("algorithm", "proof"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_camera_checks_as_the_standard_does(algorithm: str, proof: str) -> None:
    """The example of RFC 7616 3.9.1."""
    sent = {
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "nc": "00000001",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    }
    account = Account("Mufasa", "Circle of Life", algorithm)
    assert response(account, "http-auth@example.org", "/dir/index.html", sent) == proof


@pytest.mark.parametrize(
    "account",
    [
        Account(),
        Account(qop=""),
        Account(algorithm="SHA-256"),
        Account(algorithm="MD5-sess"),
        Account("张三", '密"码\\'),
    ],
)
@pytest.mark.parametrize("path", ["/shot.jpg", "/video?channel=%2F1&name=a b"])
def test_digest_lets_in(guard: Guard, pictures: list[bytes], account: Account, path: str) -> None:
    camera = guard(digest, account)
    user = {"clerk": "clerk:s%20cret@"}.get(account.user, "%E5%BC%A0%E4%B8%89:%E5%AF%86%22%E7%A0%81%5C@")
    stream = opened(camera.url(path, user), MODE)
    assert {frame.data for frame in frames(stream, 3)} == {pictures[0]}
    stream.close()
    assert all(sent.startswith("Digest ") for sent in camera.credentials if sent)


def unknown(camera: GuardedCamera, stale: bool) -> list[str]:
    return ['Digest realm="x", nonce="a", algorithm=SHA-512-256, qop="auth"']


@pytest.mark.parametrize(
    ("challenge", "schemes"),
    [
        (lambda camera, stale: basic(camera, stale) + digest(camera, stale), {"Digest"}),
        (lambda camera, stale: digest(camera, stale) + basic(camera, stale), {"Digest"}),
        (lambda camera, stale: [", ".join(basic(camera, stale) + digest(camera, stale))], {"Digest"}),
        (lambda camera, stale: unknown(camera, stale) + digest(camera, stale), {"Digest"}),
        (lambda camera, stale: unknown(camera, stale) + basic(camera, stale), {"Basic"}),
        (lambda camera, stale: ["Negotiate", *basic(camera, stale)], {"Basic"}),
        (basic, {"Basic"}),
        (lambda camera, stale: [], {"Basic"}),
    ],
)
def test_the_safest_way_on_offer_is_taken(guard: Guard, challenge: Challenge, schemes: set[str]) -> None:
    camera = guard(challenge)
    stream = opened(camera.url("/video"), MODE)
    frames(stream, 2)
    stream.close()
    assert {sent.partition(" ")[0] for sent in camera.credentials if sent} == schemes
    assert camera.credentials[0] == ""  # nobody is told a password who has not asked


def test_a_nonce_that_grows_stale_costs_no_connection(guard: Guard) -> None:
    camera = guard(digest)
    stream = opened(camera.url("/shot.jpg"), MODE)
    for _ in range(2):
        camera.forget()
        frames(stream, 2)
    stream.close()
    # Listed and opened; after that each request begins with the nonce known last.
    assert camera.credentials.count("") == 2
    assert {f'nonce="nonce/{it}=="' in " ".join(camera.credentials) for it in range(4)} == {True}


def test_basic_is_asked_for_once(guard: Guard) -> None:
    camera = guard(basic)
    stream = opened(camera.url("/shot.jpg"), MODE)
    frames(stream, 3)
    stream.close()
    assert camera.credentials.count("") == 2


def test_a_redirect_keeps_the_login(guard: Guard) -> None:
    camera = guard(digest)
    stream = opened(camera.url("/moved"), MODE)
    frames(stream, 2)
    stream.close()
    assert 'uri="/video?channel=%2F1"' in camera.credentials[-1]


@pytest.mark.parametrize("challenge", [digest, basic])
def test_a_wrong_password_is_said_and_not_shown(
    guard: Guard, challenge: Challenge, caplog: pytest.LogCaptureFixture
) -> None:
    camera = guard(challenge)
    entry = NetworkCamera("Window 3", camera.url("/video?key=s3cret", "clerk:wr0ng@"))
    with caplog.at_level(logging.DEBUG):
        (listed,) = NetworkCameraFinder([entry]).find()
        with pytest.raises(DeviceFailed, match="refuses the user name and password") as failed:
            listed.open(MODE)
    assert len(camera.credentials) == 4  # each time once without and once with
    shown = f"{failed.value} {failed.value.__cause__!r} {caplog.text}"
    assert not [each for each in ("wr0ng", "clerk", "s3cret") if each in shown]
    assert failed.value.__cause__ is not None
    assert failed.value.__cause__.__cause__ is None


@pytest.mark.parametrize(
    ("challenge", "user", "reason"),
    [
        (digest, "", "wants a user name and password"),
        (basic, "", "wants a user name and password"),
        (lambda camera, stale: ['Bearer realm="x"'], "clerk:s%20cret@", "another login than Digest or Basic"),
        (unknown, "clerk:s%20cret@", "another login than Digest or Basic"),
        (lambda camera, stale: ["Digest nonce=a"], "clerk:s%20cret@", "malformed"),
        (digest, "cl%3Aerk:s%20cret@", "colon"),
    ],
)
def test_what_cannot_be_answered_is_said(guard: Guard, challenge: Challenge, user: str, reason: str) -> None:
    camera = guard(challenge)
    with pytest.raises(DeviceFailed, match=reason):
        opened(camera.url("/video", user), MODE)
    assert not any(camera.credentials)


def test_an_untrusted_certificate_is_refused_before_any_login(guard: Guard) -> None:
    tls = SSLContext(PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    camera = guard(basic, tls=tls)
    with pytest.raises(DeviceFailed, match="no trusted encrypted connection"):
        opened(camera.url("/video"), MODE)
    assert camera.credentials == []


def test_a_client_is_closed_once(guard: Guard) -> None:
    client = CameraHttpClient(Address.parse(guard(digest).url("/shot.jpg")))
    assert client.get(5)["Content-Type"] == "image/jpeg"
    client.close()
    client.close()
