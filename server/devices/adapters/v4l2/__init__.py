"""USB and other kernel-driven cameras, through Linux' own V4L2 interface."""

from server.devices.adapters.v4l2.finder import V4l2Finder
from server.devices.adapters.v4l2.permissions import node_access

__all__ = ["V4l2Finder", "node_access"]
