"""S32: memory that strangers can hold is bounded: by connection, by origin, and in all."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import msgspec
import pytest
from aiohttp import WSCloseCode, WSMessage, WSMsgType
from aiohttp.http_websocket import WebSocketError

from benchmarks.reliability.attacks import ORIGIN, Target
from benchmarks.reliability.raw_client import frame, handshake, head, shake_hands
from server.access.limits import (
    FREED_BYTES,
    MIB,
    SMALL_BYTES,
    ByteBudget,
    ByteBudgets,
    Charge,
    MessageLimits,
    held_bytes,
)
from server.config import Config, LimitsConfig
from server.connection.message_reader import (
    FIRST_PAUSE,
    FRAMES_PER_TURN,
    OVERSIZE_BYTES,
    QUEUED_MESSAGES,
    SMALL_FRAME,
    IncomingMessage,
    MessageReader,
)
from server.connection.outbox import Outbox
from server.errors import PictureUnreadable, TooMuchWaiting
from server.protocol.codec import decode, excerpt_head
from server.protocol.messages.service import HeartbeatAnswer
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE
from tests.service import REPOSITORY, Service, free_port, running
from tests.unit.connection.test_session import Connection, Lasting, answering

LIMIT = 4 * MIB
SOCKETS = 62
CONNECTIONS = 8
ALL_PORTS_SECONDS = 10
ALL_PORTS_MIB = 256
"""The share of an origin is 128 MiB, and 64 are allowed beside it; the rest is for a machine that is busy,
where threads go on with what was given up."""
UNFINISHED = 31 * MIB
GROWTH_MIB = 260
"""The share of an origin is 128 MiB; without a bound what is sent here is 1.9 GiB."""


@dataclass
class Line:
    """A connection that notes whether it is read."""

    paused: bool = False

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


@dataclass
class End:
    """A reader and what it counts in."""

    connection: ByteBudget
    limit: int = LIMIT
    seconds: float = PATIENCE
    line: Line = field(default_factory=Line)

    def __post_init__(self) -> None:
        self.reader = MessageReader(self.line, self.connection, MessageLimits(self.limit, self.seconds))

    async def read(self) -> WSMessage:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.queue.read()

    async def message(self) -> IncomingMessage:
        message = (await self.read()).data
        assert isinstance(message, IncomingMessage)
        return message


def budgets(waiting: int = 2, origin: int = 3, whole: int = 4) -> ByteBudgets:
    limits = LimitsConfig(waiting_mib=waiting, origin_waiting_mib=origin, all_waiting_mib=whole)
    return ByteBudgets(lambda: limits)


def filled(budget: ByteBudget, size: int) -> Charge:
    charge = Charge(budget)
    assert charge.grow(size)
    return charge


def test_what_a_connection_holds_counts_for_its_origin_and_the_service() -> None:
    whole = budgets()
    one = whole.connection("a")
    two = whole.connection("a")
    charge = filled(one, 2 * MIB)
    assert not Charge(one).grow(MIB), "of the connection"
    filled(two, MIB)
    assert not Charge(two).grow(MIB // 2), "of the origin"
    other = whole.connection("b")
    filled(other, MIB)
    assert not Charge(other).grow(MIB // 2), "of the service"
    charge.release()
    charge.release()
    assert whole.held == 2 * MIB
    assert Charge(other).grow(MIB // 2)
    for each in (one, two, other):
        each.close()
    assert whole.held == 0


def test_one_alone_always_fits_and_a_small_one_too() -> None:
    whole = budgets(1, 1, 1)
    large = whole.connection("a")
    other = whole.connection("a")
    charge = filled(large, 3 * MIB)
    assert charge.grow(MIB), "it goes on"
    assert not Charge(other).grow(SMALL_BYTES + 1)
    assert Charge(other).grow(SMALL_BYTES)


def test_nothing_is_released_twice_when_a_connection_is_gone() -> None:
    whole = budgets()
    one = whole.connection("a")
    charge = filled(one, MIB)
    one.close()
    charge.release()
    one.add(5)
    assert (whole.held, one.held) == (0, 0)


@pytest.mark.parametrize("pieces", [1, 3, 7, 1000, 1 << 20])
async def test_messages_arrive_whole_in_whatever_pieces(pieces: int) -> None:
    chance = Random(pieces)
    sent = [b"", b"{}", b"x" * 125, b"y" * 126, b"z" * 70_000, "gāo\U0001f4f7".encode() * 50]
    whole = budgets()
    end = End(whole.connection(None))
    line = b"".join(frame(text, mask=chance.randbytes(4)) for text in sent)
    line += frame(b"a" * 300, 2, final=False) + frame(b"ping", 9) + frame(b"", 0, final=False)
    line += frame(b"b" * 1001, 0)
    for at in range(0, len(line), pieces):
        assert end.reader.feed_data(line[at : at + pieces]) == (False, b"")
    for text in sent:
        message = await end.message()
        assert (message.data, message.size, message.charge.size) == (text, len(text), len(text))
        message.charge.release()
    assert (await end.read()) == WSMessage(WSMsgType.PING, b"ping", "")
    message = await end.message()
    assert message.data == b"a" * 300 + b"b" * 1001
    message.charge.release()
    assert whole.held == 0


@pytest.mark.parametrize("whole_frame", [True, False])
async def test_every_byte_counts_as_it_arrives(whole_frame: bool) -> None:
    """Neither a frame that is not complete nor fragments of a message are held for nothing."""
    whole = budgets()
    end = End(whole.connection(None))
    end.reader.feed_data(head(MIB) if whole_frame else b"")
    for count in range(1, 9):
        end.reader.feed_data(
            b"x" * 65_536 if whole_frame else frame(b"x" * 65_536, int(count == 1), final=False)
        )
        assert whole.held == count * 65_536
    end.reader.feed_eof()
    assert whole.held == 0


async def test_one_that_does_not_fit_is_named_and_the_next_one_is_read() -> None:
    whole = budgets(2)
    connection = whole.connection(None)
    filled(connection, MIB)
    end = End(connection)
    text = json.dumps({"func": "RecogBarCode", "imageBase64": "A" * 3 * MIB, "reqId": 7}).encode()
    line = frame(text)
    for at in range(0, len(line), 100_000):
        end.reader.feed_data(line[at : at + 100_000])
        assert whole.held <= 2 * MIB
    end.reader.feed_data(frame(b"{}"))
    message = await end.message()
    assert message.refused
    assert len(message.data) < 3000
    assert (excerpt_head(message.data).func, excerpt_head(message.data).req_id) == ("RecogBarCode", b"7")
    assert (await end.message()).data == b"{}"
    assert whole.held == MIB + 2


async def test_a_head_that_is_not_shown_is_not_guessed() -> None:
    assert excerpt_head(b"AAAA").func == ""
    assert excerpt_head(b'"reqId":"' + b"x" * 100 + b'",').req_id == b'""'
    assert excerpt_head(b'{"Func":"Scan","reqId":"a-1"}').echo == "Func"


async def test_one_too_large_is_not_kept_and_told_apart() -> None:
    whole = budgets(64, 64, 64)
    end = End(whole.connection(None))
    line = frame(b"x" * (LIMIT + 1))
    for at in range(0, len(line), MIB):
        end.reader.feed_data(line[at : at + MIB])
        assert whole.held == 0
    message = await end.message()
    assert (message.size, message.refused) == (LIMIT + 1, True)


ENDS: list[tuple[str, WSCloseCode, Callable[[], bytes]]] = [
    ("far too large", WSCloseCode.MESSAGE_TOO_BIG, lambda: head(LIMIT + OVERSIZE_BYTES)),
    ("the most there is", WSCloseCode.MESSAGE_TOO_BIG, lambda: head((1 << 64) - 1)),
    ("nothing to go on with", WSCloseCode.PROTOCOL_ERROR, lambda: frame(b"x", 0)),
    ("two begun", WSCloseCode.PROTOCOL_ERROR, lambda: frame(b"x", final=False) + frame(b"x")),
    ("two begun, empty", WSCloseCode.PROTOCOL_ERROR, lambda: frame(b"", final=False) + frame(b"x")),
    ("reserved bits", WSCloseCode.PROTOCOL_ERROR, lambda: b"\xc1\x80abcd"),
    ("an unknown opcode", WSCloseCode.PROTOCOL_ERROR, lambda: frame(b"x", 3)),
    ("a long ping", WSCloseCode.PROTOCOL_ERROR, lambda: frame(b"x" * 126, 9)),
    ("a ping in parts", WSCloseCode.PROTOCOL_ERROR, lambda: frame(b"x", 9, final=False)),
    ("no text", WSCloseCode.INVALID_TEXT, lambda: frame(b"\xff\xfe")),
    ("text cut off", WSCloseCode.INVALID_TEXT, lambda: frame("高".encode()[:2])),
    ("a wrong code", WSCloseCode.PROTOCOL_ERROR, lambda: frame(b"\x00\x01", 8)),
    ("half a code", WSCloseCode.PROTOCOL_ERROR, lambda: frame(b"\x03", 8)),
]


@pytest.mark.parametrize(("code", "line"), [each[1:] for each in ENDS], ids=[each[0] for each in ENDS])
async def test_who_breaks_the_rules_is_told_and_holds_nothing(
    code: WSCloseCode, line: Callable[[], bytes]
) -> None:
    whole = budgets()
    end = End(whole.connection(None))
    end.reader.feed_data(frame(b"{}") + line())
    # The rest comes in further turns.
    (await end.message()).charge.release()
    with pytest.raises(WebSocketError) as ended:
        await end.read()
    assert ended.value.code == code
    assert end.reader.feed_data(b"more") == (True, b"")
    assert whole.held == 0


async def test_a_message_has_a_deadline() -> None:
    whole = budgets()
    end = End(whole.connection(None), seconds=0.05)
    end.reader.feed_data(frame(b"{}"))
    await end.message()
    await asyncio.sleep(0.1)
    end.reader.feed_data(frame(b"x" * 5000, final=False))
    with pytest.raises(WebSocketError, match="took too long"):
        await end.read()


async def test_a_flood_of_frames_takes_turns_and_is_not_read_on() -> None:
    whole = budgets()
    end = End(whole.connection(None))
    pings = 3 * FRAMES_PER_TURN
    end.reader.feed_data(frame(b"", 9) * pings)
    assert len(end.reader.queue) == QUEUED_MESSAGES
    assert end.line.paused
    assert whole.held > 0, "what is set aside counts"
    for _ in range(pings):
        assert (await end.read()).type is WSMsgType.PING
    assert not end.line.paused
    assert whole.held == 0


async def test_many_frames_of_one_message_take_turns_by_themselves() -> None:
    end = End(budgets().connection(None))
    parts = 3 * FRAMES_PER_TURN
    end.reader.feed_data(frame(b"a", final=False) + frame(b"b", 0, final=False) * parts + frame(b"c", 0))
    assert end.line.paused
    assert (await end.message()).data == b"a" + b"b" * parts + b"c"
    assert not end.line.paused
    assert end.reader._pause_seconds == 0, "a whole message begins anew"


async def test_a_flood_is_read_ever_more_slowly_and_whole_pieces_are_not() -> None:
    end = End(budgets().connection(None))
    end.reader.feed_data(frame(b"", final=False) + frame(b"", 0, final=False) * 20 * FRAMES_PER_TURN)
    async with asyncio.timeout(PATIENCE):
        while end.reader._pause_seconds < 8 * FIRST_PAUSE:
            await asyncio.sleep(0.01)
    end.reader.feed_eof()
    other = End(budgets().connection(None))
    piece = frame(b"x" * SMALL_FRAME, 0, final=False)
    other.reader.feed_data(frame(b"", final=False) + piece * 2 * FRAMES_PER_TURN)
    assert not other.line.paused


@pytest.mark.parametrize(
    ("letter", "least"), [("A", 1), ("é", 1), ("\U0001f4f7", 4)], ids=["ascii", "latin", "emoji"]
)
def test_text_counts_as_it_lies_in_memory(letter: str, least: int) -> None:
    """One letter beyond the others makes all of them larger."""
    text = json.dumps({"func": "RecogBarCode", "imageBase64": "A" * 1000 + letter})
    assert least * 1000 <= held_bytes(decode(text).request) < least * 1000 + 900


async def test_a_request_holds_what_its_text_takes() -> None:
    """Half a megabyte on the line is two in memory, where one letter needs four bytes."""
    lasting = Lasting()
    handlers = {"RecogBarCode": lasting, "Heartbeat": answering(HeartbeatAnswer())}
    for letter, code in (("A", 0), ("\U0001f4f7", TooMuchWaiting.code)):
        async with Connection(handlers, LimitsConfig(waiting_mib=1)) as line:
            line.send("RecogBarCode", 1, imageBase64="A" * (MIB // 2) + letter)
            await lasting.begun.wait()
            line.send("Heartbeat", 2, x="A" * 2 * SMALL_BYTES)
            if code:
                assert await line.receive() == [(2, code)]
            lasting.end.set()
            assert (1, 0) in await line.receive(1 if code else 2)
        lasting.begun.clear()
        lasting.end.clear()


async def test_answers_that_wait_count_until_they_are_sent() -> None:
    whole = budgets()
    way = asyncio.Event()

    async def send(message: object, binary: bool) -> None:
        await way.wait()

    outbox = Outbox(send, PATIENCE, None, whole.connection("a"))
    sending = asyncio.create_task(outbox.run())
    for _ in range(3):
        await outbox.answer(b"x" * MIB)
    await asyncio.sleep(0)
    assert whole.held == 3 * MIB
    assert not Charge(whole.connection("a")).grow(MIB)
    way.set()
    await outbox.drained()
    async with asyncio.timeout(PATIENCE):
        while whole.held:
            await asyncio.sleep(0)
    way.clear()
    await outbox.answer(b"x" * MIB)
    await outbox.answer(b"x" * MIB)
    await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert whole.held == 0


@pytest.fixture
def config(config: Config) -> Config:
    """Little for an origin, a little more for all, and two seconds for a message."""
    limits = LimitsConfig(waiting_mib=2, origin_waiting_mib=3, all_waiting_mib=6, message_seconds=2)
    return msgspec.structs.replace(config, limits=limits)


async def test_what_an_origin_leaves_unfinished_is_refused_and_others_go_on(service: Running) -> None:
    """Everything again through sockets: the error reads as any other, and late messages end their lines."""
    port = int(service.url.rsplit(":", 1)[1].strip("/"))
    begun = b'{"func":"RecogBarCode","reqId":5,"imageBase64":"' + b"A" * 2 * MIB
    async with connect(service.url, OTHER) as other:
        held = [await asyncio.to_thread(shake_hands, port, ALLOWED) for _ in range(2)]
        await asyncio.to_thread(held[0].sendall, head(2 * MIB + 500_000) + frame(begun)[14:])
        async with connect(service.url, ALLOWED) as mine:
            async with asyncio.timeout(PATIENCE):
                # What was sent arrives soon.
                while (answer := await ask_much(mine))["result"] != TooMuchWaiting.code:
                    assert answer["result"] == PictureUnreadable.code
            assert answer["func"] == "RecogBarCode"
            await mine.must("Heartbeat")
        assert (await other.ask("RecogBarCode", imageBase64="A" * MIB))["result"] != TooMuchWaiting.code
        # The deadline: 1008, and all is free again.
        received = await asyncio.to_thread(held[0].recv, 100)
        assert received[:2] == b"\x88\x02"
        assert int.from_bytes(received[2:4]) == WSCloseCode.POLICY_VIOLATION
        async with connect(service.url, ALLOWED) as mine:
            assert (await mine.ask("RecogBarCode", imageBase64="A" * MIB))["result"] != TooMuchWaiting.code
        for line in held:
            line.close()


async def ask_much(page: Page) -> Message:
    return await page.ask("RecogBarCode", imageBase64="A" * (3 * MIB // 2))


@pytest.fixture
def kept_small(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path, "[access]\nnative_clients = true\n") as service:
        yield service


@pytest.mark.long
async def test_many_unfinished_messages_of_one_page_do_not_fill_the_memory(kept_small: Service) -> None:
    """The attack itself: 62 sockets with 31 MiB each, while another page is answered."""
    before = kept_small.mib()
    origin = f"http://127.0.0.1:{kept_small.port}"
    lines = [await asyncio.to_thread(shake_hands, kept_small.port, origin) for _ in range(SOCKETS)]
    try:
        async with connect(kept_small.url) as page:
            sending = asyncio.create_task(asyncio.to_thread(_send_unfinished, lines))
            while not sending.done():
                await page.must("Heartbeat")
                await asyncio.sleep(0.02)
            await sending
            assert kept_small.mib("VmHWM") - before < GROWTH_MIB
            await page.must("Heartbeat")
    finally:
        for line in lines:
            line.close()


@pytest.fixture
def all_ports(tmp_path: Path) -> Iterator[tuple[Service, Target]]:
    doccamera = free_port()
    eloam = free_port()
    tables = "".join(
        f"[dialects.{name}]\nenabled = true\nport = {port}\n"
        for name, port in (("doccamera", doccamera), ("eloam", eloam))
    )
    with running(tmp_path, f'[access]\norigins = ["{ORIGIN}"]\n{tables}') as service:
        yield service, Target(service.port, 0, doccamera, eloam)


ATTACKER = """
import asyncio
from benchmarks.reliability.attacks import ATTACKS, Target
from benchmarks.reliability.attacker import attack
asyncio.run(attack(ATTACKS["all-ports"], Target({target.port}, 0, {target.doccamera}, {target.eloam})))
"""


@pytest.mark.long
async def test_one_origin_holds_little_on_all_ports_together(all_ports: tuple[Service, Target]) -> None:
    """Half messages, large ones, files, unread answers and pictures that are left, all at once."""
    service, target = all_ports
    async with connect(service.url, ORIGIN) as page:
        await page.ask("RecogBarCode", imageBase64="A" * MIB)  # what it makes once
    before = service.mib("RssAnon")
    most = 0.0
    command = (sys.executable, "-c", ATTACKER.format(target=target))
    attacker = await asyncio.create_subprocess_exec(*command, cwd=REPOSITORY, stderr=subprocess.DEVNULL)
    try:
        async with asyncio.timeout(PATIENCE):
            while service.mib("RssAnon") < before + 64:
                await asyncio.sleep(0.1)
        for _ in range(ALL_PORTS_SECONDS * 20):
            await asyncio.sleep(0.05)
            most = max(most, service.mib("RssAnon"))
    finally:
        attacker.kill()
        await attacker.wait()
    assert most - before < ALL_PORTS_MIB


def _send_unfinished(lines: list[socket.socket]) -> None:
    end = time.monotonic() + PATIENCE
    for line in lines:
        assert time.monotonic() < end
        line.sendall(head(UNFINISHED + 1))
        with contextlib.suppress(ConnectionError):
            for _ in range(31):
                line.sendall(b"x" * MIB)


@pytest.fixture
def no_search_for_cycles() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_search_for_cycles")
@pytest.mark.parametrize("start", ["A", "!", "iVBORw0KGgo", "/9j/"], ids=range(4))
async def test_nothing_that_was_asked_stays_once_it_is_answered(service: Running, start: str) -> None:
    """Neither in who waits for the next message, nor in an error whose frames hold each other."""
    picture = start + "A" * (MIB * 3 // 4 & ~3)
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(connect(service.url, ALLOWED)) for _ in range(CONNECTIONS)]
        for page in pages[:1] * 2:
            await page.ask("RecogBarCode", imageBase64=picture)  # what it makes once
        tracemalloc.start()
        try:
            for page in pages:
                assert (await page.ask("RecogBarCode", imageBase64=picture))["result"]
                assert (await page.ask("RecogBarCode", imageBase64=picture, dpi="x"))["result"]
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert kept < 2 * len(picture)


async def test_frames_that_come_with_the_handshake_are_read(service: Running) -> None:
    """A client that does not wait for the answer is no reason to lose count."""
    port = int(service.url.rsplit(":", 1)[1].strip("/"))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.closing(writer):
        writer.write(handshake(port, ALLOWED) + frame(b'{"func":"Heartbeat","reqId":"early"}'))
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"\r\n\r\n")
            assert b'"reqId":"early","result":0' in await reader.readuntil(b"}")


def test_the_end_of_a_flood_is_told() -> None:
    all_budgets = ByteBudgets(LimitsConfig)
    charge = Charge(all_budgets.connection("https://a.example"))
    for _ in range(FREED_BYTES // MIB):
        assert not all_budgets.freed.is_set()
        assert charge.grow(MIB)
        charge.shrink(MIB)
    assert all_budgets.freed.is_set()


async def test_a_large_message_is_charged_for_what_is_decoded_of_it() -> None:
    whole = budgets(3, 3, 3)
    one = End(whole.connection(None))
    two = End(whole.connection(None))
    for end in (one, two):
        end.reader.feed_data(frame(b"x" * MIB))
    assert [(await end.message()).refused for end in (one, two)] == [False, True]
    assert whole.held == 2 * MIB


async def test_the_excerpt_of_a_large_one_that_does_not_fit_is_its_ends() -> None:
    whole = budgets(3, 3, 3)
    end = End(whole.connection(None))
    filled(whole.connection(None), MIB)
    text = json.dumps({"func": "RecogBarCode", "imageBase64": "A" * 2_000_000, "reqId": 7}).encode()
    for at in range(0, len(line := frame(text)), 100_000):
        end.reader.feed_data(line[at : at + 100_000])
    message = await end.message()
    assert message.refused and len(message.data) < 3000
    assert (excerpt_head(message.data).func, excerpt_head(message.data).req_id) == ("RecogBarCode", b"7")
