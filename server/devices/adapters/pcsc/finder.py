"""The readers that PC/SC lists."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from importlib.util import find_spec
from pathlib import Path

from server.devices.access import Account, Explanation, NodeAccess
from server.devices.adapters.pcsc import faults, library
from server.devices.adapters.pcsc.connection import SerialExecutor
from server.devices.adapters.pcsc.faults import PcscFault
from server.devices.adapters.pcsc.library import Establish, Missing
from server.devices.adapters.pcsc.monitor import CLOSE_SECONDS, Monitor
from server.devices.adapters.pcsc.reader import PcscReader
from server.devices.ports.card_reader import CardKind, CardReaderInfo
from server.errors import GaopaiError, LocalizedText

log = logging.getLogger(__name__)

KINDS = frozenset((CardKind.SOCIAL, CardKind.BANK))
"""Kinds of card that every reader of PC/SC can read."""
FIND_SECONDS = 5.0
"""Seconds that the service has to list its readers."""
ANSWER_SECONDS = 10.0
"""Seconds after which a card that has not answered a command counts as hanging."""
SLOT = re.compile(r" [0-9A-F]{2} [0-9A-F]{2}$")
"""Pattern of the numbers that pcsc-lite gives to a reader and its slot, at the end of a reader's name."""


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
        obstacle = snapshot.obstacle if snapshot.attempts else absent()
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
        return self._monitor.changes.fileno()

    def acknowledge_change(self) -> bool:
        return self._monitor.changes.changed()

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


SOCKET = Path("/run/pcscd/pcscd.comm")
"""Socket at which the service listens, unless a variable names another."""
PROBE_SECONDS = 5.0
"""Seconds after which a service that has not listed its readers counts as hanging."""


def socket_path() -> Path:
    """Return the path at which the service listens; libpcsclite looks at the same variable."""
    return Path(os.environ.get("PCSCLITE_CSOCK_NAME") or SOCKET)


def absent() -> str:
    """Return a plain obstacle, without asking the service: one of `faults`, or empty."""
    if find_spec("smartcard") is None:
        return faults.PYSCARD
    # pathlib raises for a folder that this account may not read.
    return "" if os.path.exists(socket_path()) else faults.STOPPED  # noqa: PTH110


def access(establish: Establish = library.establish, account: Account | None = None) -> NodeAccess:
    """Ask the service for its readers and say how it went. Blocks, at most `PROBE_SECONDS`."""
    try:
        count = SerialExecutor("search for smart cards").post(lambda: _count(establish)).result(PROBE_SECONDS)
    except FutureTimeout:
        reason, remedy = _HANGS
    except Missing as missing:
        reason, remedy = _EXPLAIN[missing.obstacle](account or Account())
    except PcscFault as fault:
        reason, remedy = _EXPLAIN[faults.obstacle(fault)](account or Account())
    else:
        return NodeAccess(
            "pcscd",
            True,
            LocalizedText(f"列出 {count} 个读卡器", f"lists {count} readers"),
            LocalizedText("", ""),
        )
    return NodeAccess("pcscd", False, reason, remedy)


def _count(establish: Establish) -> int:
    context = establish()
    try:
        return len(context.readers())
    finally:
        context.release()


def _stopped(_: Account) -> Explanation:
    if shutil.which("pcscd") or shutil.which("pcscd", path="/usr/sbin"):
        command = "sudo systemctl enable --now pcscd.socket"
    else:
        command = "sudo apt install pcscd libccid"
    return (
        LocalizedText("智能卡服务 pcscd 没有运行", "the smart card service pcscd is not running"),
        LocalizedText(f"请执行 {command}", f"run: {command}"),
    )


def _denied(account: Account) -> Explanation:
    """Debian lets in whoever sits at the machine; a service of the system does not."""
    rule = (
        'polkit.addRule(function(action, subject) { if (action.id.indexOf("org.debian.pcsc-lite.") == 0 && '
        f"subject.user == {json.dumps(account.name)}) return polkit.Result.YES; }});"
    )
    file = "/etc/polkit-1/rules.d/50-gaopai.rules"
    return (
        LocalizedText(
            f"polkit 不允许 {account.name} 使用读卡器", f"polkit does not let {account.name} use card readers"
        ),
        LocalizedText(f"请把这一行写入 {file}：{rule}", f"write this line to {file}: {rule}"),
    )


_HANGS = (
    LocalizedText("智能卡服务 pcscd 没有应答", "the smart card service pcscd does not answer"),
    LocalizedText("请执行 sudo systemctl restart pcscd", "run: sudo systemctl restart pcscd"),
)
_EXPLAIN: dict[str, Callable[[Account], Explanation]] = {
    faults.PYSCARD: lambda _: (
        LocalizedText("缺少 pyscard", "pyscard is not installed"),
        LocalizedText(
            "请执行 sudo apt install libpcsclite-dev swig && pip install pyscard",
            "run: sudo apt install libpcsclite-dev swig && pip install pyscard",
        ),
    ),
    faults.LIBRARY: lambda _: (
        LocalizedText("缺少 libpcsclite", "libpcsclite is not installed"),
        LocalizedText("请执行 sudo apt install libpcsclite1", "run: sudo apt install libpcsclite1"),
    ),
    faults.STOPPED: _stopped,
    faults.DENIED: _denied,
}
"""Functions that explain why PC/SC cannot be used, by the obstacle."""
