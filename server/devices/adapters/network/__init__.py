"""Cameras reached over the network: Motion-JPEG or snapshots over HTTP, and RTSP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

from server.config import Doc, Section
from server.devices.adapters.network.camera import NetworkCameraFinder
from server.devices.adapters.network.entry import NetworkCamera
from server.devices.ports.camera import CameraAdapter, CameraFinder

__all__ = ["ADAPTER", "NetworkCamera", "NetworkCameraFinder", "NetworkCameraOptions"]


class NetworkCameraOptions(Section, frozen=True):
    """A camera that serves MJPEG over HTTP, single JPEGs, or RTSP."""

    url: Annotated[
        str,
        Doc(
            "`http`、`https`、`rtsp` 或 `rtsps` 地址；可以包含用户名和密码。",
            "`http`, `https`, `rtsp` or `rtsps`; may hold a user name and password.",
        ),
    ]
    name: Annotated[
        str,
        Doc(
            "网页显示的名称。请填写，否则列表中名称为空。",
            "What pages show. Give one: without it the list shows an empty name.",
        ),
    ] = ""


def _finders(tables: Sequence[NetworkCameraOptions], demo: bool) -> Sequence[CameraFinder]:
    cameras = [
        NetworkCamera(table.name or urlsplit(table.url).hostname or "network camera", table.url)
        for table in tables
    ]
    return [NetworkCameraFinder(cameras)] if cameras else []


ADAPTER = CameraAdapter("network", NetworkCameraOptions, _finders)
