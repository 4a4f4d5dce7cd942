"""USB and other kernel-driven cameras, through Linux' own V4L2 interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from server.config import Doc, Section
from server.devices.adapters.v4l2.finder import V4l2Finder, node_access
from server.devices.ports.camera import CameraAdapter, CameraFinder

__all__ = ["ADAPTER", "V4l2CameraOptions", "V4l2Finder", "node_access"]


class V4l2CameraOptions(Section, frozen=True):
    """A device node that is not found by itself."""

    path: Annotated[
        str,
        Doc(
            "名称不是 `/dev/video*` 的视频节点，或指向节点的链接。",
            "A video node, or a link to one, that is not named `/dev/video*`.",
        ),
    ]
    name: Annotated[
        str,
        Doc(
            "网页显示的名称；没有时为设备自己的名称。",
            "What pages show; without it the device's own name.",
        ),
    ] = ""


def _finders(tables: Sequence[V4l2CameraOptions], demo: bool) -> Sequence[CameraFinder]:
    # Cameras that are plugged in need no table.
    return [V4l2Finder(paths={table.path: table.name for table in tables})]


ADAPTER = CameraAdapter("v4l2", V4l2CameraOptions, _finders)
