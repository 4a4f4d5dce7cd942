"""A connection to the card in one reader, from powering it to letting it go. Every call blocks."""

from __future__ import annotations

import contextlib
import enum

from server.devices.adapters.pcsc import faults, library
from server.devices.adapters.pcsc.faults import PcscFault
from server.devices.adapters.pcsc.library import Card, Context, Establish


class Stage(enum.Enum):
    """The progress of opening a connection; read by other threads."""

    WAITING = "waiting"
    CONNECTING = "connecting"
    LOCKING = "locking"
    OPEN = "open"


class Connection:
    """See the module.

    Parameters
    ----------
    reader
        PC/SC's name of it.
    """

    def __init__(self, establish: Establish, reader: str) -> None:
        self._establish = establish
        self._reader = reader
        self._context: Context | None = None
        self._card: Card | None = None
        self.stage = Stage.WAITING
        self.shared = False
        """True if another program has a connection too, from `Stage.CONNECTING` on."""
        self.t0 = False
        self.contactless = False

    def open(self) -> None:
        """Power the card and keep other programs out; `t0` and `contactless` hold then.

        The context is its own: a context does one thing at a time, and this one may hang in the card.

        Raises
        ------
        library.Missing, PcscFault
        """
        self._context = self._establish()
        state, atr = self._context.look(self._reader)
        self.contactless = _is_contactless(atr)
        self.shared = bool(state & (library.IN_USE | library.EXCLUSIVE))
        self.stage = Stage.CONNECTING
        self._card = self._context.connect(self._reader)
        self.stage = Stage.LOCKING
        try:
            self._card.begin()
        except PcscFault as fault:
            if fault.code != faults.RESET_CARD:
                raise
            self._card.reconnect()
            self._card.begin()
        self.t0 = self._card.protocol == library.T0
        self.stage = Stage.OPEN

    def transmit(self, command: bytes) -> bytes:
        """Send a command and return the answer.

        Raises
        ------
        PcscFault
        """
        assert self._card is not None
        return self._card.transmit(command)

    def close(self, reset: bool) -> None:
        """Let the card go, as far as it was held; never raises.

        Parameters
        ----------
        reset
            True if the card must forget that a PIN was given.
        """
        # The card or the service may have gone by now, which ends all there is to end.
        with contextlib.suppress(PcscFault):
            if self._card is not None:
                self._card.disconnect(library.RESET if reset else library.LEAVE)
        with contextlib.suppress(PcscFault):
            if self._context is not None:
                self._context.release()
        self._card = self._context = None


def _is_contactless(atr: bytes) -> bool:
    """Return whether it is the ATR that readers make up for contactless cards (PC/SC Part 3, 3.1.3.2.3)."""
    return len(atr) >= 4 and atr[0] == 0x3B and atr[1] & 0xF0 == 0x80 and atr[2:4] == b"\x80\x01"
