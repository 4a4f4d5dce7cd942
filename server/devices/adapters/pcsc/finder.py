"""The readers that PC/SC lists."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence

from server.devices.adapters.pcsc import faults, library, service
from server.devices.adapters.pcsc.connection import SerialExecutor
from server.devices.adapters.pcsc.library import Establish
from server.devices.adapters.pcsc.monitor import CLOSE_SECONDS, Monitor
from server.devices.adapters.pcsc.reader import PcscReader
from server.devices.ports.card_reader import CardKind, CardReaderInfo
from server.errors import GaopaiError

log = logging.getLogger(__name__)

KINDS = frozenset((CardKind.SOCIAL, CardKind.BANK))
FIND_SECONDS = 5.0
ANSWER_SECONDS = 10.0
SLOT = re.compile(r" [0-9A-F]{2} [0-9A-F]{2}$")
"""The numbers that pcsc-lite gives to a reader and its slot."""


class PcscReaderFinder:
    """See `server.devices.ports.card_reader.CardReaderFinder`.

    Parameters
    ----------
    answer_seconds
        A card that answers a command no sooner hangs.
    with_module
        Readers whose name holds one of these have a module for resident ID cards inside.
    """

    def __init__(
        self,
        answer_seconds: float = ANSWER_SECONDS,
        establish: Establish = library.establish,
        with_module: Sequence[str] = (),
    ) -> None:
        self._seconds = answer_seconds
        self._with_module = with_module
        self._establish = establish
        self._monitor = Monitor(establish)
        self._readers: dict[str, PcscReader] = {}

    def missing(self) -> GaopaiError | None:
        snapshot = self._monitor.snapshot
        obstacle = snapshot.obstacle if snapshot.attempts else service.absent()
        return faults.unusable(obstacle) if obstacle else None

    async def find(self) -> Sequence[PcscReader]:
        try:
            async with asyncio.timeout(FIND_SECONDS):
                states = (await self._monitor.ask()).states
        except TimeoutError:
            log.warning("PC/SC did not list its readers in %g s", FIND_SECONDS)
            states = {}
        for name in self._readers.keys() - states.keys():
            del self._readers[name]
        # One object for each as long as it stays: a thread may still hang in its card.
        return [self._readers.get(name) or self._add(name) for name in states]

    def change_fd(self) -> int | None:
        self._monitor.start()
        return self._monitor.fileno()

    def acknowledge_change(self) -> bool:
        return self._monitor.acknowledge()

    async def close(self) -> None:
        try:
            await SerialExecutor("closing of smart cards").call(self._monitor.end, 2 * CLOSE_SECONDS)
        except TimeoutError:
            log.warning("PC/SC did not let go in %g s", 2 * CLOSE_SECONDS)

    def _add(self, name: str) -> PcscReader:
        has_module = any(part in name for part in self._with_module)
        kinds = KINDS | {CardKind.RESIDENT} if has_module else KINDS
        info = CardReaderInfo(f"pcsc:{name}", self._shown(name), kinds)
        reader = PcscReader(name, info, self._monitor, self._establish, self._seconds)
        self._readers[name] = reader
        return reader

    def _shown(self, name: str) -> str:
        """Return its name for people: without numbers, unless another is called the same."""
        shown = SLOT.sub("", name)
        taken = {reader.info.name for reader in self._readers.values()}
        numbered = (f"{shown} ({number})" for number in range(2, len(taken) + 3))
        return next(each for each in (shown, *numbered) if each not in taken)
