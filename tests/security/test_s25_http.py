"""S25: no request of a page that is not allowed changes or learns anything, whatever method it uses."""

from __future__ import annotations

import itertools
from pathlib import Path

import aiohttp
import pytest
from multidict import CIMultiDictProxy

from server import config as configuration
from server.config import Config
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect

EVIL = "https://evil.com"
ROUTES = ["/", "/health", "/metrics", "/stream/0.mjpg", "/gaopai.js", "/index.html", "/nothing"]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
SIMPLE = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
"""What a page may send anywhere without asking first."""
BODY = b'{"func":"OpenCamera","reqId":1,"devNum":0}'
SHARING = "Access-Control-Allow-Origin"


@pytest.fixture
def config(config: Config) -> Config:
    """With everything that answers over HTTP switched on."""
    return configuration.replace(config, metrics=configuration.MetricsConfig(enabled=True))


async def send(
    http: aiohttp.ClientSession, method: str, url: str, **headers: str
) -> tuple[int, CIMultiDictProxy[str], bytes]:
    async with http.request(method, url, data=BODY, headers=headers, allow_redirects=False) as response:
        return response.status, response.headers, await response.read()


@pytest.mark.parametrize("route", ROUTES)
async def test_a_simple_request_of_another_page_changes_nothing(service: Running, route: str) -> None:
    before = list(service.camera.history)
    async with aiohttp.ClientSession() as http:
        for method, kind in itertools.product(METHODS, SIMPLE):
            headers = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Content-Type": kind}
            status, answered, _ = await send(http, method, service.http + route, **headers)
            if method in ("GET", "HEAD", "OPTIONS"):
                assert status in (200, 204, 403, 404, 405)
            else:
                assert status in (404, 405), method
            assert answered.get(SHARING) in (None, "*" if route == "/gaopai.js" else None)
            assert "Set-Cookie" not in answered
    assert service.camera.history == before
    assert not service.root.exists() or list(files(service.root)) == []


def files(root: Path) -> list[Path]:
    """What pages could have written."""
    return [path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")]


async def test_health_answers_allowed_origins_and_tells_nothing_of_devices(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page, aiohttp.ClientSession() as http:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        for method, origin in itertools.product(("GET", "OPTIONS"), (ALLOWED, EVIL, "null")):
            status, headers, body = await send(http, method, f"{service.http}/health", Origin=origin)
            assert status == (200 if method == "GET" else 204)
            assert headers.get(SHARING) == (ALLOWED if origin == ALLOWED else None)
            assert "Access-Control-Allow-Credentials" not in headers
            assert "Origin" in headers["Vary"]
            assert body in (b"", b'{"service": "gaopai", "protocols": ["gaopai.v1"], "status": "ok"}')


async def test_a_preflight_allows_no_more_than_reading(service: Running) -> None:
    async with aiohttp.ClientSession() as http:
        asked = {"Origin": ALLOWED, "Access-Control-Request-Method": "POST"}
        _, headers, _ = await send(http, "OPTIONS", f"{service.http}/health", **asked)
        assert headers["Access-Control-Allow-Methods"] == "GET, OPTIONS"
        assert "Access-Control-Allow-Headers" not in headers
        for route in ROUTES:
            if route != "/health":
                status, headers, _ = await send(http, "OPTIONS", service.http + route, **asked)
                assert (status, headers.get(SHARING)) == (405, None), route


async def test_a_health_check_never_asks_a_person(service: Running) -> None:
    """Nor does it keep anything: there is no file of decisions after it."""
    async with aiohttp.ClientSession() as http:
        await send(http, "GET", f"{service.http}/health", Origin="https://new.example.cn")
    assert not (service.root.parent / "access").exists()


@pytest.mark.parametrize("route", ["/", "/index.html", "/nothing", "/stream/0.mjpg", "/metrics"])
async def test_no_other_page_reads_or_frames_what_is_there(service: Running, route: str) -> None:
    async with aiohttp.ClientSession() as http:
        _, headers, _ = await send(http, "GET", service.http + route, Origin=EVIL)
        assert SHARING not in headers
        if headers["Content-Type"].startswith("text/html"):
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
