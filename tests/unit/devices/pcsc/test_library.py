"""What pyscard returns, as calls with results and faults."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from server.devices.adapters.pcsc import faults, library
from server.devices.adapters.pcsc.faults import PcscFault
from server.devices.adapters.pcsc.library import Card, Context, Missing

READER = "Reader 00 00"


def context(**calls: Any) -> Context:
    """A context in which ``SCardNAME`` returns what is given for ``NAME``."""
    return Context(SimpleNamespace(**_calls(calls)), 1)


def card(**calls: Any) -> Card:
    return Card(SimpleNamespace(**_calls(calls)), 1, library.T0)


def _calls(calls: dict[str, Any]) -> dict[str, Callable[..., Any]]:
    return {f"SCard{name}": lambda *_, result=result: result for name, result in calls.items()}


def test_readers() -> None:
    assert context(ListReaders=(0, [READER])).readers() == (READER,)
    assert context(ListReaders=(faults.NO_READERS, [])).readers() == ()


def test_states() -> None:
    seen = [(READER, 0x10022, [0x3B, 0x00])]
    assert context(GetStatusChange=(0, seen)).changed({READER: 0}, 1) == {READER: 0x10022}
    assert context(GetStatusChange=(faults.TIMEOUT, seen)).changed({READER: 0}, 1) == {READER: 0x10022}
    assert context(GetStatusChange=(0, seen)).look(READER) == (0x10022, b"\x3b\x00")


def test_an_answer() -> None:
    assert card(Transmit=(0, [0x90, 0x00])).transmit(b"\0") == b"\x90\x00"


def test_a_card_connected_anew_may_speak_another_protocol() -> None:
    reset = card(Reconnect=(0, library.T1))
    reset.reconnect()
    assert reset.protocol == library.T1


@pytest.mark.parametrize("code", [faults.REMOVED_CARD, faults.REMOVED_CARD - (1 << 32)])
def test_codes_with_and_without_a_sign_are_the_same(code: int) -> None:
    with pytest.raises(PcscFault, match="80100069"):
        card(Transmit=(code, [])).transmit(b"\0")


@pytest.mark.parametrize(
    "call",
    [
        lambda: context(ListReaders=(faults.SECURITY_VIOLATION, [])).readers(),
        lambda: context(GetStatusChange=(faults.SECURITY_VIOLATION, [])).changed({}, 0),
        lambda: card(BeginTransaction=faults.SECURITY_VIOLATION).begin(),
        lambda: card(Transmit=(faults.SECURITY_VIOLATION, [])).transmit(b"\0"),
    ],
)
def test_a_service_that_dies_is_not_taken_for_one_that_refuses(call: Callable[[], object]) -> None:
    with pytest.raises(PcscFault) as stopped:
        call()
    assert stopped.value.code == faults.NO_SERVICE


def test_a_refused_card_is_told() -> None:
    with pytest.raises(PcscFault) as refused:
        context(Connect=(faults.SECURITY_VIOLATION, 0, 0)).connect(READER)
    assert refused.value.code == faults.SECURITY_VIOLATION


def test_a_machine_without_libpcsclite(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    with pytest.raises(Missing) as missing:
        library.establish()
    assert missing.value.obstacle == faults.LIBRARY


def test_a_machine_without_pyscard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: None)
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    with pytest.raises(Missing) as missing:
        library.establish()
    assert missing.value.obstacle == faults.PYSCARD
