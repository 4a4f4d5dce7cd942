"""The smart card service of this machine: its presence, and a remedy where it is absent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from importlib.util import find_spec
from pathlib import Path

from server.devices.access import Account, Explanation, NodeAccess
from server.devices.adapters.pcsc import faults, library
from server.devices.adapters.pcsc.connection import SerialExecutor
from server.devices.adapters.pcsc.faults import PcscFault
from server.devices.adapters.pcsc.library import Establish, Missing
from server.errors import LocalizedText

SOCKET = Path("/run/pcscd/pcscd.comm")
PROBE_SECONDS = 5.0


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
        f'subject.user == "{account.name}") return polkit.Result.YES; }});'
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
