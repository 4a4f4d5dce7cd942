"""Each transcript means over HTTP what it means in a socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.access.client import Client
from server.access.control import PEER
from server.access.peer import Peer
from server.config import Config
from server.connection.http_calls import HttpCalls
from server.connection.session import ServerContext
from server.connection.sessions import Sessions
from server.errors import MissingFunction, table
from server.protocol.catalogue import CATALOGUE
from server.protocol.codec import BadCall, decode
from server.protocol.messages.base import Answer, Request
from server.services.context import Dispatcher, RequestContext
from tests.protocol.test_any_input import outcome
from tests.protocol.test_transcripts import BAD, GOOD, text


class Road:
    """The port over functions that answer with their examples, and remember what they were asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        handlers = {name: partial(self._serve, name) for name in CATALOGUE}
        access: Any = SimpleNamespace(check_call=self._admit, track=lambda *_: nullcontext())
        self.context = ServerContext(Dispatcher(handlers))
        self.app = web.Application()
        HttpCalls(access, Sessions(Config(), access, self.context, self._release)).add_to(self.app.router)

    async def _admit(self, request: web.Request) -> None:
        request[PEER] = Peer(0, "")

    async def _release(self, client: Client) -> None:
        """Nothing is held."""

    async def _serve(self, name: str, context: RequestContext, request: Request) -> Answer:
        self.asked.append(request)
        return CATALOGUE[name].example.answer


@pytest.fixture
async def road() -> AsyncIterator[tuple[Road, aiohttp.ClientSession]]:
    made = Road()
    async with TestServer(made.app) as server, aiohttp.ClientSession(str(server.make_url("/"))) as http:
        yield made, http


async def call(http: aiohttp.ClientSession, func: str, body: bytes) -> tuple[int, list[dict[str, Any]]]:
    headers = {"Content-Type": "application/json"}
    async with http.post(f"/api/v1/{quote(func, safe='')}", data=body, headers=headers) as response:
        told = await response.json()
    return response.status, told if isinstance(told, list) else [told]


@pytest.mark.parametrize("name", GOOD)
async def test_a_request_means_what_is_written(road: Any, name: str) -> None:
    made, http = road
    message = text(GOOD[name]).encode(errors="surrogatepass")
    meant = decode(message)
    status, answers = await call(http, meant.head.func, message)
    assert (status, made.asked) == (200, [meant.request])
    assert (answers[0]["func"], answers[0]["result"]) == (meant.head.func, 0)
    assert answers[0]["reqId"] == json.loads(meant.head.req_id)
    assert meant.head.echo is None or answers[0][meant.head.echo] == meant.head.func
    assert len(answers) == 1 + (meant.function.closing is not None)


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_message_gets_its_error_and_a_status(road: Any, name: str) -> None:
    made, http = road
    case = BAD[name]
    if case["error"] == MissingFunction.code:
        pytest.skip("over HTTP the address names the function")
    if not case["message"]:
        pytest.skip("over HTTP a body that is empty asks with no parameters")
    message = text(case).encode(errors="surrogatepass")
    bad = outcome(message)
    assert isinstance(bad, BadCall)
    status, answers = await call(http, bad.head.func or "Heartbeat", message)
    assert (status, answers[0]["result"]) == (table()[case["error"]].status, case["error"])
    assert answers[0]["reqId"] == json.loads(bad.head.req_id)
    assert made.asked == []


@pytest.mark.parametrize("name", [name for name, case in GOOD.items() if isinstance(case["message"], dict)])
async def test_the_address_may_name_the_function_alone(road: Any, name: str) -> None:
    made, http = road
    meant = decode(text(GOOD[name]))
    keys = ("func", "functionName", "function", "Func")
    body = {key: value for key, value in GOOD[name]["message"].items() if key not in keys}
    status, _ = await call(http, meant.head.func, json.dumps(body).encode())
    assert (status, made.asked) == (200, [meant.request])


@pytest.mark.parametrize("body", [b"\xff", b'{"\xff":1}', b"[]", b"1", b'"a"', b"{" * 1000, b"\xef\xbb\xbf{"])
async def test_what_is_no_object_is_an_error(road: Any, body: bytes) -> None:
    made, http = road
    status, answers = await call(http, "Heartbeat", body)
    assert (status, answers[0]["result"], answers[0]["func"]) == (400, 1001, "Heartbeat")
    assert made.asked == []
