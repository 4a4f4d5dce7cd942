"""Access to video nodes: permissions, and the program that holds one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from server.devices.access import Account, DeviceKind, Explanation, NodeAccess, try_node
from server.devices.adapters.v4l2.kernel import Kernel, LinuxKernel
from server.errors import LocalizedText

UNKNOWN = LocalizedText("另一个程序", "another program")


def holder(path: str, root: Path = Path("/")) -> LocalizedText:
    """The name of another program that has `path` open, or `UNKNOWN`.

    Other accounts' descriptors are visible to root only, so not to know is usual.
    """
    wanted = os.path.realpath(path)
    for process in (root / "proc").glob("[0-9]*"):
        if int(process.name) != os.getpid() and wanted in _open_files(process):
            return _name(process)
    return UNKNOWN


def _open_files(process: Path) -> Iterator[str]:
    try:
        entries = list((process / "fd").iterdir())
    except OSError:
        return  # ended meanwhile, or not ours to look into
    for entry in entries:
        with contextlib.suppress(OSError):  # closed meanwhile, as a program's that is just starting
            yield str(entry.readlink())


def _name(process: Path) -> LocalizedText:
    try:
        name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return UNKNOWN
    name = name.replace("{", "{{").replace("}", "}}")  # a Text is a template
    return LocalizedText(f"程序 {name} ", name)


def node_access(
    root: Path = Path("/"), kernel: Kernel | None = None, account: Account | None = None
) -> Sequence[NodeAccess]:
    """Try to open every ``/dev/video*`` and say how it went."""
    nodes = sorted((root / "dev").glob("video[0-9]*"), key=lambda node: (len(node.name), node.name))
    through = kernel or LinuxKernel()
    account = account or Account()
    return tuple(
        try_node(node, lambda path: through.close(through.open(path)), _CAMERA, account) for node in nodes
    )


def _no_group(node: Path, _: Account) -> Explanation:
    return (
        LocalizedText("没有用户组可以读写该设备", "no group may read and write it"),
        LocalizedText(
            f"请执行 sudo chgrp video {node} && sudo chmod 660 {node}，并检查 udev 规则",
            f"run: sudo chgrp video {node} && sudo chmod 660 {node}, and check the udev rules",
        ),
    )


_CAMERA = DeviceKind(LocalizedText("摄像头", "the camera"), _no_group)
