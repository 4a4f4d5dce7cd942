"""USB and other kernel-driven cameras, through Linux' own V4L2 interface."""

from __future__ import annotations

from collections.abc import Sequence

from server.config import Section
from server.devices.adapters.v4l2.finder import V4l2Finder, node_access
from server.devices.ports.camera import CameraAdapter, CameraFinder

__all__ = ["ADAPTER", "V4l2CameraOptions", "V4l2Finder", "node_access"]


class V4l2CameraOptions(Section, frozen=True):
    """A device node that is not found by itself."""

    path: str
    name: str = ""


def _finders(tables: Sequence[V4l2CameraOptions], demo: bool) -> Sequence[CameraFinder]:
    # Cameras that are plugged in need no table.
    return [V4l2Finder(paths={table.path: table.name for table in tables})]


ADAPTER = CameraAdapter("v4l2", V4l2CameraOptions, _finders)
