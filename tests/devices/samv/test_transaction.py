"""Questions and answers when answers come late, or nobody waits for them any more."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable

import pytest

from server.devices.adapters.samv.frame import SamAnswer, SamCommand, encode, encode_answer
from server.devices.adapters.samv.module import SamModule
from server.devices.adapters.samv.transaction import NoAnswer, SamTransaction, TransactionCancelled
from tests.patience import PATIENCE

FOUND = SamAnswer(0x9F, bytes(4))
SELECTED = SamAnswer(0x90, bytes(8))
CARD = SamAnswer(0x90, bytes(1300))
LONG = 60.0
"""Seconds that no test waits."""


class ScriptedTransport:
    """Gives what the test has put into it.

    Attributes
    ----------
    answers
        What comes after each command; nothing where there are no more.
    lasting
        What arrives piece by piece, whoever reads: it cannot be cleared before it has come.
    """

    def __init__(self, *answers: bytes) -> None:
        self.answers = deque(answers)
        self.written: list[bytes] = []
        self.closed = False
        self.lasting: deque[bytes] = deque()
        self._came: deque[bytes] = deque()

    def come(self, data: bytes) -> None:
        """Let it arrive now."""
        self._came.append(data)

    def write(self, frame: bytes) -> None:
        self.written.append(frame)
        if self.answers:
            self.come(self.answers.popleft())

    def read(self, seconds: float) -> bytes:
        if self.lasting:
            return self.lasting.popleft()
        if self._came:
            return self._came.popleft()
        time.sleep(min(seconds, 0.01))
        return b""

    def clear(self) -> None:
        self._came.clear()

    def close(self) -> None:
        self.closed = True


def test_an_answer_is_that_to_the_command() -> None:
    transport = ScriptedTransport(encode_answer(FOUND))
    assert SamTransaction(transport).ask(SamCommand.FIND, 1) == FOUND
    assert transport.written == [encode(SamCommand.FIND)]


def test_what_came_before_the_question_is_no_answer() -> None:
    transport = ScriptedTransport(encode_answer(SELECTED))
    transport.come(encode_answer(SamAnswer(0x81)))
    assert SamTransaction(transport).ask(SamCommand.SELECT, 1) == SELECTED


def test_an_answer_that_is_on_its_way_is_let_arrive() -> None:
    """It comes in pieces; whatever of it came after the next question would be heard as its answer."""
    late = encode_answer(SamAnswer(0x81))
    transport = ScriptedTransport(b"", encode_answer(SELECTED))
    transaction = SamTransaction(transport)
    with pytest.raises(NoAnswer):
        transaction.ask(SamCommand.SELECT, 0.05)
    transport.lasting = deque([late[:3], late[3:6], late[6:]])
    assert transaction.ask(SamCommand.SELECT, 1) == SELECTED


@pytest.mark.parametrize(
    ("stale", "command", "right"),
    [
        (CARD, SamCommand.FIND, FOUND),
        (SELECTED, SamCommand.FIND, FOUND),
        (CARD, SamCommand.SELECT, SELECTED),
        (FOUND, SamCommand.SELECT, SELECTED),
        (SELECTED, SamCommand.READ_FINGERS, CARD),
        (FOUND, SamCommand.READ_BASE, CARD),
    ],
)
def test_a_late_answer_to_another_command_is_not_taken(
    stale: SamAnswer, command: SamCommand, right: SamAnswer
) -> None:
    transport = ScriptedTransport(encode_answer(stale) + encode_answer(right))
    assert SamTransaction(transport).ask(command, 1) == right


def test_a_question_that_is_given_up() -> None:
    given_up = threading.Event()
    transport = ScriptedTransport()
    threading.Timer(0.05, given_up.set).start()
    with pytest.raises(TransactionCancelled):
        SamTransaction(transport).ask(SamCommand.FIND, LONG, given_up)


async def _soon(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_thread_lets_go_of_what_nobody_waits_for() -> None:
    transport = ScriptedTransport()
    sam = SamModule(lambda: transport)
    asking = asyncio.create_task(sam.ask(SamCommand.READ_FINGERS, LONG))
    await _soon(lambda: bool(transport.written))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    transport.answers.append(encode_answer(FOUND))
    async with asyncio.timeout(PATIENCE):
        assert await sam.ask(SamCommand.FIND, 1) == FOUND
    await sam.close()
    assert transport.closed


async def test_a_silent_module_loses_its_port() -> None:
    wires = [ScriptedTransport(), ScriptedTransport(encode_answer(FOUND))]
    opened = iter(wires)
    sam = SamModule(lambda: next(opened))
    with pytest.raises(NoAnswer):
        await sam.ask(SamCommand.FIND, 0.05)
    assert wires[0].closed
    assert await sam.ask(SamCommand.FIND, 1) == FOUND
    assert not wires[1].closed
    await sam.close()
