"""PC/SC as this adapter calls it: pyscard's plain functions with types, their results as exceptions.

Every call blocks, with the GIL released; `Context.cancel` alone is for another thread.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from server.devices.adapters.pcsc import faults
from server.devices.adapters.pcsc.faults import PcscFault

UNAWARE = 0x0000
"""State of a reader that is not known yet, so that the service tells it at once."""
PRESENT = 0x0020
"""Flag in the state of a reader in which a card is."""
EXCLUSIVE = 0x0080
"""Flag in the state of a reader whose card a program keeps to itself."""
IN_USE = 0x0100
"""Flag in the state of a reader whose card programs use and share."""
GONE = 0x0004 | 0x0008
"""Flags in the state of a reader that is unknown or unavailable."""
INSERTIONS = 0xFFFF0000
"""Bits in the state of a reader that count cards that came and went."""
READERS = "\\\\?PnP?\\Notification"
"""Name that stands for a reader whose state changes when readers come or go."""

SCOPE_SYSTEM = 2
"""Scope of a context: all readers of the machine."""
SHARE_SHARED = 2
"""Mode of a connection to a card that other programs may have, too."""
T0 = 1
"""Number of the protocol T=0, which transmits single bytes."""
T1 = 2
"""Number of the protocol T=1, which transmits blocks."""
LEAVE = 0
"""Disposition that leaves the card as it is when a connection ends."""
RESET = 1
"""Disposition that resets the card when a connection ends, so that it forgets a PIN."""


class Missing(Exception):
    """There is no PC/SC; `obstacle` is one of `faults.PYSCARD` and `faults.LIBRARY`."""

    def __init__(self, obstacle: str) -> None:
        self.obstacle = obstacle
        super().__init__(obstacle)


Establish = Callable[[], "Context"]
"""Connects to the service."""


def establish() -> Context:
    """Connect to the service through pyscard; see `Establish`."""
    scard = load()
    code, context = scard.SCardEstablishContext(SCOPE_SYSTEM)
    _check(code, may_refuse=True)
    return Context(scard, context)


def load() -> Any:
    """pyscard's plain functions."""
    try:
        # pyscard loads it when imported, and without it calls a null pointer later.
        ctypes.CDLL("libpcsclite.so.1")
    except OSError as exc:
        raise Missing(faults.LIBRARY) from exc
    try:
        return import_module("smartcard.scard")
    except ImportError as exc:
        raise Missing(faults.PYSCARD) from exc


class Context:
    """A connection to the service. Its calls raise `PcscFault`."""

    def __init__(self, scard: Any, context: int) -> None:
        self._scard = scard
        self._context = context

    def readers(self) -> tuple[str, ...]:
        """Names of all readers."""
        code, names = self._scard.SCardListReaders(self._context, [])
        if code & 0xFFFFFFFF == faults.NO_READERS:
            return ()
        _check(code)
        return tuple(names)

    def changed(self, states: Mapping[str, int], seconds: float) -> dict[str, int]:
        """The states of readers once one differs from `states`, or after the time."""
        milliseconds = round(seconds * 1000)
        code, found = self._scard.SCardGetStatusChange(self._context, milliseconds, list(states.items()))
        if code & 0xFFFFFFFF != faults.TIMEOUT:
            _check(code)
        return {name: state for name, state, _ in found}

    def look(self, reader: str) -> tuple[int, bytes]:
        """State of a reader now, and the ATR of the card in it, empty without one."""
        code, found = self._scard.SCardGetStatusChange(self._context, 0, [(reader, UNAWARE)])
        _check(code)
        [(_, state, atr)] = found
        return state, bytes(atr)

    def cancel(self) -> None:
        """Make `changed` raise at once, if it runs."""
        _check(self._scard.SCardCancel(self._context))

    def connect(self, reader: str) -> Card:
        """Power the card in a reader."""
        code, handle, protocol = self._scard.SCardConnect(self._context, reader, SHARE_SHARED, T0 | T1)
        _check(code, may_refuse=True)
        return Card(self._scard, handle, protocol)

    def release(self) -> None:
        """End the connection, and those to cards."""
        _check(self._scard.SCardReleaseContext(self._context))


class Card:
    """A connection to a card. Its calls raise `PcscFault`."""

    def __init__(self, scard: Any, handle: int, protocol: int) -> None:
        self._scard = scard
        self._handle = handle
        self.protocol = protocol

    def begin(self) -> None:
        """Keep other programs out; waits for one that does so itself, without end."""
        _check(self._scard.SCardBeginTransaction(self._handle))

    def reconnect(self) -> None:
        """Go on with a card that another program has reset."""
        code, self.protocol = self._scard.SCardReconnect(self._handle, SHARE_SHARED, T0 | T1, LEAVE)
        _check(code)

    def transmit(self, command: bytes) -> bytes:
        """Send a command and return the answer; waits without end where none comes."""
        code, answer = self._scard.SCardTransmit(self._handle, self.protocol, list(command))
        _check(code)
        return bytes(answer)

    def disconnect(self, disposition: int) -> None:
        """Let the card go, and others in; this ends the transaction, too."""
        _check(self._scard.SCardDisconnect(self._handle, disposition))


def _check(code: int, may_refuse: bool = False) -> None:
    """Raise what a call returned, unless it is success.

    Parameters
    ----------
    may_refuse
        True if the call is one that polkit judges. libpcsclite says of any connection that the service
        closes on it that it was refused, and so does a service that dies.
    """
    code &= 0xFFFFFFFF  # pyscard gives it with or without a sign
    if code == faults.SECURITY_VIOLATION and not may_refuse:
        code = faults.NO_SERVICE
    if code:
        raise PcscFault(code)
