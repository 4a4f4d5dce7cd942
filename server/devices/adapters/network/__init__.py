"""Cameras reached over the network: Motion-JPEG or snapshots over HTTP, and RTSP."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from server.config import Section
from server.devices.adapters.network.camera import NetworkCameraFinder
from server.devices.adapters.network.entry import NetworkCamera
from server.devices.ports.camera import CameraAdapter, CameraFinder

__all__ = ["ADAPTER", "NetworkCamera", "NetworkCameraFinder", "NetworkCameraOptions"]


class NetworkCameraOptions(Section, frozen=True):
    """A camera that serves MJPEG over HTTP, single JPEGs, or RTSP."""

    url: str
    name: str = ""


def _finders(tables: Sequence[NetworkCameraOptions], demo: bool) -> Sequence[CameraFinder]:
    cameras = [
        NetworkCamera(table.name or urlsplit(table.url).hostname or "network camera", table.url)
        for table in tables
    ]
    return [NetworkCameraFinder(cameras)] if cameras else []


ADAPTER = CameraAdapter("network", NetworkCameraOptions, _finders)
