"""Transactions with a module: one question over a transport, and one answer within a time."""

from __future__ import annotations

import threading
import time

from server.devices.adapters.samv import status
from server.devices.adapters.samv.frame import Parser, SamAnswer, SamCommand, encode
from server.devices.adapters.samv.transport import Transport

SLICE_SECONDS = 0.05
"""One read may block so long: a cancelled question ends after so long."""
PAUSE_SECONDS = 0.5
"""A frame that stands still for so long will not end; at 9600 baud a byte takes a millisecond."""
QUIET_SECONDS = 0.1
"""A transport that says nothing for so long has finished what was on its way."""
CARD_BYTES = 64
"""Answers with something of a card are longer, all others shorter."""
SETTLE_SECONDS = 3.0
"""The longest answer takes 2.4 s at 9600 baud."""


class NoAnswer(Exception):
    """No answer came."""


class CorruptAnswer(Exception):
    """An answer came that noise has damaged."""


class TransactionCancelled(Exception):
    """Nobody waits for the answer any more."""


class SamTransaction:
    """Asks the module at the other end of a transport. One question at a time."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._parser = Parser()
        self._settled = True

    def ask(self, command: SamCommand, seconds: float, cancelled: threading.Event | None = None) -> SamAnswer:
        """Send a command and wait for its answer.

        Parameters
        ----------
        cancelled
            Set from elsewhere when the answer is not wanted any more.

        Raises
        ------
        NoAnswer, CorruptAnswer, TransactionCancelled
        server.errors.GaopaiError
            Of the transport.
        """
        cancelled = cancelled or threading.Event()
        self._settle(cancelled)
        self._settled = False
        self._transport.write(encode(command))
        answer = self._await(command, seconds, cancelled)
        self._settled = True
        return answer

    def _settle(self, cancelled: threading.Event) -> None:
        """Let an answer that nobody took arrive: it would be taken for that to the next question."""
        until = time.monotonic() + SETTLE_SECONDS
        while not self._settled and time.monotonic() < until:
            _check(cancelled)
            self._settled = not self._transport.read(QUIET_SECONDS)
        self._transport.clear()
        self._parser.clear()

    def _await(self, command: SamCommand, seconds: float, cancelled: threading.Event) -> SamAnswer:
        now = time.monotonic()
        until, heard = now + seconds, now
        while now < until:
            _check(cancelled)
            data = self._transport.read(min(SLICE_SECONDS, until - now))
            now = time.monotonic()
            heard = now if data else heard
            answers = self._parser.feed(data)
            if now - heard >= PAUSE_SECONDS or now >= until:
                answers += self._parser.give_up()
            for answer in answers:
                if _fits(command, answer):
                    return answer
        raise CorruptAnswer() if self._parser.damaged else NoAnswer()


def _fits(command: SamCommand, answer: SamAnswer) -> bool:
    """Return whether it can be the answer to that command; it may be a late one to the command before."""
    if answer.status not in (status.OK, status.FOUND):
        return True
    found = answer.status == status.FOUND
    long = len(answer.data) >= CARD_BYTES
    return found == (command is SamCommand.FIND) and long == command.reads


def _check(cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise TransactionCancelled()
