"""Transactions with a module: one question over a transport, and one answer within a time."""

from __future__ import annotations

import threading
import time

from server.devices.adapters.samv.frame import Parser, SamAnswer, SamCommand, encode
from server.devices.adapters.samv.transport import Transport
from server.devices.ports.card_reader import CardKind
from server.errors import CardSilent, CardUnreadable, DeviceFailed, GaopaiError, LocalizedText, WrongCard

SLICE_SECONDS = 0.05
"""Seconds that one read may block, so that a question that is cancelled ends after so long."""
PAUSE_SECONDS = 0.5
"""Seconds after which a frame that stands still will not end; at 9600 baud a byte takes a millisecond."""
QUIET_SECONDS = 0.1
"""Seconds of silence after which a transport has finished what was on its way."""
CARD_BYTES = 64
"""Fewest bytes of an answer with something of a card; all others are shorter."""
SETTLE_SECONDS = 3.0
"""Most seconds for an answer that nobody took to arrive: the longest takes 2.4 s at 9600 baud."""


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
        until = now + seconds
        heard = now
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
    if answer.status not in (OK, FOUND):
        return True
    found = answer.status == FOUND
    long = len(answer.data) >= CARD_BYTES
    return found == (command is SamCommand.FIND) and long == command.reads


def _check(cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise TransactionCancelled()


OK = 0x90
"""Status of a command that was carried out."""
FOUND = 0x9F
"""Status of a search that found a card."""
CHECKSUM = 0x10
"""Status of a module that received a command with a wrong checksum."""
LENGTH = 0x11
"""Status of a module that received a command of a wrong length."""
BAD_COMMAND = 0x21
"""Status of a module that does not support a command."""
NO_RIGHT = 0x23
"""Status of a module that has no right to carry out a command."""
UNKNOWN_COMMAND = 0x24
"""Status of a module that does not know a command."""
CARD_REFUSES = 0x31
"""Status of a card that refuses the reader's security module."""
MODULE_REFUSES = 0x32
"""Status of a security module that refuses the card."""
FALSE_DATA = 0x33
"""Status of a card whose data fail the check."""
WRONG_CARD = 0x40
"""Status of a card of another kind."""
READ_FAILED = 0x41
"""Status of a reading that failed."""
RANDOM_FAILED = 0x47
"""Status of a security module that could not draw a random number."""
SELF_TEST = 0x60
"""Status of a security module whose self test failed."""
NOT_AUTHORISED = 0x66
"""Status of a security module that is not authorised."""
NO_CARD = 0x80
"""Status of a search that found no card."""
SELECT_FAILED = 0x81
"""Status of a card that cannot be selected, which is silent."""
ABSENT = 0x91
"""Status of a card that does not hold what was asked for."""

NOT_UNDERSTOOD = frozenset({BAD_COMMAND, NO_RIGHT, UNKNOWN_COMMAND})
"""Statuses of a module that does not have a command."""
HOPELESS = frozenset({WRONG_CARD, SELF_TEST, NOT_AUTHORISED}) | NOT_UNDERSTOOD
"""Statuses after which trying again changes nothing."""

_OF_CARD = {
    CARD_REFUSES: LocalizedText("卡拒绝了安全模块", "the card refuses the reader's security module"),
    MODULE_REFUSES: LocalizedText("安全模块拒绝了卡", "the reader's security module refuses the card"),
    FALSE_DATA: LocalizedText("卡中数据未通过校验", "the card's data fail the check"),
    READ_FAILED: LocalizedText("读取失败", "reading failed"),
    RANDOM_FAILED: LocalizedText(
        "安全模块未能生成随机数", "the security module could not draw a random number"
    ),
    ABSENT: LocalizedText("卡中没有该项内容", "the card does not hold what was asked for"),
}
"""Reasons why a card cannot be read, by the status."""
_OF_READER = {
    CHECKSUM: LocalizedText("收到的命令校验和错误", "it received commands with a wrong checksum"),
    LENGTH: LocalizedText("收到的命令长度错误", "it received commands of a wrong length"),
    BAD_COMMAND: LocalizedText("不支持读卡命令", "it does not know the command to read"),
    NO_RIGHT: LocalizedText("没有读卡权限", "it has no right to read"),
    UNKNOWN_COMMAND: LocalizedText("不认识读卡命令", "it does not know the command to read"),
    SELF_TEST: LocalizedText("安全模块自检失败", "the self test of its security module failed"),
    NOT_AUTHORISED: LocalizedText("安全模块未经授权", "its security module is not authorised"),
}
"""Reasons why a reader fails, by the status."""


def error(status: int, device: str) -> GaopaiError:
    """Return the error that a status becomes.

    Parameters
    ----------
    device
        The reader's name, for people.
    """
    if status == WRONG_CARD:
        return WrongCard(device=device, card=CardKind.RESIDENT.text)
    if status == SELECT_FAILED:
        return CardSilent(device=device)
    if status in _OF_READER:
        return DeviceFailed(device=device, reason=_OF_READER[status])
    return CardUnreadable(device=device, reason=_OF_CARD.get(status) or _unnamed(status))


def _unnamed(status: int) -> LocalizedText:
    return LocalizedText(
        f"安全模块返回状态 {status:02X}", f"the security module answers with status {status:02X}"
    )
