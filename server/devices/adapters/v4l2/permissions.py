"""Whether this process may open each video node, and what to do where it may not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from server.devices.access import Account, DeviceKind, Explanation, NodeAccess, try_node
from server.devices.adapters.v4l2.kernel import Kernel, LinuxKernel
from server.errors import LocalizedText


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
