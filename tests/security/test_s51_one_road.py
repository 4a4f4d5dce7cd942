"""S51: dialects take the road of our own protocol: limits, charges, turns, deadlines and its decoder."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from itertools import count
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web

from server.access.control import PEER
from server.access.handshakes import HANDSHAKES, Handshakes
from server.access.limits import MIB, ByteBudgets, Charge, LimitsConfig, held_bytes
from server.access.listeners import serving
from server.connection import downloads
from server.connection.message_reader import IncomingMessage
from server.connection.session import MessageThread
from server.dialects import page_session
from server.dialects.camsdk.functions import FunctionConversation
from server.dialects.device_session import MOST_CAMERAS, DeviceSession
from server.dialects.doccamera.conversation import DoccameraConversation, TextCall
from server.dialects.http import HttpListener, runner_of
from server.dialects.json_text import LONGEST_ENCODED, first_object
from server.dialects.page_session import PageSessions
from server.dialects.services import MOST_BYTES, DialectServices, PictureList
from server.dialects.sockets import RequestLane
from server.errors import NoSuchDevice, PictureTooLarge
from server.protocol.structure import MOST_TOKENS
from server.runtime import turns
from tests.functional.conftest import ALLOWED
from tests.patience import PATIENCE

BODY = 8 * MIB


@pytest.mark.parametrize(
    "message",
    [
        b'{"function":' + b"{" * 100 + b"}" * 100 + b"}",
        b'{"function":[' + b"{}," * MOST_TOKENS + b"{}]}",
        b'{"a":[' + b'"",' * MOST_TOKENS + b'""]}',
        b'{"a":' + b"9" * (1 << 20) + b"}",
        b'{"a":"' + b"\\n" * (1 << 20) + b'"}',
        b" " * (1 << 20),
        b"%7B" + b"%22" * (5 << 20),
    ],
    ids=range(7),
)
def test_an_object_of_many_parts_is_none(message: bytes) -> None:
    assert first_object(message) is None


def test_what_pages_send_is_an_object() -> None:
    picture = "A" * MIB
    found = first_object(json.dumps({"ImageBase64": picture, "n": "高\ud800"}) + '","x":""}junk')
    assert found is not None and found["ImageBase64"] == picture
    assert held_bytes(found) > 5 * MIB // 2, "with the file that is made of it, and the copy that is decoded"
    assert held_bytes(TextCall("a", (picture,))) > MIB


@pytest.mark.long
@pytest.mark.parametrize("text", [b"%22", b"a%zz", b"%2"], ids=str)
def test_percent_encoded_text_takes_no_more_than_a_message(text: bytes) -> None:
    message = b"%7B" + text * (LONGEST_ENCODED // 8 // len(text))
    tracemalloc.start()
    first_object(message)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * len(message)


@pytest.mark.parametrize("before", range(4))
def test_percent_encoded_text_is_decoded_wherever_its_escapes_lie(before: int) -> None:
    wanted = {"a": " " * before + "高拍%" * 60_000}
    assert first_object(quote(json.dumps(wanted, ensure_ascii=False)).replace("%7B", "%7b", 1)) == wanted


def budgets(**limits: int) -> ByteBudgets:
    return ByteBudgets(lambda: LimitsConfig(**limits))


def test_pictures_for_a_document_are_charged_until_they_are_forgotten() -> None:
    all_budgets = budgets()
    pictures = PictureList(all_budgets.connection(ALLOWED))
    for _ in range(MOST_BYTES // MIB):
        pictures.add(bytes(MIB))
    assert all_budgets.held == MOST_BYTES
    with pytest.raises(PictureTooLarge):
        pictures.add(b"x")
    pictures.clear()
    assert all_budgets.held == 0


def test_a_page_of_another_port_has_the_same_budget() -> None:
    all_budgets = budgets(origin_waiting_mib=2)
    one = PictureList(all_budgets.connection(ALLOWED))
    one.add(bytes(MIB))
    other = PictureList(all_budgets.connection(ALLOWED))
    with pytest.raises(PictureTooLarge):
        other.add(bytes(2 * MIB))


async def test_what_a_silent_page_left_is_forgotten_though_no_other_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_session, "FORGET_SECONDS", 0.05)
    all_budgets = budgets()

    async def release(client: object) -> None:
        pass

    context: Any = SimpleNamespace(bytes_in_work=all_budgets, client_ids=count())
    sessions = PageSessions(services_around(context, release))
    session = await sessions.of(ALLOWED)
    session.pictures.add(bytes(MIB))
    async with asyncio.timeout(PATIENCE):
        while sessions.origins or all_budgets.held:
            await asyncio.sleep(0.01)
    await sessions.close()


def test_a_page_cannot_make_up_cameras_without_end() -> None:
    services = services_around(SimpleNamespace(client_ids=count()), released)
    session = DeviceSession(services, ALLOWED, budgets().connection(ALLOWED))
    session.choice(MOST_CAMERAS - 1)
    for number in (-1, MOST_CAMERAS, 999_999_999):
        with pytest.raises(NoSuchDevice):
            session.choice(number)


def services_around(context: Any, release: Callable[[object], Awaitable[None]]) -> DialectServices:
    """Services of a house in which nothing is but what is released."""
    house: Any = SimpleNamespace(release=release, pools=None, cameras=None)
    storage: Any = SimpleNamespace(of=lambda origin: None)
    return DialectServices(house, storage, context)


class Page:
    """Dialect that answers much, or nothing of what it is asked."""

    def destinations(self, request: web.Request) -> tuple[str, ...]:
        return ("empty",)

    async def answer(self, request: web.Request, session: object) -> web.StreamResponse:
        assert turns.payer.get().owner == ALLOWED
        return web.Response(body=bytes(BODY))


class OpenGate:
    """Gate that admits everybody."""

    def serving(self, request: web.Request) -> Any:
        return nullcontext()

    async def admits_connection(self, request: web.Request) -> bool:
        request[PEER] = None  # type: ignore[misc]
        return True

    def page(self, request: web.Request, destinations: object) -> str:
        return ALLOWED

    def admits(self, origin: str) -> bool:
        return True


@asynccontextmanager
async def listening(context: Any) -> AsyncIterator[int]:
    listener = HttpListener(Page(), OpenGate(), services_around(context, released))  # type: ignore[arg-type]
    runner = await runner_of(listener.application())
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await listener.close()
        await runner.cleanup()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "GZIP", "br", "gzip, identity"])
async def test_a_compressed_body_is_refused_before_it_is_read(coding: str) -> None:
    """What it becomes is in no budget: 31 KiB of it are 31 MiB of text."""
    context = SimpleNamespace(
        limits=LimitsConfig(), bytes_in_work=budgets(), decoding=MessageThread(), client_ids=count()
    )
    body = gzip.compress(b'{"a":"' + b"A" * MIB + b'"}')
    async with listening(context) as port, aiohttp.ClientSession() as session:
        address = f"http://127.0.0.1:{port}/a"
        headers = {"Content-Encoding": coding}
        async with session.post(address, data=body, headers=headers) as refused:
            assert refused.status == 415
        async with session.post(address, data=b"{}", headers={"Content-Encoding": "identity"}) as taken:
            assert taken.status == 200
    assert not context.bytes_in_work.held


@pytest.mark.parametrize("module", ["server.dialects.http", "server.access.listeners"])
async def test_no_server_of_ours_decompresses(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    runner = web.AppRunner

    def noted(*values: Any, **terms: Any) -> web.AppRunner:
        made.append(terms)
        return runner(*values, **terms)

    monkeypatch.setattr("aiohttp.web.AppRunner", noted)
    if module == "server.dialects.http":
        await (await runner_of(web.Application())).cleanup()
    else:
        app = web.Application()
        app[HANDSHAKES] = Handshakes(None)  # type: ignore[arg-type]
        async with serving(app, []):
            pass
    assert [one["auto_decompress"] for one in made] == [False]


async def test_what_is_accepted_is_not_decompressed() -> None:
    """Not by aiohttp's parser either, before anybody has judged the request."""
    seen: list[bytes] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(await request.read())
        return web.Response()

    app = web.Application()
    app.router.add_post("/", handle)
    runner = await runner_of(app)
    line = socket.create_server(("127.0.0.1", 0))
    port = line.getsockname()[1]
    acceptor = Handshakes(lambda _: None).accept(line, runner.server, None)  # type: ignore[arg-type]
    body = gzip.compress(bytes(MIB))
    headers = {"Content-Encoding": "gzip"}
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{port}/", data=body, headers=headers) as answer,
        ):
            assert answer.status == 200
    finally:
        acceptor.close()
        await runner.cleanup()
    assert seen == [body]


async def released(client: object) -> None:
    """Release nothing."""


@pytest.mark.parametrize("reads", [False, True])
async def test_an_answer_that_nobody_takes_is_charged_and_given_up(
    monkeypatch: pytest.MonkeyPatch, reads: bool
) -> None:
    monkeypatch.setattr(downloads, "SEND_SECONDS", 0.3)
    context = SimpleNamespace(
        limits=LimitsConfig(), bytes_in_work=budgets(), decoding=MessageThread(), client_ids=count()
    )
    async with listening(context) as port, asyncio.timeout(PATIENCE):
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(line, ("127.0.0.1", port))
        await loop.sock_sendall(line, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while context.bytes_in_work.held < BODY:
            await asyncio.sleep(0.01)
        got = 0
        while reads and (piece := await loop.sock_recv(line, 1 << 20)):
            got += len(piece)
        while context.bytes_in_work.held:
            await asyncio.sleep(0.01)
        line.close()
        assert got > BODY or not reads


async def test_an_answer_beyond_the_budget_is_not_sent() -> None:
    context = SimpleNamespace(
        limits=LimitsConfig(),
        bytes_in_work=budgets(origin_waiting_mib=4),
        decoding=MessageThread(),
        client_ids=count(),
    )
    held = context.bytes_in_work.connection(ALLOWED)
    held.add(MIB)
    async with listening(context) as port, asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 503 ")
        writer.close()


def test_conversations_are_parsed_by_what_is_bounded() -> None:
    assert FunctionConversation.parse is first_object
    parse = DoccameraConversation.parse
    talk: Any = None
    assert parse(talk, b"a(1)") == TextCall("a", ("1",))
    assert parse(talk, b"a" * (1 << 20)) is None


async def test_a_large_message_of_a_dialect_is_parsed_beside_the_loop() -> None:
    where: list[threading.Thread] = []
    done = asyncio.Event()

    class Talk:
        def parse(self, message: bytes) -> bytes:
            where.append(threading.current_thread())
            return message

        async def receive(self, request: bytes) -> None:
            where.append(threading.current_thread())
            done.set()

        def close(self) -> None:
            pass

    context: Any = SimpleNamespace(limits=LimitsConfig(), decoding=MessageThread(), client_ids=count())
    lane = RequestLane(context, Talk())
    charge = Charge(budgets().connection(ALLOWED))
    task = asyncio.create_task(lane.run())
    message = IncomingMessage(bytes(MIB), MIB, charge)
    async with asyncio.timeout(PATIENCE):
        assert await lane._queued(message)
        await done.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert where[0] is not threading.main_thread() is where[1]
