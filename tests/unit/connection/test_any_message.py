"""Whatever a page sends, it gets one well-formed answer, and the connection lives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.access.client import Client
from server.access.limits import Charge
from server.connection.message_reader import IncomingMessage
from server.connection.outbox import Outbox
from server.connection.session import ServerContext, Session, SessionOptions
from server.protocol.catalogue import CATALOGUE
from server.protocol.messages.base import Answer
from server.protocol.messages.service import HeartbeatAnswer
from server.services.context import Dispatcher
from tests.extent import extent
from tests.patience import PATIENCE

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=12), children, max_size=4)
    ),
    max_leaves=12,
)
KEYS = ("func", "functionName", "reqId", "devNum", "enable", "cropRect", "imagePath", "rotate")
REQUESTS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6).flatmap(
    lambda fields: st.sampled_from(sorted(CATALOGUE)).map(lambda name: json.dumps({"func": name, **fields}))
)
MESSAGES = st.lists(
    st.binary(max_size=60) | st.text(max_size=60) | JSON.map(json.dumps) | REQUESTS, max_size=8
)


async def _converse(messages: list[str | bytes]) -> list[bytes]:
    received: list[bytes] = []

    async def deliver(message: Sequence[bytes], binary: bool) -> None:
        received.append(b"".join(message))

    async def heartbeat(exchange: object, request: object) -> Answer:
        return HeartbeatAnswer()

    async def feed() -> Any:
        for message in [*messages, '{"func":"Heartbeat","reqId":"last"}']:
            data = message.encode() if isinstance(message, str) else message
            yield IncomingMessage(data, len(data), Charge(budget))
        while not received or json.loads(received[-1])["reqId"] != "last":
            await asyncio.sleep(0)

    outbox = Outbox(deliver, 10)
    sender = asyncio.create_task(outbox.run())
    context = ServerContext(Dispatcher({"Heartbeat": heartbeat}))
    budget = context.bytes_in_work.connection(None)
    session = Session(Client(1, None), SessionOptions("zh"), context, outbox)
    async with asyncio.timeout(PATIENCE):
        await session.run(feed())
    sender.cancel()
    return received


def _is_end(answer: dict[str, Any]) -> bool:
    """Whether it is the notice that follows a Scan's last answer; asked for, it is not served here."""
    return answer["func"] == "GetScanEndStatue" and answer["result"] == 0


@pytest.mark.long
@settings(max_examples=extent(60, 150))
@given(MESSAGES)
def test_one_answer_each(messages: list[str | bytes]) -> None:
    received = asyncio.run(_converse(messages))
    every = [json.loads(text) for text in received]
    ends = [number for number, answer in enumerate(every) if _is_end(answer)]
    assert [every[number - 1]["func"] for number in ends] == ["Scan"] * len(ends)
    answers = [answer for answer in every if not _is_end(answer)]
    assert len(ends) == sum(answer["func"] == "Scan" for answer in answers)
    assert len(answers) == len(messages) + 1
    for answer in every:
        assert isinstance(answer["result"], int)
        assert answer["result"] != 9
        assert (answer["result"] == 0) == (answer["success"] == 1)
        assert (answer["result"] == 0) != ("errorMsg" in answer)
        assert answer["functionName"] == answer["func"]
    assert every[-1]["reqId"] == "last"
