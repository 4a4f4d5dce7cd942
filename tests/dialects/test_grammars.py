"""Whatever arrives: nothing outside the grammar leaves, and the service lives."""

from __future__ import annotations

import asyncio
import io
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.dialects.eloam.grammar import command_of
from server.dialects.identity import score
from server.dialects.json_text import first_object, is_on, member, number_of, text_of
from tests.dialects.conftest import Ports
from tests.dialects.pages import http_page
from tests.extent import extent
from tests.functional.conftest import ALLOWED, Running
from tests.patience import PATIENCE

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**63), 2**63)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
ANY_TEXT = st.text(st.characters(codec=None), max_size=60)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4), ANY_TEXT)
def test_an_object_is_found_before_any_junk(value: dict[str, object], junk: str) -> None:
    found = first_object(json.dumps(value) + junk)
    assert json.dumps(found) == json.dumps(value)


@given(ANY_TEXT | st.text('{}[]":,\\u0%7B2', max_size=40))
def test_any_text_is_an_object_or_nothing(text: str) -> None:
    found = first_object(text)
    assert found is None or isinstance(found, dict)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"x"',
        "{",
        "{" * 100_000,
        '{"a":' * 50_000,
        '{"a":' + "9" * 5000 + "}",
        "%7B",
        "%7b%22",
    ],
)
def test_what_is_no_object(text: str) -> None:
    assert first_object(text) is None


def test_percent_encoding_and_byte_order_marks() -> None:
    assert first_object(quote('{"a":"1"}')) == {"a": "1"}
    assert first_object('\ufeff {"a":"1"}:""') == {"a": "1"}


@given(JSON)
def test_members_of_any_kind(value: object) -> None:
    fields = {"a": value}
    assert isinstance(text_of(fields, "a"), str)
    assert -1_000_000_000 < number_of(fields, "a") < 1_000_000_000
    assert isinstance(is_on(fields, "a"), bool)
    assert isinstance(member(fields, "a"), dict)


@given(ANY_TEXT, ANY_TEXT)
def test_any_address_is_a_request(path: str, query: str) -> None:
    request = command_of(path, query)
    assert isinstance(request.name, str)
    assert all(isinstance(value, str) for value in request.parameters.values())


@given(st.floats(0, 1), st.floats(0, 1))
def test_scores_keep_order_and_side(one: float, other: float) -> None:
    low, high = sorted((one, other))
    for best, limit in ((100, 50), (10_000, 5_000)):
        assert 0 <= score(low, best, limit) <= score(high, best, limit) <= best
        assert (score(one, best, limit) > limit) == (one >= 0.7)


HOSTILE_PATHS = [
    "/", "//", "/=", "/&", "/?", "/video=", "/=stream", "/video=grabimage&" + "a=b&" * 500, "/" + "x" * 4000,
    "/%00", "/%ff%fe", "/video=stream&camidx=-1", "/video=stream&camidx=999999999", "/../../etc/passwd",
    "/video=stream%0d%0aX: y", "/%E9%AB%98", "/video=rotate&rotate=90&camidx=x", "/Rotate?count=" + "9" * 30,
]  # fmt: skip
HOSTILE_BODIES = [
    b"", b"\xff\xfe\x00", b"{" * 10_000, b'{"filepath":{}}', b'{"filepath":["a"]}', b'{"camidx":{"a":1}}',
    b'{"filepath":"\\ud800.jpg"}', b'{"rotate":"1e9"}', b'{"rotate":true}', b"\x00" * 1000, b"null", b"[1]",
    b'{"camidx":"99999999999"}', b'{"image_process_info":1}', b'{"autoflat":"x","watermark":7}',
    b'{"ImageBase64":"' + b"A" * 5000 + b'"}', b'{"FaceOne":"x","FaceTwo":"y"}',
]  # fmt: skip


async def test_hostile_eloam_requests_are_answered_in_the_dialects_form(
    service: Running, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.dialects.eloam.dialect.REFUSED_SECONDS", 0.0)
    commands = [
        "/video=grabimage",
        "/video=rotate",
        "/video=autoflat",
        "/pdf=addimage",
        "/device=setresolution",
    ]
    asked = [(path, b"{}") for path in HOSTILE_PATHS]
    asked += [
        (path, body) for path in (*commands, "/comparison=imgdata", "/getPic") for body in HOSTILE_BODIES
    ]
    async with http_page(ports.http("eloam")) as page, page.image("/video=stream&camidx=0") as image:
        await image.next()
        for path, body in asked[:: extent(3, 1)]:
            async with page.request("POST", path, body) as response:
                if response.status == 200 and response.content_type == "application/json":
                    answer = json.loads(await response.read())
                    assert "code" in answer or "returnCode" in answer
                else:
                    assert response.status in (400, 404, 429, 503), (path, body)
            await asyncio.sleep(0.006)
        await image.next()
        assert (await page.post("/device=isconnect"))["code"] == "0"


async def test_large_bodies_are_refused(service: Running, ports: Ports) -> None:
    async with http_page(ports.http("eloam")) as page:
        async with page.request("POST", "/pdf=addimage", io.BytesIO(bytes(2 << 20))) as response:
            assert response.status == 413
        assert (await page.post("/device=isconnect"))["code"] == "0"


async def test_a_connection_that_breaks_anywhere_leaves_nothing(service: Running, ports: Ports) -> None:
    head = f"GET /video=stream&camidx=0 HTTP/1.1\r\nHost: localhost\r\nReferer: {ALLOWED}/\r\n\r\n".encode()
    for cut in (1, 10, len(head) // 2, len(head) - 1, len(head)):
        _, writer = await asyncio.open_connection("127.0.0.1", ports.numbers["eloam"])
        writer.write(head[:cut])
        await writer.drain()
        writer.transport.abort()
    async with http_page(ports.http("eloam")) as page:
        assert (await page.post("/device=isconnect"))["data"] == "1"
    async with asyncio.timeout(PATIENCE):
        while service.camera.history and service.camera.history[-1] != "close":
            await asyncio.sleep(0.02)
