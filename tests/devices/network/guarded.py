"""A camera behind a login: an aiohttp server on the loopback, in a thread of its own.

It checks Digest by itself, after RFC 7616 and RFC 2617, with nothing of the client's.
"""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from ssl import SSLContext
from threading import Thread
from urllib.request import parse_http_list, parse_keqv_list

from aiohttp import web
from yarl import URL

from tests.patience import PATIENCE

HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
REALM = 'Camera, "first floor"'


@dataclass
class Account:
    """The user that may look, and the camera's way of asking."""

    user: str = "clerk"
    password: str = "s cret"
    algorithm: str = "MD5"
    qop: str = "auth"


def response(account: Account, realm: str, uri: str, sent: dict[str, str]) -> str:
    """The response that proves the password (RFC 7616 3.4.1)."""

    def digest(*parts: str) -> str:
        return HASHES[account.algorithm.removesuffix("-sess")](":".join(parts).encode()).hexdigest()

    secret = digest(account.user, realm, account.password)
    if account.algorithm.endswith("-sess"):
        secret = digest(secret, sent["nonce"], sent["cnonce"])
    middle = [sent["nonce"], sent["nc"], sent["cnonce"], "auth"] if account.qop else [sent["nonce"]]
    return digest(secret, *middle, digest("GET", uri))


Challenge = Callable[["GuardedCamera", bool], list[str]]
"""The WWW-Authenticate headers of a refusal; the second argument: whether the nonce was stale."""


def digest(camera: GuardedCamera, stale: bool) -> list[str]:
    quality = f', qop="{camera.account.qop}"' if camera.account.qop else ""
    old = ", stale=true" if stale else ""
    quoted = REALM.replace('"', '\\"')
    return [
        f'Digest realm="{quoted}", nonce="{camera.issue()}", opaque="a,b"'
        f", algorithm={camera.account.algorithm}{quality}{old}"
    ]


def basic(camera: GuardedCamera, stale: bool) -> list[str]:
    return ['Basic realm="Camera"']


class GuardedCamera:
    """Snapshots at /shot.jpg and a stream at /video, for those who log in.

    Attributes
    ----------
    credentials
        The Authorization of each request, empty where there was none.
    """

    def __init__(
        self, picture: bytes, challenge: Challenge, account: Account, tls: SSLContext | None = None
    ) -> None:
        self.account = account
        self.credentials: list[str] = []
        self._picture = picture
        self._challenge = challenge
        self._tls = tls
        self._uses: dict[str, int] = {}
        self._serial = count()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner, self.port = self._do(self._start())

    def url(self, path: str, user: str = "clerk:s%20cret@") -> str:
        return f"{'https' if self._tls else 'http'}://{user}127.0.0.1:{self.port}{path}"

    def issue(self) -> str:
        """A nonce, from now on valid."""
        nonce = f"nonce/{next(self._serial)}=="
        self._uses[nonce] = 0
        return nonce

    def forget(self) -> None:
        """Make all nonces stale."""
        self._uses.clear()

    def close(self) -> None:
        self._do(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def _do(self, work):  # type: ignore[no-untyped-def]
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _start(self) -> tuple[web.AppRunner, int]:
        app = web.Application()
        app.router.add_get("/shot.jpg", partial(self._guarded, self._shot))
        app.router.add_get("/video", partial(self._guarded, self._stream))
        app.router.add_get("/moved", self._moved)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self._tls)
        await site.start()
        return runner, runner.addresses[0][1]

    async def _guarded(self, serve, request: web.Request) -> web.StreamResponse:  # type: ignore[no-untyped-def]
        sent = request.headers.get("Authorization", "")
        self.credentials.append(sent)
        scheme, _, rest = sent.partition(" ")
        proof = parse_keqv_list(parse_http_list(rest)) if scheme == "Digest" else {}
        stale = bool(proof) and proof["nonce"] not in self._uses
        if not stale and (self._proves(request, proof) if proof else self._is_told(sent)):
            return await serve(request)  # type: ignore[no-any-return]
        answer = web.Response(status=401, text="no")
        for each in self._challenge(self, stale):
            answer.headers.add("WWW-Authenticate", each)
        return answer

    def _is_told(self, sent: str) -> bool:
        return sent == f"Basic {b64encode(f'{self.account.user}:{self.account.password}'.encode()).decode()}"

    def _proves(self, request: web.Request, proof: dict[str, str]) -> bool:
        self._uses[proof["nonce"]] += 1
        return (
            (proof["username"], proof["uri"]) == (self.account.user, request.raw_path)
            and (not self.account.qop or int(proof["nc"], 16) == self._uses[proof["nonce"]])
            and proof["response"] == response(self.account, REALM, proof["uri"], proof)
        )

    async def _shot(self, request: web.Request) -> web.Response:
        return web.Response(body=self._picture, content_type="image/jpeg")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.content_type = "multipart/x-mixed-replace; boundary=frame"
        await answer.prepare(request)
        for _ in count():
            await answer.write(b"--frame\r\n\r\n" + self._picture + b"\r\n")
            await asyncio.sleep(0.01)
        return answer

    async def _moved(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(URL("/video?channel=%2F1", encoded=True))
